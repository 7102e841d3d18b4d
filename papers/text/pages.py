"""How long a paper is, as its authors say in the comment that arXiv shows: '9 pages main text, 24 pages appendix'."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST_COMMENT = 2_000  # characters that are looked at
MOST = 1_500  # pages

# Between a number and the word "pages": '10 main body pages', '12 two-column pages'.
_BETWEEN = "a4|additional|appendi[xc]\\w*|body|columns?|content|double|extra|full|journal|main|manuscript|one|paper"
_BETWEEN += "|printed|references?|single|spaced|suppl\\w*|technical|text|total|two"
_MENTION = re.compile(
    r"(?<![\w+/])(?<!\d[.,–-])\[?(?P<number>\d{1,4}(?:\s*\+\s*\d{1,4})*)\]?[\s~-]*"
    rf"(?P<between>(?:(?:{_BETWEEN})[\s-]+){{0,3}})(?:pages?|pp\b\.?|(?<=\s)p\b\.?|pgs?\b)(?![\w/])",
    re.I,
)
_RANGE = re.compile(r"(?:\bpages?|\bpp?\.?)\s*:?\s*(?P<first>\d{1,5})\s*[-–—]+\s*(?P<last>\d{1,5})", re.I)
_TOTAL = re.compile(r"\b(?:total|overall|altogether|in all|includ\w*|incl)", re.I)
_WITH = re.compile(r"\bwith (?:\w+ )?(?:append|suppl|ref)", re.I)
_TOTAL_BEFORE = re.compile(r"\btotal\W*(?:(?:of|length|page count)\W*)*$", re.I)
_MAIN = re.compile(r"\b(?:main|body|content|text|core|manuscript|article)", re.I)
_BESIDE = re.compile(r"\b(?:append|suppl|ref|biblio|extra|additional|SI\b|SM\b|proofs?|plus)|\+", re.I)
_WITHIN = re.compile(r"\b(?:includ\w*|incl\.?|of which|where|containing)\W*(?:\w+\W+){0,2}$", re.I)
_BREAK = re.compile(r"[,;.()|]")


@dataclass(frozen=True, slots=True)
class _Mention:
    pages: int
    is_total: bool
    is_main: bool
    is_beside: bool

    @property
    def is_part(self) -> bool:
        return self.is_main or self.is_beside


def pages(comment: str) -> int | None:
    """Return how many pages a paper has by its comment, appendix included as far as that is told; None if unknown."""
    text = comment[:LONGEST_COMMENT]
    mentions = list(_mentions(text))
    found = _together(mentions) if mentions else _of_range(text)
    return found if found and found <= MOST else None


def _mentions(text: str) -> Iterator[_Mention]:
    """Yield the numbers of pages in their order, each with what is said of it between its neighbours."""
    found = list(_MENTION.finditer(text))
    ends = [0, *(match.end() for match in found)]
    starts = [*(match.start() for match in found[1:]), len(text)]
    for match, end_before, start_after in zip(found, ends, starts, strict=False):
        before = _BREAK.split(text[end_before : match.start()].rstrip(" (["))[-1]
        if match is found[0] or not _WITHIN.search(before):
            yield _mention(match, before, text[match.end() : start_after].lstrip(" (["))


def _mention(match: re.Match[str], before: str, behind: str) -> _Mention:
    after, *others = _BREAK.split(behind)
    about = f"{match['between']} {after}"
    # Where nothing parts it from the next number, "with appendix" speaks of that one.
    is_total = _TOTAL.search(about) or (
        _WITH.search(about) and (others or match.end() + len(behind) >= len(match.string))
    )
    return _Mention(
        sum(map(int, re.findall(r"\d+", match["number"]))),
        bool(is_total or _TOTAL_BEFORE.search(before)),
        bool(_MAIN.search(f"{before} {about}")),
        bool(_BESIDE.search(f"{before} {about}")),
    )


def _together(mentions: Sequence[_Mention]) -> int:
    """Return the pages of all parts; a number that counts the whole stands for itself."""
    counts = [mention.pages for mention in mentions]
    if totals := [mention.pages for mention in mentions if mention.is_total]:
        return max(totals)
    parts = sum(mention.pages for mention in mentions if mention.is_part)
    wholes = [mention.pages for mention in mentions if not mention.is_part]
    is_divided = len(counts) > 2 or any(mention.is_main for mention in mentions[1:])
    if is_divided and not mentions[0].is_part and counts[0] == sum(counts[1:]):
        return counts[0]
    if any(mention.is_main for mention in mentions):
        return max([parts, *wholes])
    return max(wholes, default=0) + parts


def _of_range(text: str) -> int | None:
    """Return the pages of 'pp. 12-20'."""
    match = _RANGE.search(text)
    return int(match["last"]) - int(match["first"]) + 1 if match and int(match["first"]) <= int(match["last"]) else None
