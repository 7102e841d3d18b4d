"""Numbers and lists put into the words that pages and mails show."""

import math
import re
from collections.abc import Sequence

from papers.text import to_unicode

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
    return FIELD_LABELS.get(field, field)


def plain(text: str) -> str:
    """A text as served, such as a comment, for people to read. A paper's title, abstract and authors are stored so."""
    return to_unicode(text)


def web_url(text: str) -> str:
    """A link as sources give it, or an owner/name on GitHub; '' for whatever is not plain http."""
    if re.fullmatch(r"[\w.-]+/[\w.-]+", text):
        return f"https://github.com/{text}"
    return text if re.match(r"https?://", text) else ""


def excerpt(text: str, limit: int = 280) -> str:
    """The beginning of a text in at most limit characters, cut between words and then marked with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    cut = head.rsplit(" ", 1)[0] if " " in head else head
    return cut.rstrip(",;:–—- ") + "…"


def names(authors: Sequence[str], shown: int = 3) -> str:
    """'A, B, C … Z et al.': the first few authors and the last, who is often the one a reader knows."""
    if len(authors) <= shown + 1:
        return ", ".join(authors)
    return f"{', '.join(authors[:shown])} … {authors[-1]}, et al."


def short_count(number: int) -> str:
    """987 → '987', 1234 → '1.2k', 12345 → '12k', 1234567 → '1.2M'."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= size * 0.9995:
            scaled = number / size
            return f"{scaled:.1f}".removesuffix(".0") + letter if scaled < 9.95 else f"{scaled:.0f}{letter}"
    return str(number)


def trend_words(trend: float | None, field: str = "") -> str:
    """A percentile in [0, 1] as a rank from the top of the field; an unknown one is said to be unknown, never low."""
    if trend is None:
        return "attention unknown"
    if trend < 0.5:
        return f"in the lower half of {field_in_words(field)}, last 14 days"
    rank = max(1, math.ceil(round((1 - trend) * 100, 6)))
    return f"top {rank} % of {field_in_words(field)}, last 14 days"


def field_in_words(field: str) -> str:
    """A field within a sentence; a paper of unknown field is compared with all of them."""
    return FIELD_LABELS[field].lower() if field in FIELD_LABELS else field or "all fields"


def percent(share: float) -> int:
    """Rounded down: what is above 99.7 % of others is not above all."""
    return int(100 * share)


def signed(number: float, decimals: int = 0) -> str:
    """12 → '+12', −3 → '−3', 0 → '+0'."""
    return f"{number:+.{decimals}f}".replace("-", "−")
