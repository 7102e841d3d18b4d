"""Names of authors, one each, in the forms that BibTeX, biblatex and people write; TeX is turned into Unicode."""

import html
import re
from collections.abc import Iterable, Iterator

from papers.text.plain import to_unicode

LONGEST = 2_000  # characters of a name as written
TIE = re.compile(r"(?<!\\)~")
JOINT = re.compile(r"\s(?:and|\\?&)(?=\s)|;(?=\s)|[{}]|\\.", re.IGNORECASE)
OTHERS = re.compile(r"(?:\bet\.?\s?al\b|\band\s(?:\d{1,4}\s)?others\b|…|\.\.\.)[\s.]{0,3}\Z", re.IGNORECASE)
NOBODY = re.compile(r"(?:others|et\.?\s*al\.?|anonymous|no author|n\.?\s?a\.?|unknown|\W*)", re.IGNORECASE)
# biblatex's form: family=Ek, given=Bo, prefix=van der, suffix=Jr.
PART = re.compile(r"\b(family|given|prefix|suffix)(?:-i)?\s*=\s*(\"[^\"]*\"|\{[^{}]*\}|[^,{}\"]*)", re.IGNORECASE)


def separate(field: str) -> Iterator[str]:
    """Yield the names of BibTeX's author field as written; 'and' within braces belongs to a group's name.

    Some programs write '&' or ';' between names, and letters as entities.
    """
    text, depth, start = TIE.sub(" ", html.unescape(field) if "&" in field else field), 0, 0
    text = " ".join(text.split())
    for match in JOINT.finditer(text):
        if match[0] in "{}":
            depth = max(0, depth + (1 if match[0] == "{" else -1))
        elif depth == 0 and match[0][0] != "\\":
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]


def readable(names: Iterable[str]) -> Iterator[str]:
    """Yield each name as Unicode; a group's keeps its braces. What stands for further authors is none."""
    for name in names:
        text = OTHERS.sub("", _converted(name[:LONGEST])).rstrip(" ,;")
        if not NOBODY.fullmatch(text):
            yield text


def _converted(name: str) -> str:
    text = to_unicode(TIE.sub(" ", name).strip(" ,;"))
    parts = {key.lower(): value.strip(' "{}') for key, value in PART.findall(text)}
    if "family" in parts:
        text = _in_order(parts)
    is_literal = text.startswith("{") and text.find("}") == len(text) - 1 and "," not in text
    plain = " ".join(re.sub(r"[{}]", "", text).split())
    return f"{{{plain}}}" if is_literal else plain


def _in_order(parts: dict[str, str]) -> str:
    family = " ".join(filter(None, (parts.get("prefix"), parts["family"], parts.get("suffix"))))
    return ", ".join(filter(None, (family, parts.get("given"))))
