"""Why each paper of a digest was chosen: from what ranking gives back to items with their reasons."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from django.db.models.base import ModelState

from recommender import explain, sentence_vectors
from recommender.reader import Candidates, Pick, Ranking, Reader
from subscriptions.evidence import nearest_first
from subscriptions.models import Digest, DigestItem, Role

TYPICAL = 5  # of the papers of a subject: the nearest of so many to a pick is named with it


class Chosen(NamedTuple):
    """A paper of a digest before it is stored."""

    digest: Digest
    reader: Reader
    pick: Pick
    role: Role
    rank: int


def chosen_for(digest: Digest, reader: Reader, result: Ranking) -> list[Chosen]:
    roles = ((Role.PICK, result.picks), (Role.FOLDED, _folded(result)), (Role.NEAR_MISS, result.near_misses))
    return [Chosen(digest, reader, pick, role, rank) for role, picks in roles for rank, pick in enumerate(picks, 1)]


def _folded(result: Ranking) -> list[Pick]:
    """The papers on the same idea that are named under a pick, with the pick's own figures."""
    return [replace(pick, paper_id=paper_id, folded=()) for pick in result.picks for paper_id in pick.folded]


def items_of(chosen: Sequence[Chosen], pool: Candidates) -> list[DigestItem]:
    """Unsaved rows with their reasons; as many queries however many they are."""
    quoted = _quoted([one for one in chosen if one.role == Role.PICK], pool)
    items = [_item(one, pool, quoted.get((one.reader.key, one.pick.paper_id), "")) for one in chosen]
    _name_the_nearest(items, pool, chosen)
    return items


def _item(one: Chosen, pool: Candidates, sentence: str) -> DigestItem:
    """Made as Django unpickles a row, without its constructor: that took a tenth of the batch, which has 750 items."""
    pick, item = one.pick, DigestItem.__new__(DigestItem)
    vars(item).update(
        _state=ModelState(),
        id=None,
        digest_id=one.digest.pk,
        subscriber_id=one.digest.subscriber_id,
        paper_id=pick.paper_id,
        role=one.role.value,
        rank=one.rank,
        score=pick.score,
        relevance=pick.relevance,
        interest_id=pick.interest_id or None,
        reason=explain.reason(pick, one.reader, pool, sentence),
    )
    return item


def _name_the_nearest(items: Sequence[DigestItem], pool: Candidates, chosen: Sequence[Chosen]) -> None:
    """Of the papers that a reader named put the one nearest to the pick first: its title is told."""
    found = [(item, one.pick.at) for item, one in zip(items, chosen, strict=True) if one.role == Role.PICK]
    named = [(item, item.reason["papers"][:TYPICAL], at) for item, at in found if len(item.reason["papers"]) > 1]
    if pool.model is None or not named:
        return
    ordered = nearest_first([(papers, pool.vectors[at]) for _, papers, at in named], pool.model)
    for (item, _, _), papers in zip(named, ordered, strict=True):
        item.reason["papers"] = papers


def _quoted(picks: Sequence[Chosen], pool: Candidates) -> dict[tuple[int, int], str]:
    """By reader and paper the sentence of its abstract that is nearest to what led to it."""
    found = [(one, explain.subject_of(one.pick, one.reader)) for one in picks]
    if pool.model is None or not any(subject for _, subject in found):
        return {}
    # Who follows the same topic gets the same sentence of a paper: each is looked for once.
    wanted = {(one.pick.paper_id, id(subject)): subject.vector for one, subject in found if subject}
    texts = sentence_vectors.nearest([(paper, vector) for (paper, _), vector in wanted.items()], pool.model)
    sentences = dict(zip(wanted, texts, strict=True))
    return {
        (one.reader.key, one.pick.paper_id): sentences[one.pick.paper_id, id(subject)]
        for one, subject in found
        if subject
    }
