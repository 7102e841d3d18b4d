"""What happened to a paper, in words, and where it is to be seen."""

from typing import NamedTuple
from urllib.parse import quote

from papers.models import ChangeKind
from papers.text.words import web_url

WORDS = {
    ChangeKind.REVISED: "Revised",
    ChangeKind.RETITLED: "Title changed",
    ChangeKind.OTHER_AUTHORS: "Authors changed",
    ChangeKind.OTHER_ABSTRACT: "Abstract changed",
    ChangeKind.WITHDRAWN: "Withdrawn",
    ChangeKind.BACK: "No longer withdrawn",
    ChangeKind.CODE_ADDED: "Code added",
    ChangeKind.DOI_ADDED: "Journal DOI added",
}
# Their details are addresses, which a link says better.
LINKED = frozenset({ChangeKind.CODE_ADDED, ChangeKind.DOI_ADDED})


class ChangeWords(NamedTuple):
    words: str  # 'Revised (v2)'; 'Code added'; 'Title changed (before: On Cats)'
    link: str  # '' where there is none


def change_words(kind: str, detail: str, arxiv_id: str = "") -> ChangeWords:
    """Say a change in one line of plain text; the versions of a paper with an arXiv id have links, too."""
    words, link = WORDS[ChangeKind(kind)], change_link(kind, detail, arxiv_id)
    is_told = detail and not (link and kind in LINKED)
    return ChangeWords(f"{words} ({detail})" if is_told else words, link)


def change_link(kind: str, detail: str, arxiv_id: str = "") -> str:
    """Return where the change is to be seen, '' for nowhere."""
    if kind == ChangeKind.DOI_ADDED:
        return f"https://doi.org/{quote(detail)}"
    if kind == ChangeKind.CODE_ADDED:
        return web_url(detail)
    return f"https://arxiv.org/abs/{arxiv_id}{detail}" if arxiv_id and kind == ChangeKind.REVISED else ""
