"""RIS, as reference managers and publishers export it, and as people and programs have bent it since."""

import re
from collections.abc import Iterator

from subscriptions.bibliographies.entries import Entry
from subscriptions.bibliographies.formats import tagged
from subscriptions.bibliographies.formats.tagged import Dialect
from subscriptions.bibliographies.reading import Unreadable

NAME = "RIS"
KNOWN = (
    "A[1-4]|AB|AD|AN|AU|AV|BT|C[1-8]|CA|CN|CP|CT|CY|DA|DB|DI|DO|DP|ED|EP|ER|ET|ID|IS|J[12AFO]|KW|L[1-4ABK]|M[1-3]|N[12V]|"
    "OP|P[BPY]|R[INP]|S[ENPTV]|T[1-3AITY]|U[1-5R]|V[LO]|WT|Y[12]"
)
# The format says: tag, two blanks, dash, blank. With other blanks only a known tag is one, and in lower case only where
# the records begin so: a sentence may go on in a line of its own.
_DASH = r"(?:[ \t]++[-–—]|[-–—](?=[ \t]|$))[ \t]*+"
_TAG = rf"^[ \t]*+(?P<tag>(?:{KNOWN})(?=[ \t–—-])|[A-Z][A-Z0-9](?=  -(?:[ \t]|$))){_DASH}"
_TAGS = re.compile(_TAG, re.MULTILINE)
_TAGS_OF_ANY_CASE = re.compile(_TAG, re.MULTILINE | re.IGNORECASE)
_BEGINNING = re.compile(rf"^[ \t]*+(?P<tag>TY){_DASH}", re.MULTILINE | re.IGNORECASE)
NAMES = {
    "TI": "title",
    "T1": "title",
    "DO": "doi",
    "DI": "doi",
    "UR": "url",
    **dict.fromkeys(("L1", "L2", "L3", "L4", "LK"), "link"),
    "AN": "accession",
    "ID": "accession",
    **dict.fromkeys(("JO", "JF", "JA", "J1", "J2", "T2", "T3"), "journal"),
    "N1": "note",
    "VL": "volume",
    "VO": "volume",
    "IS": "number",
    "SP": "pages",
    "EP": "endpage",
    "AB": "abstract",
    "N2": "abstract",
    "KW": "keywords",
    "AU": "author",
    "A1": "author",
    "PY": "year",
    "Y1": "year",
    "PB": "publisher",
}
_UPPER = Dialect(_TAGS, NAMES, authors=("author",), separators=("TY",))
_ANY_CASE = Dialect(_TAGS_OF_ANY_CASE, NAMES, authors=("author",), separators=("TY",))


def begun(text: str) -> Iterator[re.Match[str]]:
    """Find where records begin."""
    return _BEGINNING.finditer(text)


def read(text: str) -> Iterator[Entry | Unreadable]:
    """Yield the records in the file's order; one that lacks its last line ends where the next begins."""
    first = _BEGINNING.search(text)
    dialect = _UPPER if first and first["tag"].isupper() else _ANY_CASE
    return tagged.read(text, (beginning.start() for beginning in begun(text)), dialect, last="ER")
