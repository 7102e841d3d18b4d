"""Where a paper was published, by the line that its authors gave arXiv: taken apart where that is sure, else whole."""

import re
from dataclasses import dataclass

LONGEST = 300  # characters that are looked at
_PROCEEDINGS = re.compile(
    r"\b(?:proc(?:eedings|s|\.)|conf(?:erence|\.)(?!\s?ser)|workshops?|symposium|advances in neural)", re.I
)
_YEAR = re.compile(r"(?<![\d.–-])(?:19|20)\d{2}(?![\d–-])(?!\.\d)")
# Phys. Rev. D 76, 013009 (2007); Nature 600 (2021) 70-74; J. Foo, Vol. 12, No. 3, pp. 45–67, 2020
_VOLUME = r"(?:vol(?:ume|\.)?\s*)?(?P<volume>[A-Z]?\d{1,4})"
_ISSUE = r"(?:\s?\((?P<issue>\d{1,3})\)|,?\s(?:no\.?|issue|n°)\s*(?P<number>\d{1,3}))?"
_BRACKETED = r"(?:\s?\((?P<year>(?:19|20)\d{2})\))?"
_PAGES = r"(?:[,:]?\s?(?:pp?\.\s*|id\.\s*)?(?P<pages>[A-Z]?\d{1,7}(?:\s?[-–]{1,2}\s?[A-Z]?\d{1,7})?))?"
_REST = r"[,.]?\s?(?:\(?(?P<last>(?:19|20)\d{2})\)?)?\.?"
_SURE = re.compile(
    rf"(?P<journal>[^\W\d][^\d(),;:]{{1,100}}?)(?:,\s?|\s){_VOLUME}{_ISSUE}{_BRACKETED}{_PAGES}{_REST}", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Journal:
    """Where and when; name is the whole line where it cannot be taken apart for sure."""

    name: str
    volume: str = ""
    issue: str = ""
    pages: str = ""
    year: str = ""
    is_proceedings: bool = False


def journal(reference: str) -> Journal | None:
    """Return what a journal reference says; None where there is none."""
    line = " ".join(reference[:LONGEST].split())
    if not line:
        return None
    years = set(_YEAR.findall(line))
    year = years.pop() if len(years) == 1 else ""
    if _PROCEEDINGS.search(line):
        return Journal(line, year=year, is_proceedings=True)
    parts = _SURE.fullmatch(line)
    if parts is None or not (said := parts["year"] or parts["last"]):
        return Journal(line, year=year)
    issue = parts["issue"] or parts["number"] or ""
    pages = re.sub(r"\s?[-–]+\s?", "–", parts["pages"] or "")
    return Journal(parts["journal"].strip(" ,"), parts["volume"], issue, pages, said)
