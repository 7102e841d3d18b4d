"""XML as sources serve it: read whole, and refused where it could exhaust or read this machine."""

import re
from collections.abc import Iterator
from html.entities import html5
from xml.etree.ElementTree import Element, ParseError

import defusedxml
from defusedxml import ElementTree

from papers.fetching.errors import SourceError

UNDEFINED_ENTITY = 11  # as expat numbers its errors
NAMED_SIGN = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
OF_XML = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
BLOCKS = frozenset({"p", "br", "div", "li", "tr", "td"})


def read(source: str, data: bytes, changed: str) -> Element:
    """Return the root element; raise SourceError, with the remedy changed where it is no XML.

    No source needs a DTD, and entities in one are what nested expansion and the reading of files are made of. Without
    one XML knows five names of signs; those of HTML, such as &nbsp;, are read all the same.
    """
    try:
        root: Element = _parsed(data)
    except defusedxml.DefusedXmlException as error:
        raise SourceError(source, f"the answer is refused ({type(error).__name__})", "Check its address.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise SourceError(source, f"what was served is not XML ({str(error)[:100]})", changed) from error
    return root


def _parsed(data: bytes) -> Element:
    try:
        return _tree(data)
    except ParseError as error:
        if error.code != UNDEFINED_ENTITY:
            raise
    return _tree(NAMED_SIGN.sub(_as_number, data))


def _tree(data: bytes) -> Element:
    root: Element = ElementTree.fromstring(data, forbid_dtd=True)
    return root


def _as_number(sign: re.Match[bytes]) -> bytes:
    """Return the sign by the number of its character, where HTML has one of that name, else as it is."""
    letters = html5.get(sign[1].decode() + ";", "") if sign[1] not in OF_XML else ""
    return "".join(f"&#{ord(letter)};" for letter in letters).encode() or sign[0]


def text_of(element: Element | None) -> str:
    """Return all text in an element, that of the elements within it included; '' for None.

    What is set as a block stands apart: <p>One</p><p>Two</p> is 'One Two'.
    """
    return "".join(_pieces(element)) if element is not None else ""


def text_at(parent: Element, path: str) -> str:
    """Return the text of the first element at path within parent; '' where there is none."""
    return text_of(parent.find(path))


def _pieces(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        apart = " " if str(child.tag).rpartition("}")[2].lower() in BLOCKS else ""
        yield apart
        # Comments and processing instructions are no text.
        yield from _pieces(child) if isinstance(child.tag, str) else ()
        yield apart
        yield child.tail or ""
