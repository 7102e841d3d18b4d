"""Where links stand in an entry, and which of the papers that are named in a note is not the entry's own."""

import re
from collections.abc import Iterator

from subscriptions.bibliographies.fields import Fields

LINKS = ("url", "ee", "link", "links", "urls", "pdf", "arxivurl", "adsurl", "biburl", "l1", "l2", "l3", "lk")
NUMBERED = re.compile(r"(?:bdsk-url-|url|link|file_attachments|link_to_)\w*")
# In front of an identifier, in the same sentence: it is that of another work.
OTHERS = re.compile(
    r"\b(?:comments? (?:on|to)|repl(?:y|ies) to|respon(?:se|ds?|ding) to|rejoinder to"
    r"|(?:corrigendum|erratum) (?:of|to)"
    r"|translat\w+|see also|cf|compare|cit(?:ed|es|ing)|supplement\w* (?:of|to)|companion|sequel|continu(?:ation of|es)"
    r"|based (?:up)?on|builds (?:up)?on|extends|generali[sz]es|follow-?up|review of|discussion of|superseded by)\b",
    re.IGNORECASE,
)
ABBREVIATION = re.compile(r"\b(cf|vol|no|p|pp)\.", re.IGNORECASE)
SENTENCE_END = re.compile(r"(?<![A-Z])[.;]\s|\n")
LOOKED_BACK = 200  # characters


def places_of_links(fields: Fields) -> Iterator[str]:
    """Yield the names of the fields that hold addresses, those that everybody uses first."""
    yield from LINKS
    yield from (name for name in fields if name not in LINKS and NUMBERED.fullmatch(name))


def names_another_work(text: str, position: int) -> bool:
    """Tell whether the identifier at this place is said to be that of a work which this one is about; False for -1."""
    before = ABBREVIATION.sub(r"\1", text[max(0, position - LOOKED_BACK) : max(0, position)])
    return OTHERS.search(SENTENCE_END.split(before)[-1]) is not None
