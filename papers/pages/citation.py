"""A paper's reference for a bibliography."""

import re
import unicodedata

from papers.models import Paper
from papers.text.directions import steady
from papers.text.words import web_url

SMALL_WORDS = frozenset(
    {
        "a",
        "an",
        "and",
        "are",
        "can",
        "do",
        "for",
        "from",
        "how",
        "in",
        "is",
        "of",
        "on",
        "the",
        "to",
        "via",
        "what",
        "why",
        "with",
    }
)


def bibtex(paper: Paper) -> str:
    """Return a BibTeX entry of type misc, with the title's TeX as arXiv serves it."""
    fields = {
        "title": f"{{{braced(paper.title)}}}",
        "author": " and ".join(braced(author) for author in paper.authors),
        "year": year(paper),
        **where(paper),
        "url": web_url(paper.source_url),
    }
    lines = [f"  {name:<13} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{key(paper)},", *lines, "}"])


def where(paper: Paper) -> dict[str, str]:
    """Return the fields that say where the paper is found."""
    doi = {"doi": braced(paper.doi)}
    if not paper.arxiv_id:
        return doi
    return {"eprint": paper.arxiv_id, "archivePrefix": "arXiv", "primaryClass": paper.primary_category} | doi


def key(paper: Paper) -> str:
    """Return vaswani2017attention: first author's last name, year, first word of weight in the title."""
    first = next(iter(paper.shown_authors), "").split()
    author = _ascii_letters(first[-1]) if first else "anonymous"
    words = [_ascii_letters(word) for word in re.split(r"[\s\-–:]+", paper.shown_title)]
    weighty = next((word for word in words if word and word not in SMALL_WORDS), "")
    return f"{author}{year(paper)}{weighty}"


def year(paper: Paper) -> str:
    day = paper.published_on or paper.announced_on or paper.listed_on
    return str(day.year) if day else ""


def _ascii_letters(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())


def braced(text: str) -> str:
    """Put a text on one line; braces that do not balance are dropped, for one would swallow the rest of the file."""
    text = steady(" ".join(text.split()))
    depth = 0
    for character in re.sub(r"\\[{}]", "", text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            break
    return text if depth == 0 else re.sub(r"[{}]", "", text)
