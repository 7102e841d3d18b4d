"""Why each paper of a digest was chosen: turn the result of ranking into items with their reasons."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from django.db.models.base import ModelState

from recommender.embedding import sentence_vectors
from recommender.ranking import pick_reason
from recommender.ranking.pick_reason import Reason
from recommender.ranking.reader import Candidates, Pick, Ranking, Reader
from subscriptions.interests.kept_news import News
from subscriptions.interests.paper_evidence import nearest_first
from subscriptions.models import Digest, DigestItem, Role

PICK, FOLDED, NEAR_MISS = Role.PICK.value, Role.FOLDED.value, Role.NEAR_MISS.value  # looked up for each paper
TYPICAL = 5  # papers of a subject, of which the nearest to a pick is named with it


class Chosen(NamedTuple):
    """A paper of a digest before it is stored."""

    digest: Digest
    reader: Reader
    pick: Pick
    role: str
    rank: int


def chosen_for(digest: Digest, reader: Reader, result: Ranking) -> list[Chosen]:
    roles = ((PICK, result.picks), (FOLDED, _folded(result)), (NEAR_MISS, result.near_misses))
    return [Chosen(digest, reader, pick, role, rank) for role, picks in roles for rank, pick in enumerate(picks, 1)]


def _folded(result: Ranking) -> list[Pick]:
    """Return the papers on the same idea that are named under a pick, with the pick's own figures."""
    return [pick._replace(paper_id=paper_id, folded=()) for pick in result.picks for paper_id in pick.folded]


def items_of(chosen: Sequence[Chosen], pool: Candidates) -> list[DigestItem]:
    """Return unsaved rows with their reasons; as many queries however many they are."""
    quoted = _quoted([choice for choice in chosen if choice.role == PICK], pool)
    known: dict[Hashable, Reason] = {}
    items = [_item(choice, pool, quoted.get((choice.reader.key, choice.pick.paper_id), ""), known) for choice in chosen]
    _name_the_nearest(items, pool, chosen)
    return items


def _item(choice: Chosen, pool: Candidates, sentence: str, known: dict[Hashable, Reason]) -> DigestItem:
    """Make a row as Django unpickles one, without its constructor, which took a tenth of a batch with 750 items."""
    pick, item = choice.pick, DigestItem.__new__(DigestItem)
    vars(item).update(
        _state=ModelState(),
        id=None,
        digest_id=choice.digest.id,
        subscriber_id=choice.digest.subscriber_id,
        paper_id=pick.paper_id,
        role=choice.role,
        rank=choice.rank,
        score=pick.score,
        relevance=pick.relevance,
        interest_id=pick.interest_id or None,
        reason=pick_reason.reason(pick, choice.reader, pool, sentence, known),
    )
    return item


def news_items(digest: Digest, told: Sequence[News]) -> list[DigestItem]:
    """Return unsaved rows of what happened to papers that the reader kept, in this order."""
    return [
        DigestItem(
            digest_id=digest.pk,
            subscriber_id=digest.subscriber_id,
            paper_id=news.paper_id,
            role=Role.NEWS.value,
            rank=rank,
            score=0.0,
            relevance=0.0,
            reason={"changes": news.changes},
        )
        for rank, news in enumerate(told, 1)
    ]


def _name_the_nearest(items: Sequence[DigestItem], pool: Candidates, chosen: Sequence[Chosen]) -> None:
    """Put the paper nearest to the pick first among those that a reader named: its title is told."""
    chosen_picks = [(item, choice.pick.at) for item, choice in zip(items, chosen, strict=True) if choice.role == PICK]
    named = [
        (item, item.reason["papers"][:TYPICAL], position)
        for item, position in chosen_picks
        if len(item.reason["papers"]) > 1
    ]
    if pool.model is None or not named:
        return
    ordered = nearest_first([(papers, pool.vectors[position]) for _, papers, position in named], pool.model)
    for (item, _, _), papers in zip(named, ordered, strict=True):
        item.reason = {**item.reason, "papers": papers}


def _quoted(picks: Sequence[Chosen], pool: Candidates) -> dict[tuple[int, int], str]:
    """Return, by reader and paper, the sentence of its abstract that is nearest to what led to it."""
    with_subjects = [(choice, pick_reason.subject_of(choice.pick, choice.reader)) for choice in picks]
    if pool.model is None or not any(subject for _, subject in with_subjects):
        return {}
    # Readers who follow the same topic get the same sentence of a paper: each is looked for once.
    wanted = {(choice.pick.paper_id, id(subject)): subject.vector for choice, subject in with_subjects if subject}
    lasting = {id(subject.vector) for choice, subject in with_subjects if subject and _is_of_topic(choice)}
    texts = sentence_vectors.nearest([(paper, vector) for (paper, _), vector in wanted.items()], pool.model, lasting)
    sentences = dict(zip(wanted, texts, strict=True))
    return {
        (choice.reader.key, choice.pick.paper_id): sentences[choice.pick.paper_id, id(subject)]
        for choice, subject in with_subjects
        if subject
    }


def _is_of_topic(choice: Chosen) -> bool:
    """Tell whether a topic led to it, whose subject this process keeps for all readers and batches."""
    at = choice.pick.interest_at
    return at is not None and choice.reader.interests[at].kind == "topic"
