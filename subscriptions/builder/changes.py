"""What changed in a preview since the page showed it last."""

from collections.abc import Sequence
from dataclasses import dataclass

from papers.models import Paper
from subscriptions.builder.preview import EditionPreview

MOST = 50  # papers of a digest


@dataclass(frozen=True, slots=True)
class Gone:
    """A paper that the preview no longer has."""

    identifier: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Change:
    came: frozenset[str]  # identifiers
    went: tuple[Gone, ...]


def changed(before: Sequence[str], after: EditionPreview) -> Change:
    """Compare with the identifiers that a page showed; identifiers of no paper are ignored, and so are too many."""
    shown, now = dict.fromkeys(before[:MOST]), {card.identifier for card in after.cards}
    lacking = [identifier for identifier in shown if identifier not in now]
    papers = {paper.identifier: paper for paper in _stored(lacking)}
    went = [papers[identifier] for identifier in lacking if identifier in papers]
    return Change(
        came=frozenset(now - shown.keys()),
        went=tuple(Gone(paper.identifier, paper.shown_title, paper.get_absolute_url()) for paper in went),
    )


def _stored(identifiers: Sequence[str]) -> Sequence[Paper]:
    if not identifiers:
        return []
    return list(Paper.objects.filter(identifier__in=identifiers).only("identifier", "title", "plain_title"))
