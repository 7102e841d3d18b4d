"""The ledger of addresses: sequences of reports, and what becomes of who is mailed there."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions import lifecycle
from subscriptions.models import (
    AccountMail,
    BounceScore,
    DeliveryEvent,
    Digest,
    Meaning,
    PauseReason,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from subscriptions.people.addresses import address_hash
from subscriptions.people.wishes import Wishes
from subscriptions.reports import bounces, events
from tests.subscriptions.conftest import MORNING

ADA = "ada@example.org"
DAYS_TO_PAUSE = 12  # on which mail comes back softly, one after the other


def report(meaning: Meaning, at: datetime, address: str = ADA, times: int = 1) -> None:
    """As the receiver would store it of a mail of ours, and then acted upon."""
    reader = Subscriber.objects.filter(address_hash=address_hash(address)).first() or Subscriber.objects.get()
    moments = {"due_at": MORNING, "next_attempt_at": MORNING}
    digest, _ = Digest.objects.get_or_create(subscriber=reader, local_date=MORNING.date(), defaults=moments)
    for _ in range(times):
        number = DeliveryEvent.objects.count()
        DeliveryEvent.objects.create(
            digest=digest,
            subscriber=reader,
            provider="Postmark",
            event_id=str(number),
            event_type="some",
            meaning=meaning,
            address_hash=address_hash(address),
            happened_at=at,
            received_at=at,
            next_attempt_at=at,
        )
    events.process(lambda: at)


def soft_bounces(days: Iterable[int], since: datetime = MORNING) -> None:
    for day in days:
        report(Meaning.SOFT, since + timedelta(days=day))


@pytest.fixture
def ada(make_subscriber: Callable[..., Subscriber]) -> Subscriber:
    return make_subscriber(ADA, follows=(), confirmed_at=MORNING - timedelta(days=30))


def status(subscriber: Subscriber) -> tuple[str, str]:
    subscriber.refresh_from_db()
    return subscriber.status, subscriber.paused_because


ACTIVE = (SubscriberStatus.ACTIVE, "")
PAUSED = (SubscriberStatus.PAUSED, PauseReason.BOUNCES)
SUPPRESSED = (SubscriberStatus.SUPPRESSED, "")


def test_a_hard_bounce_suppresses_the_address_at_once(ada: Subscriber) -> None:
    report(Meaning.HARD, MORNING)
    assert status(ada) == SUPPRESSED
    assert Suppression.objects.get().reason == Meaning.HARD


def test_soft_bounces_on_many_days_pause_and_not_before(ada: Subscriber) -> None:
    soft_bounces(range(DAYS_TO_PAUSE - 1))
    assert status(ada) == ACTIVE
    soft_bounces([DAYS_TO_PAUSE])
    assert status(ada) == PAUSED
    assert not Suppression.objects.exists()


def test_many_soft_bounces_on_one_day_count_once(ada: Subscriber) -> None:
    report(Meaning.SOFT, MORNING, times=30)
    assert BounceScore.objects.get().score == 0.5
    assert status(ada) == ACTIVE


def test_rare_soft_bounces_are_forgotten_with_time(ada: Subscriber) -> None:
    soft_bounces(range(0, 365, 14))
    assert status(ada) == ACTIVE
    assert BounceScore.objects.get().score < 2.5


def test_a_delivery_begins_the_count_anew(ada: Subscriber) -> None:
    soft_bounces(range(DAYS_TO_PAUSE - 2))
    report(Meaning.DELIVERED, MORNING + timedelta(days=DAYS_TO_PAUSE - 2))
    assert BounceScore.objects.get().score == 0
    soft_bounces(range(DAYS_TO_PAUSE - 1, DAYS_TO_PAUSE + 3))
    assert status(ada) == ACTIVE


def test_a_mail_that_is_taken_and_then_comes_back_counts_as_a_bounce(ada: Subscriber) -> None:
    for day in range(DAYS_TO_PAUSE):
        report(Meaning.SOFT, MORNING + timedelta(days=day))
        report(Meaning.DELIVERED, MORNING + timedelta(days=day))
    assert status(ada) == PAUSED


@pytest.mark.parametrize("meaning", [Meaning.BLOCKED, Meaning.NOTHING, Meaning.ACCEPTED])
def test_what_is_not_about_the_address_does_not_count(ada: Subscriber, meaning: Meaning) -> None:
    for day in range(20):
        report(meaning, MORNING + timedelta(days=day))
    assert status(ada) == ACTIVE
    assert not BounceScore.objects.exists()


def test_soft_bounces_that_become_hard_end_in_suppression(ada: Subscriber) -> None:
    soft_bounces(range(3))
    report(Meaning.HARD, MORNING + timedelta(days=3))
    assert status(ada) == SUPPRESSED


@pytest.mark.parametrize("meaning", [Meaning.HARD, Meaning.COMPLAINT, Meaning.REFUSED, Meaning.UNSUBSCRIBED])
def test_reports_on_an_old_address_do_not_punish_the_new_one(ada: Subscriber, meaning: Meaning) -> None:
    Subscriber.objects.update(email="ada@new.example", address_hash=address_hash("ada@new.example"))
    report(meaning, MORNING)
    soft_bounces(range(20))
    assert status(ada) == ACTIVE


def test_a_delivery_reported_late_lifts_no_suppression(ada: Subscriber) -> None:
    report(Meaning.HARD, MORNING)
    report(Meaning.DELIVERED, MORNING - timedelta(hours=1))
    assert status(ada) == SUPPRESSED
    assert BounceScore.objects.get().score == 1.0


def test_who_resumes_after_a_pause_begins_anew(ada: Subscriber) -> None:
    soft_bounces(range(DAYS_TO_PAUSE))
    later = MORNING + timedelta(days=DAYS_TO_PAUSE)
    assert lifecycle.resume(ada, later)
    report(Meaning.SOFT, later - timedelta(days=1, hours=1))  # of before, and reported late
    soft_bounces(range(DAYS_TO_PAUSE - 2), since=later)
    assert status(ada) == ACTIVE


def test_who_confirms_the_address_again_begins_anew(ada: Subscriber) -> None:
    soft_bounces(range(DAYS_TO_PAUSE - 2))
    later = MORNING + timedelta(days=DAYS_TO_PAUSE - 2)
    Subscriber.objects.update(confirmed_at=later)
    soft_bounces(range(4), since=later)
    assert status(ada) == ACTIVE


def test_a_complaint_withdraws_the_consent_and_is_for_good(ada: Subscriber) -> None:
    consent = ada.consents.create(form_text_hash="", requested_at=MORNING, confirmed_at=MORNING)
    report(Meaning.COMPLAINT, MORNING, times=2)
    consent.refresh_from_db()
    assert consent.withdrawn_at == MORNING
    assert status(ada) == SUPPRESSED
    lifecycle.sign_up(ADA, Wishes(), form_text_hash="", now=MORNING)
    assert not AccountMail.objects.exists()


def test_a_complaint_outranks_a_bounce_whichever_comes_first(ada: Subscriber) -> None:
    report(Meaning.COMPLAINT, MORNING)
    report(Meaning.HARD, MORNING)
    report(Meaning.HARD, MORNING, "bob@example.org")
    report(Meaning.COMPLAINT, MORNING, "bob@example.org")
    assert set(Suppression.objects.values_list("reason", flat=True)) == {Meaning.COMPLAINT}


def test_an_operators_word_outranks_all(ada: Subscriber) -> None:
    lifecycle.suppress(ADA, reason="operator")
    report(Meaning.COMPLAINT, MORNING)
    assert Suppression.objects.get().reason == "operator"


@pytest.mark.parametrize("meaning", [Meaning.HARD, Meaning.SOFT, Meaning.COMPLAINT, Meaning.UNSUBSCRIBED])
def test_reports_after_unsubscribing_do_no_harm(ada: Subscriber, meaning: Meaning) -> None:
    lifecycle.unsubscribe(ada, MORNING)
    report(meaning, MORNING)
    assert status(ada)[0] in {SubscriberStatus.UNSUBSCRIBED, SubscriberStatus.SUPPRESSED}
    assert not AccountMail.objects.exists()


def test_who_unsubscribes_at_the_provider_is_unsubscribed_here(ada: Subscriber) -> None:
    report(Meaning.UNSUBSCRIBED, MORNING)
    assert status(ada) == (SubscriberStatus.UNSUBSCRIBED, "")
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    ("answer", "meaning", "expected"),
    [
        ("5.1.1", Meaning.HARD, SUPPRESSED),
        ("rejected", Meaning.REFUSED, SUPPRESSED),
        ("5.2.2", Meaning.SOFT, ACTIVE),
        ("5.7.1", Meaning.BLOCKED, ACTIVE),
        ("", Meaning.NOTHING, ACTIVE),
    ],
)
def test_a_refusal_at_hand_over_counts_as_a_report_would(
    ada: Subscriber, answer: str, meaning: Meaning, expected: tuple[str, str]
) -> None:
    for _ in range(3):
        assert bounces.refused(ADA, answer, MORNING) == meaning
    assert status(ada) == expected
    assert DeliveryEvent.objects.get().subscriber == ada


def test_refusals_on_many_days_pause(ada: Subscriber) -> None:
    for day in range(DAYS_TO_PAUSE):
        bounces.refused(ADA, "5.2.2", MORNING + timedelta(days=day))
    assert status(ada) == PAUSED


DAY = st.dates(date(2026, 1, 1), date(2026, 3, 1))
SOFT_OR_NOT = st.sampled_from([Meaning.SOFT, Meaning.HARD, Meaning.DELIVERED])


@given(st.dictionaries(DAY, st.lists(SOFT_OR_NOT, min_size=1), max_size=30))
def test_a_score_is_never_below_nothing_nor_above_one_a_day(days: dict[date, list[Meaning]]) -> None:
    score = bounces.score_of(days)
    assert 0 <= score.value <= score.highest <= len(days)
    assert score == bounces.score_of({day: days[day][::-1] * 2 for day in reversed(list(days))})
