from collections.abc import Callable

import pytest

from papers.models import Paper, Topic
from subscriptions.builder.changes import changed
from subscriptions.builder.editions import EditionPreview
from subscriptions.builder.preview import preview
from subscriptions.people.wishes import Wishes
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(some_papers: list[Paper], topics: list[Topic]) -> EditionPreview:
    """Three papers on topic 0."""
    return preview(Wishes(topics=(topics[0].pk,)), MORNING).editions[0]


def identifiers(edition: EditionPreview) -> list[str]:
    return [card.identifier for card in edition.cards]


def test_what_came_in_and_what_went_out_are_told(shown: EditionPreview, some_papers: list[Paper]) -> None:
    here, gone = identifiers(shown), some_papers[3]
    change = changed([here[0], gone.identifier], shown)
    assert change.came == set(here[1:])
    assert [(one.identifier, one.title, one.url) for one in change.went] == [
        (gone.identifier, gone.shown_title, gone.get_absolute_url())
    ]


def test_the_same_again_is_no_change(shown: EditionPreview) -> None:
    change = changed(identifiers(shown), shown)
    assert (change.came, change.went) == (frozenset(), ())


def test_all_papers_come_into_a_digest_that_had_none(shown: EditionPreview) -> None:
    assert changed([], shown).came == frozenset(identifiers(shown))


def test_identifiers_of_no_paper_are_ignored(shown: EditionPreview) -> None:
    assert changed(["nonsense", "2101.99999", "", "é" * 5_000], shown).went == ()


def test_no_more_is_looked_up_than_a_digest_can_hold(
    shown: EditionPreview, django_assert_num_queries: Callable[..., object]
) -> None:
    assert shown.cards
    with django_assert_num_queries(1):
        changed([f"2101.{number:05d}" for number in range(10_000)], shown)


def test_terms_and_less_like_this_change_the_digest(shown: EditionPreview, topics: list[Topic]) -> None:
    first = shown.cards[0]
    for said in ({"less": (first.identifier,)}, {"excluded_terms": (first.title,)}):
        after = preview(Wishes(topics=(topics[0].pk,), **said), MORNING).editions[0]
        assert first.identifier in {gone.identifier for gone in changed(identifiers(shown), after).went}
