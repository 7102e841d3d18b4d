"""Numbers and lists put into the words that pages and mails show."""

import math
import re
from collections.abc import Sequence

from papers.text.directions import apart, steady
from papers.text.people import is_group
from papers.text.plain import to_unicode

FIELD_LABELS = {
    "cs": "Computer science",
    "econ": "Economics",
    "eess": "Electrical engineering and systems",
    "math": "Mathematics",
    "physics": "Physics",
    "q-bio": "Quantitative biology",
    "q-fin": "Quantitative finance",
    "stat": "Statistics",
}


def field_label(field: str) -> str:
    """Return a field's name for people, or the field itself if it is none of arXiv's."""
    return FIELD_LABELS.get(field, field)


def plain(text: str) -> str:
    """Turn a text as served, such as a comment, into plain Unicode. Titles, abstracts and authors are stored so."""
    return to_unicode(text)


# A host name with a dot, no user before it and no port behind it, in the characters that an address is written with: no
# blanks, no control or direction characters, and no letters that only look like others.
LINK = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}(?::443)?(?:[/?#][!-~]{0,2000})?", re.I
)


def web_url(text: str) -> str:
    """Return a link as sources give it, or made from an owner/name on GitHub; '' for whatever is not plain https.

    http becomes https, as in browsers by now.
    """
    if re.fullmatch(r"[\w.-]+/[\w.-]+", text, re.ASCII):
        return f"https://github.com/{text}"
    url = re.sub(r"\Ahttp://", "https://", text, count=1, flags=re.IGNORECASE)
    return url if LINK.fullmatch(url) and not set(url) & set('"<>\\^`{|}') else ""


def excerpt(text: str, limit: int = 280) -> str:
    """Return the beginning of a text in at most limit characters, on one line."""
    return shortened(" ".join(text.split()), limit)


def shortened(text: str, length: int) -> str:
    """Return at most length characters; a cut is between words if possible, with an ellipsis; marks stay balanced."""
    if len(text) <= length:
        return steady(text)
    head = text[: length - 1]
    cut = head.rfind(" ")
    return steady((head[:cut] if cut > length // 2 else head).rstrip(",;:–—- ")) + "…"


def names(authors: Sequence[str], shown: int = 3) -> str:
    """Return 'A, B, C … Z, et al.': the first few authors and the last, who is often the one a reader knows."""
    if len(authors) <= shown + 1:
        return ", ".join([apart(author) for author in authors])
    return f"{', '.join([apart(author) for author in authors[:shown]])} … {apart(authors[-1])}, et al."


def followable(authors: Sequence[str], shown: int = 3) -> list[str]:
    """Return the first few authors and the last, as names() does; groups and long lists stay as short as others."""
    people = [author for author in authors if not is_group(author)]
    return people if len(people) <= shown + 1 else [*people[:shown], people[-1]]


def short_count(number: int) -> str:
    """Write 987 as '987', 1234 as '1.2k', 12345 as '12k' and 1234567 as '1.2M'."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= size * 0.9995:
            scaled = number / size
            return f"{scaled:.1f}".removesuffix(".0") + letter if scaled < 9.95 else f"{scaled:.0f}{letter}"
    return str(number)


def grouped(number: int) -> str:
    """Write 20000 as '20,000'."""
    return f"{number:,}"


def trend_words(trend: float | None, field: str = "") -> str:
    """Describe a percentile in [0, 1] as a rank from the top of the field; None is called unknown, never low."""
    if trend is None:
        return "attention unknown"
    if trend < 0.5:
        return f"in the lower half of {field_in_words(field)}, last 14 days"
    return f"{top_words(trend, field)}, last 14 days"


def top_words(trend: float, field: str = "") -> str:
    """Describe a percentile in [0, 1] as a rank from the top of the field."""
    rank = max(1, math.ceil(round((1 - trend) * 100, 6)))
    return f"top {rank} % of {field_in_words(field)}"


def field_in_words(field: str) -> str:
    """Name a field within a sentence; a paper of unknown field is compared with all of them."""
    return FIELD_LABELS[field].lower() if field in FIELD_LABELS else field or "all fields"


def percent(share: float) -> int:
    """Return a share in [0, 1] as a whole percentage, rounded down: what is above 99.7 % of others is not above all."""
    return int(100 * share)


def signed(number: float, decimals: int = 0) -> str:
    """Write 12 as '+12', −3 as '−3' and 0 as '+0'."""
    return f"{number:+.{decimals}f}".replace("-", "−")
