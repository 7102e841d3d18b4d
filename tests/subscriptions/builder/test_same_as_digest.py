"""A preview is no promise unless the first digest is the same."""

from datetime import date
from random import Random
from typing import Any

import pytest
from django.db import transaction

from papers.models import EditionEntry, Paper, Topic
from recommender.candidates import kept_stretch, loading
from recommender.models import EmbeddingModel
from subscriptions import lifecycle
from subscriptions.builder import editions
from subscriptions.builder.described import describe
from subscriptions.builder.preview import first_digest, preview
from subscriptions.digests import compose
from subscriptions.interests import interest_vectors
from subscriptions.models import Consent, Digest, DigestItem, Role, Subscriber
from subscriptions.people.wishes import Wishes
from tests.subscriptions.conftest import MORNING, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("encoder_answers")]
TEXTS = ("robot grasping", "quantum error correction", "protein folding language", "speech learning")


def some(random: Random, values: Any, most: int) -> tuple[Any, ...]:
    return tuple(random.sample(list(values), random.randint(0, most)))


def wishes_of(random: Random, papers: list[Paper]) -> Wishes:
    identifiers = [paper.identifier for paper in papers]
    return Wishes(
        topics=tuple(sorted(some(random, Topic.objects.values_list("pk", flat=True), 2))),
        texts=some(random, TEXTS, 2),
        arxiv_ids=some(random, identifiers, 4),
        authors=some(random, ("Ada Lovelace", "LeCun, Yann"), 1),
        labs=some(random, ("Deep Robots",), 1),
        library=some(random, identifiers, 30) if random.random() < 0.4 else (),
        more=some(random, identifiers, 3),
        less=some(random, identifiers, 3),
        excluded_terms=some(random, ("camera", "audio"), 1),
        required_terms=("robot", "code", "language") if random.random() < 0.2 else (),
        digest_size=random.choice([None, 3, 5, 10, 20]),
        reading_minutes=random.choice([None, 0, 3, 5, 10, 20]),
        trend_weight=random.choice([None, 0.0, 0.25, 1.0]),
        term_plurals=random.choice([None, False]),
        exploration=random.choice([None, False, True]),
    )


def confirmed(wishes: Wishes) -> Subscriber:
    lifecycle.sign_up("ada@example.org", wishes, form_text_hash="hash", now=MORNING)
    assert lifecycle.confirm(Consent.objects.get(), MORNING)
    model = EmbeddingModel.objects.get()
    interest_vectors.rebuild_missing(model.name)
    return Subscriber.objects.get()


def facts(items: list[DigestItem]) -> list[tuple[object, ...]]:
    picks = [item for item in items if item.role == Role.PICK]
    return [(item.paper_id, item.rank, item.reason) for item in picks]


def previewed(wishes: Wishes, today: date = TODAY) -> list[list[tuple[object, ...]]]:
    papers = kept_stretch.current(today)
    made = editions.made(describe(wishes, papers), papers, today)
    return [facts(editions.items(one)) for one in made]


@pytest.mark.parametrize("seed", range(3))
def test_the_first_digest_has_the_papers_order_and_reasons_of_the_preview(world: list[Paper], seed: int) -> None:
    random = Random(seed)
    for _ in range(8):
        wishes = wishes_of(random, world)
        expected = previewed(wishes)[0]
        with transaction.atomic():
            digest = Digest(subscriber=confirmed(wishes), local_date=TODAY)
            assert facts(compose.choose_papers([digest], MORNING)) == expected
            assert digest.considered == first_digest(wishes, MORNING).considered
            transaction.set_rollback(True)


def test_to_a_reader_of_the_days_before_no_paper_comes_twice(world: list[Paper]) -> None:
    shown = preview(Wishes(texts=("robot grasping",)), MORNING).editions
    papers = [card.identifier for edition in shown[1:] for card in edition.cards]
    assert len(shown) == 5
    assert all(edition.cards for edition in shown)
    assert len(papers) == len(set(papers))


@pytest.mark.parametrize(("text", "is_told"), [("whales", True), ("the songs of whales", False)])
def test_one_word_that_brings_little_is_told_to_say_more(world: list[Paper], text: str, is_told: bool) -> None:
    Paper.objects.update(withdrawn_on=TODAY)
    [told] = preview(Wishes(texts=(text,)), MORNING).volumes
    assert told.a_week == 0
    assert ("One word says little" in told.advice) is is_told
    assert ("More general words" in told.advice) is not is_told


def test_editions_are_the_five_newest_up_to_today(world: list[Paper]) -> None:
    days = [edition.day for edition in preview(Wishes(), MORNING).editions]
    assert days == sorted(days, reverse=True)
    assert days[0] == TODAY
    assert (days[0] - days[-1]).days == 4


def test_an_earlier_edition_has_nothing_that_came_later(world: list[Paper]) -> None:
    wishes = Wishes(digest_size=20, exploration=False)
    for edition in preview(wishes, MORNING).editions:
        papers = [card.paper_id for card in edition.cards]
        first = EditionEntry.objects.filter(paper__in=papers).order_by("edition__date").values_list("paper").distinct()
        here = EditionEntry.objects.filter(paper__in=papers, edition__date__lte=edition.day).values("paper").distinct()
        assert here.count() == len(set(first))


def test_words_that_most_papers_of_the_day_have_are_no_reason(world: list[Paper]) -> None:
    papers, alone = kept_stretch.current(TODAY), loading.load(TODAY, 7)
    everyday = papers.window(TODAY, 7).candidates.words.everyday
    assert everyday == alone.words.everyday
    assert everyday != papers.candidates.words.everyday
