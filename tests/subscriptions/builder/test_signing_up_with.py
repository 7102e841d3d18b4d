"""All that was described before sign-up belongs to the subscriber once they have confirmed."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from papers.models import Paper, Topic, WantedPaper
from recommender.candidates import kept_stretch
from subscriptions import lifecycle
from subscriptions.builder import editions
from subscriptions.builder.described import describe
from subscriptions.models import Consent, FeedbackKind, InterestKind, Subscriber, TasteVector
from subscriptions.people import export
from subscriptions.people.wishes import Wishes
from tests.subscriptions.conftest import MORNING, TODAY

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(days=2)
FROM_BEFORE = {
    "topics": [],
    "texts": ["whales"],
    "arxiv_ids": [],
    "timezone": "Europe/Paris",
    "send_hour": 7,
    "frequency": "weekly",
    "authors": [],
    "labs": [],
}


Confirm = Callable[..., Subscriber]


@pytest.fixture
def confirmed() -> Confirm:
    def confirm(wishes: Wishes, at: datetime = MORNING) -> Subscriber:
        lifecycle.sign_up("ada@example.org", wishes, form_text_hash="hash", now=at)
        assert lifecycle.confirm(Consent.objects.latest("pk"), at)
        return Subscriber.objects.get()

    return confirm


def test_settings_become_the_subscribers(confirmed: Confirm) -> None:
    ada = confirmed(
        Wishes(
            texts=("whales",),
            digest_size=3,
            trend_weight=0.25,
            weekly_day=4,
            term_plurals=False,
            exploration=False,
            excluded_terms=("survey",),
            required_terms=("whale", "dolphin"),
        )
    )
    assert (ada.digest_size, ada.trend_weight, ada.weekly_day) == (3, 0.25, 4)
    assert (ada.term_plurals, ada.exploration) == (False, False)
    assert (ada.excluded_terms, ada.required_terms) == (["survey"], ["whale", "dolphin"])


def test_what_nothing_was_said_about_stays(confirmed: Confirm, settings: Settings) -> None:
    settings.DIGEST_SIZE = 15
    assert confirmed(Wishes(texts=("whales",))).digest_size == 15
    Subscriber.objects.update(digest_size=5, excluded_terms=["survey"], exploration=False)
    ada = confirmed(Wishes(texts=("dolphins",)), LATER)
    assert (ada.digest_size, ada.excluded_terms, ada.exploration) == (5, ["survey"], False)
    assert [interest.text for interest in ada.interests.all()] == ["dolphins"]


def test_papers_wanted_more_or_less_of_become_words_about_them(
    confirmed: Confirm, some_papers: list[Paper], topics: list[Topic]
) -> None:
    more, less, both = some_papers[0], some_papers[1], some_papers[2]
    wishes = Wishes(
        topics=(topics[0].pk,),
        more=(more.identifier, both.identifier),
        less=(less.identifier, both.identifier, "2101.99999"),
    )
    ada = confirmed(wishes)
    words = dict(ada.feedback.values_list("paper__identifier", "kind"))
    unwanted = FeedbackKind.LESS.value
    assert words == {more.identifier: "more", less.identifier: unwanted, both.identifier: unwanted}
    assert TasteVector.objects.filter(subscriber=ada, liked=False).count() == 2


def test_a_library_becomes_an_interest_and_arxiv_is_asked_for_the_rest_only_now(
    confirmed: Confirm, some_papers: list[Paper]
) -> None:
    wishes = Wishes(library=(some_papers[0].identifier, "2101.00001", "doi:10.1000/x", some_papers[0].identifier))
    lifecycle.sign_up("ada@example.org", wishes, form_text_hash="hash", now=MORNING)
    assert not WantedPaper.objects.exists()
    assert lifecycle.confirm(Consent.objects.get(), MORNING)
    [library] = Subscriber.objects.get().interests.all()
    assert library.kind == InterestKind.LIBRARY
    assert library.arxiv_ids == [some_papers[0].identifier, "doi:10.1000/x", "2101.00001"]
    assert [paper.identifier for paper in WantedPaper.objects.all()] == ["2101.00001"]


def test_a_library_before_sign_up_joins_the_one_of_an_earlier_upload(
    confirmed: Confirm, some_papers: list[Paper]
) -> None:
    first, second = some_papers[0].identifier, some_papers[1].identifier
    confirmed(Wishes(library=(first,)))
    assert confirmed(Wishes(library=(second,)), LATER).interests.get().arxiv_ids == [second, first]


def test_sign_ups_that_waited_before_there_were_these_wishes_still_work() -> None:
    wishes = Wishes.from_json(FROM_BEFORE)
    assert (wishes.texts, wishes.send_hour, wishes.library, wishes.digest_size) == (("whales",), 7, (), None)
    lifecycle.sign_up("ada@example.org", wishes, form_text_hash="hash", now=MORNING)
    Consent.objects.update(wishes=FROM_BEFORE)
    assert lifecycle.confirm(Consent.objects.get(), MORNING)
    assert Subscriber.objects.get().timezone == "Europe/Paris"


def test_wishes_come_back_from_json_as_they_went_in() -> None:
    wishes = Wishes(texts=("whales",), less=("2101.00001",), library=("2101.00002",), term_plurals=False)
    assert Wishes.from_json(asdict(wishes)) == wishes


def test_whoever_asks_for_their_data_gets_all_that_they_signed_up_with(
    confirmed: Confirm, some_papers: list[Paper]
) -> None:
    ada = confirmed(Wishes(texts=("whales",), less=(some_papers[0].identifier,), excluded_terms=("survey",)))
    told = "".join(export.export(ada, MORNING))
    assert '"less": ["2606.00000"]' in told
    assert '"excluded_terms": ["survey"]' in told


def test_who_named_nothing_is_shown_what_a_reader_without_interests_gets(some_papers: list[Paper]) -> None:
    papers = kept_stretch.current(TODAY)
    [newest] = editions.made(describe(Wishes(), papers), papers, TODAY)
    assert newest.reader.interests == ()
    assert len(newest.result.picks) == 4
