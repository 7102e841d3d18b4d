"""PubMed's own format (.nbib), as PubMed and PubMed Central save citations."""

import re
from collections.abc import Iterator

from subscriptions.bibliographies.entries import Entry
from subscriptions.bibliographies.fields import Fields
from subscriptions.bibliographies.formats import tagged
from subscriptions.bibliographies.formats.tagged import Dialect
from subscriptions.bibliographies.reading import Unreadable

NAME = "PubMed's .nbib"
_BEGINNING = re.compile(r"^PMID[ \t]*+-", re.MULTILINE)
_TAGS = re.compile(r"^(?P<tag>[A-Z]{2,4})[ \t]*+-(?:[ \t]++|$)", re.MULTILINE)
NAMES = {
    "TI": "title",
    "BTI": "booktitle",
    "JT": "journal",
    "TA": "journal",
    "VI": "volume",
    "IP": "number",
    "PG": "pages",
    "LID": "identifier",
    "AID": "identifier",
    "GN": "note",
    "AB": "abstract",
    "OT": "keywords",
    "DP": "year",
    "FAU": "fullauthor",
    "AU": "author",
}


def _refined(fields: dict[str, list[str]]) -> Fields:
    """Sort the identifiers, which have their kind behind them; a publisher's own counts for arXiv's journal alone."""
    identifiers = fields.pop("identifier", [])
    dois = [identifier.removesuffix("[doi]") for identifier in identifiers if identifier.endswith("[doi]")]
    is_arxiv = any("arxiv" in name.lower() for name in fields.get("journal", ()))
    others = [identifier for identifier in identifiers if not identifier.endswith("[doi]")]
    return fields | {"doi": dois, "eprint" if is_arxiv else "accession": others}


DIALECT = Dialect(_TAGS, NAMES, authors=("fullauthor", "author"), refined=_refined)


def begun(text: str) -> Iterator[re.Match[str]]:
    """Find where records begin."""
    return _BEGINNING.finditer(text)


def read(text: str) -> Iterator[Entry | Unreadable]:
    """Yield the records in the file's order."""
    return tagged.read(text, (beginning.start() for beginning in begun(text)), DIALECT)
