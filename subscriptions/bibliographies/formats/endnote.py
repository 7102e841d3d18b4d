"""EndNote's tagged format (.enw), and refer, from which it comes and which knows no types."""

import re
from collections.abc import Iterator

from subscriptions.bibliographies.entries import Entry
from subscriptions.bibliographies.formats import tagged
from subscriptions.bibliographies.formats.tagged import Dialect
from subscriptions.bibliographies.reading import Unreadable

NAME = "EndNote's .enw"
_TYPED = re.compile(r"^[ \t]*+%0[ \t]", re.MULTILINE)
_UNTYPED = re.compile(r"(?:\A|(?<=\n\n))[ \t]*+%[A-Z][ \t]++\S")
_TITLE = re.compile(r"^[ \t]*+%T[ \t]", re.MULTILINE)
_TAGS = re.compile(r"^[ \t]*+%(?P<tag>[A-Z0-9@!#$&(+>?*~^=\[])(?:[ \t]++|$)", re.MULTILINE)
NAMES = {
    "T": "title",
    "A": "author",
    "J": "journal",
    "B": "booktitle",
    "R": "doi",
    "U": "url",
    ">": "link",
    "M": "accession",
    "V": "volume",
    "N": "number",
    "P": "pages",
    "Z": "note",
    "X": "abstract",
    "K": "keywords",
    "D": "year",
    "I": "publisher",
}
DIALECT = Dialect(_TAGS, NAMES, authors=("author",), separators=("0",))


def begun(text: str) -> Iterator[re.Match[str]]:
    """Find where records begin: at their type, or behind an empty line where none has a type."""
    if not _TITLE.search(text):
        return iter(())
    return (_TYPED if _TYPED.search(text) else _UNTYPED).finditer(text)


def read(text: str) -> Iterator[Entry | Unreadable]:
    """Yield the records in the file's order."""
    return tagged.read(text, (beginning.start() for beginning in begun(text)), DIALECT)
