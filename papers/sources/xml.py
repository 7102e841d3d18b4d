"""XML as sources serve it: read whole, and refused where it could exhaust or read this machine."""

from xml.etree.ElementTree import Element, ParseError

import defusedxml
from defusedxml import ElementTree

from papers.fetching.errors import SourceError


def read(source: str, data: bytes, changed: str) -> Element:
    """Return the root element; raise SourceError, with the remedy changed where it is no XML.

    No source needs a DTD, and entities in one are what nested expansion and the reading of files are made of.
    """
    try:
        root: Element = ElementTree.fromstring(data, forbid_dtd=True)
    except defusedxml.DefusedXmlException as error:
        raise SourceError(source, f"the answer is refused ({type(error).__name__})", "Check its address.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise SourceError(source, f"what was served is not XML ({str(error)[:100]})", changed) from error
    return root
