"""BibTeX, for BibTeX itself and for Biber: titles keep the TeX that arXiv serves, names are Unicode."""

import re
from collections.abc import Sequence

from papers.citations.people import Person
from papers.citations.reference import Reference, reference
from papers.models import Paper
from papers.text.directions import steady

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MATHS = re.compile(r"(\$[^$]*\$)")
_SPECIAL = re.compile(r"(?<!\\)([%&#])")


def entry(paper: Paper, key: str) -> str:
    """Return an entry with everything that is known, the abstract too, and a line break at its end."""
    cited = reference(paper, key)
    return _written(cited, _fields(paper, cited) | {"abstract": braced(paper.abstract)}) + "\n"


def bibtex(paper: Paper, authors: int = 20) -> str:
    """Return an entry to be read on a page: without the abstract, and with 'others' after so many authors."""
    cited = reference(paper, authors=authors + 1)
    return _written(cited, _fields(paper, cited, authors))


def _written(cited: Reference, fields: dict[str, str]) -> str:
    # A month stands in no braces: it is one of BibTeX's own abbreviations.
    values = {name: value if name == "month" else f"{{{value}}}" for name, value in fields.items() if value}
    lines = [f"  {name:<13} = {value}," for name, value in values.items()]
    return "\n".join([f"@{_kind(cited)}{{{cited.key},", *lines, "}"])


def _kind(cited: Reference) -> str:
    if cited.journal is None:
        return "misc"
    return "inproceedings" if cited.journal.is_proceedings else "article"


def _fields(paper: Paper, cited: Reference, authors: int | None = None) -> dict[str, str]:
    title = braced(paper.title)
    return {
        "title": f"{{{title}}}" if title else "",
        "author": " and ".join(_authors(cited.people, authors)),
        **_published(cited),
        "year": cited.year,
        "month": MONTHS[cited.issued.month - 1] if cited.is_preprint and cited.issued else "",
        **_where(paper),
        "url": cited.url,
    }


def _authors(people: Sequence[Person], most: int | None) -> list[str]:
    shown = [_name(person) for person in people[:most]]
    return shown if most is None or len(people) <= most else [*shown, "others"]


def _name(person: Person) -> str:
    family, given, suffix = (braced(part) for part in (person.family, person.given, person.suffix))
    if not given:
        return f"{{{family}}}" if " " in family or "," in family else family
    return ", ".join(filter(None, (family, suffix, given)))


def _published(cited: Reference) -> dict[str, str]:
    if cited.journal is None:
        return {}
    if cited.journal.is_proceedings:
        return {"booktitle": braced(cited.journal.name)}
    return {
        "journal": braced(cited.journal.name),
        "volume": cited.journal.volume,
        "number": cited.journal.issue,
        "pages": cited.journal.pages.replace("–", "--"),
    }


def _where(paper: Paper) -> dict[str, str]:
    """Return the fields that say where the paper is found."""
    doi = {"doi": braced(paper.doi)}
    if not paper.arxiv_id:
        return doi
    return {"eprint": paper.arxiv_id, "archivePrefix": "arXiv", "primaryClass": paper.primary_category} | doi


def braced(text: str) -> str:
    """Put a text on one line, safe within braces and in LaTeX.

    Braces that do not balance are dropped, for one would swallow the rest of the file; so would a percent sign.
    """
    text = steady(" ".join(text.split()))
    text = text if _balanced(text) else re.sub(r"[{}]", "", text)
    outside = (piece if piece.startswith("$") else _SPECIAL.sub(r"\\\1", piece) for piece in _MATHS.split(text))
    return "".join(outside).removesuffix("\\")


def _balanced(text: str) -> bool:
    depth = 0
    for character in re.sub(r"\\[{}]", "", text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0
