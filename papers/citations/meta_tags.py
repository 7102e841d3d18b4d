"""What a paper's page tells programs: Highwire's tags, for Google Scholar and Zotero, and OpenURL's (COinS).

Zotero asks COinS first, of which it takes the type and everything else; so both say all that is known.
"""

from collections.abc import Iterator
from urllib.parse import urlencode

from papers.citations.people import Person
from papers.citations.reference import Reference, reference
from papers.models import Paper
from papers.text.directions import straight
from papers.text.words import excerpt

MOST_AUTHORS = 100  # of thousands; nobody's library asks a page for more

Pairs = Iterator[tuple[str, str]]


def tags(paper: Paper) -> list[tuple[str, str]]:
    """Return names and contents of the meta elements, one citation_author for each author."""
    return [
        (f"citation_{name}", straight(text))
        for name, text in _tags(paper, reference(paper, authors=MOST_AUTHORS))
        if text
    ]


def _tags(paper: Paper, cited: Reference) -> Pairs:
    yield "title", paper.shown_title
    yield from (("author", _name(person)) for person in cited.people)
    first = f"{cited.issued:%Y/%m/%d}" if cited.issued else ""
    yield "publication_date", first if cited.is_preprint else cited.year
    yield "online_date", f"{paper.announced_on:%Y/%m/%d}" if paper.announced_on else first
    yield from _printed(cited)
    yield "doi", paper.doi
    yield "abstract_html_url", cited.url
    if paper.arxiv_id:
        yield "arxiv_id", paper.arxiv_id
        yield "pdf_url", f"https://arxiv.org/pdf/{paper.arxiv_id}"


def _printed(cited: Reference) -> Pairs:
    if cited.journal is None:
        return
    first, _, last = cited.journal.pages.partition("–")
    yield "conference_title" if cited.journal.is_proceedings else "journal_title", cited.journal.name
    yield from (("volume", cited.journal.volume), ("issue", cited.journal.issue))
    yield from (("firstpage", first), ("lastpage", last))


def _name(person: Person) -> str:
    """Return 'van der Ek, Bo', which no program has to take apart."""
    given = " ".join(filter(None, (person.given, person.suffix)))
    return f"{person.family}, {given}" if given else person.family


def coins(paper: Paper) -> str:
    """Return the context object that stands in the title of an empty element of class Z3988."""
    cited = reference(paper, authors=MOST_AUTHORS)
    pairs = [("ctx_ver", "Z39.88-2004"), *_format(cited), *_work(paper, cited)]
    return urlencode([(name, straight(text)) for name, text in pairs if text])


def _format(cited: Reference) -> Pairs:
    # OpenURL knows no preprints: in its Dublin Core, Zotero takes the name of one of its own types.
    kind, marks = "dc", {"rft.type": "preprint"}
    if cited.journal:
        kind, marks = "journal", {"rft.genre": "article"}
    if cited.journal and cited.journal.is_proceedings:
        kind, marks = "book", {"rft.genre": "proceeding"}
    yield "rft_val_fmt", f"info:ofi/fmt:kev:mtx:{kind}"
    yield from marks.items()


def _work(paper: Paper, cited: Reference) -> Pairs:
    yield "rft.title" if cited.is_preprint else "rft.atitle", paper.shown_title
    yield from (("rft.au", _name(person)) for person in cited.people)
    if cited.journal:
        first, _, last = cited.journal.pages.partition("–")
        yield "rft.btitle" if cited.journal.is_proceedings else "rft.jtitle", cited.journal.name
        yield from (("rft.volume", cited.journal.volume), ("rft.issue", cited.journal.issue))
        yield from (("rft.spage", first), ("rft.epage", last))
    yield "rft.date", f"{cited.issued:%Y-%m-%d}" if cited.is_preprint and cited.issued else cited.year
    yield "rft.publisher", "arXiv" if cited.is_preprint and paper.arxiv_id else ""
    yield "rft_id", f"info:doi/{paper.doi}" if paper.doi else ""
    yield "rft_id", f"info:arxiv/{paper.arxiv_id}" if paper.arxiv_id else ""
    yield "rft.identifier" if cited.is_preprint else "rft_id", cited.url
    yield "rft.description", excerpt(paper.shown_abstract, 3_000)
