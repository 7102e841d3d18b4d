"""CSL-JSON, for Zotero, pandoc and everything that cites by CSL styles: there a preprint is an 'article'."""

from papers.citations.people import Person
from papers.citations.reference import Reference, reference
from papers.models import Paper
from papers.text.directions import steady

Item = dict[str, object]


def item(paper: Paper, key: str) -> Item:
    """Return one item of the array; what is not known is left out."""
    cited = reference(paper, key)
    fields: Item = {
        "id": cited.key,
        "type": _kind(cited),
        "title": _line(paper.shown_title),
        "author": [_name(person) for person in cited.people],
        "issued": _issued(cited),
        **_published(cited),
        **_on_arxiv(paper, cited),
        "DOI": paper.doi,
        "URL": cited.url,
        "abstract": _line(paper.shown_abstract),
    }
    return {name: value for name, value in fields.items() if value}


def _line(text: str) -> str:
    return steady(" ".join(text.split()))


def _kind(cited: Reference) -> str:
    if cited.journal is None:
        return "article"
    return "paper-conference" if cited.journal.is_proceedings else "article-journal"


def _name(person: Person) -> dict[str, str]:
    if not person.given:
        return {"literal": person.family}
    parts = {"family": person.family, "given": person.given, "suffix": person.suffix}
    return {name: part for name, part in parts.items() if part}


def _issued(cited: Reference) -> Item:
    if cited.is_preprint and cited.issued:
        return {"date-parts": [[cited.issued.year, cited.issued.month, cited.issued.day]]}
    return {"date-parts": [[int(cited.year)]]} if cited.year else {}


def _published(cited: Reference) -> Item:
    if cited.journal is None:
        return {}
    printed = cited.journal
    return {"container-title": printed.name, "volume": printed.volume, "issue": printed.issue, "page": printed.pages}


def _on_arxiv(paper: Paper, cited: Reference) -> Item:
    if not paper.arxiv_id:
        return {}
    where: Item = {"archive": "arXiv", "archive_location": paper.arxiv_id}
    return where | {"publisher": "arXiv", "number": f"arXiv:{paper.arxiv_id}"} if cited.is_preprint else where
