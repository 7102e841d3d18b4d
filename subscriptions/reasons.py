"""Why each paper of a digest was chosen: from what ranking gives back to items with their reasons."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

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
    """By position, in the order of the columns: with names Django takes three times as long, and a batch has 750."""
    pick, digest = one.pick, one.digest
    reason = explain.reason(pick, one.reader, pool, sentence)
    place = (one.role.value, one.rank, pick.score, pick.relevance)
    return DigestItem(None, digest.pk, digest.subscriber_id, pick.paper_id, *place, pick.interest_id or None, reason)


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
    wanted = [(one, subject.vector) for one, subject in found if subject]
    if pool.model is None or not wanted:
        return {}
    sentences = sentence_vectors.nearest([(one.pick.paper_id, vector) for one, vector in wanted], pool.model)
    return {(one.reader.key, one.pick.paper_id): text for (one, _), text in zip(wanted, sentences, strict=True)}
