"""Digests ask for a sign after three weeks without one, come weekly if none comes, and daily again once one does."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from time_machine import TimeMachineFixture

from subscriptions import lifecycle
from subscriptions.digests import planning, silence
from subscriptions.models import Digest, Frequency, Subscriber, SubscriberStatus
from subscriptions.people import links
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING, TODAY

DAY = timedelta(days=1)
Subscribe = Callable[..., Subscriber]


@pytest.fixture
def clock(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    return time_machine


def at(days: int) -> datetime:
    return MORNING + days * DAY


def mailed(subscriber: Subscriber, *, every: int = 1, first: int = 1, last: int = 21) -> None:
    """Digests that left on these days after the reader's last sign."""
    for days in range(first, last + 1, every):
        day = (subscriber.last_sign_on or TODAY) + days * DAY
        when = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
        Digest.objects.create(
            subscriber=subscriber, local_date=day, due_at=when, next_attempt_at=when, claimed_at=when, status="sent"
        )


def day_of(subscriber: Subscriber, now: datetime) -> Subscriber:
    """Plan what is due then, and let it leave."""
    Subscriber.objects.filter(pk=subscriber.pk).update(next_digest_at=now)
    planning.plan(now)
    leave(now)
    return Subscriber.objects.get(pk=subscriber.pk)


def leave(now: datetime) -> None:
    Digest.objects.filter(status="planned").update(status="sent", claimed_at=now, finished_at=now)


@pytest.fixture
def silent(make_subscriber: Subscribe) -> Subscriber:
    """Somebody who gave a sign today, and none in the 21 digests since."""
    subscriber = make_subscriber(last_sign_on=TODAY)
    mailed(subscriber)
    return subscriber


def asked(subscriber: Subscriber) -> Subscriber:
    return day_of(subscriber, at(22))


def slowed(subscriber: Subscriber) -> Subscriber:
    for days in range(22, 30):
        subscriber = day_of(subscriber, at(days))
    return subscriber


def test_after_three_weeks_of_digests_without_a_sign_the_next_one_asks(silent: Subscriber) -> None:
    reader = asked(silent)
    assert (reader.is_asked, reader.asked_on, reader.is_slowed) == (True, TODAY + 22 * DAY, False)


def test_nobody_is_asked_before(make_subscriber: Subscribe) -> None:
    reader = make_subscriber(last_sign_on=TODAY)
    mailed(reader, last=20)
    assert not day_of(reader, at(21)).is_asked


def test_three_weeks_of_which_most_days_were_empty_are_no_silence_of_the_reader(make_subscriber: Subscribe) -> None:
    reader = make_subscriber(last_sign_on=TODAY)
    mailed(reader, every=3)
    assert not day_of(reader, at(22)).is_asked


def test_who_reads_from_monday_to_friday_is_asked_after_as_many_weeks(make_subscriber: Subscribe) -> None:
    reader = make_subscriber(last_sign_on=TODAY, frequency=Frequency.WEEKDAYS)
    for week in (0, 7, 14):
        mailed(reader, first=week + 1, last=week + 5)
    assert day_of(reader, at(22)).is_asked


def test_a_week_after_it_asked_digests_come_weekly_on_the_day_for_weekly_ones(silent: Subscriber) -> None:
    reader = slowed(silent)
    assert reader.slowed_on == TODAY + 29 * DAY
    assert (reader.frequency, reader.present_frequency) == (Frequency.DAILY, Frequency.WEEKLY)
    assert reader.next_digest_at
    assert reader.next_digest_at.weekday() == reader.weekly_day
    assert Digest.objects.filter(subscriber=reader, local_date=TODAY + 29 * DAY).exists()


def test_no_week_passes_while_no_digest_asks(silent: Subscriber) -> None:
    asked(silent)
    Digest.objects.filter(local_date=TODAY + 22 * DAY).update(status="skipped", reason="empty")
    reader = day_of(silent, at(30))
    assert (reader.is_asked, reader.is_slowed) == (True, False)


@pytest.mark.parametrize(
    "fields",
    [{"frequency": Frequency.WEEKLY}, {"slow_down": False}, {"last_sign_on": None}],
    ids=["weekly anyway", "does not want it", "before the clock began"],
)
def test_these_are_never_asked(silent: Subscriber, fields: dict[str, Any]) -> None:
    Subscriber.objects.filter(pk=silent.pk).update(**fields)
    assert asked(silent).asked_on is None


def test_nobody_is_asked_where_the_operator_does_not_want_it(silent: Subscriber, settings: Any) -> None:
    settings.SLOW_DOWN_AFTER_DAYS = 0
    assert asked(silent).asked_on is None


def test_a_pause_is_no_silence(silent: Subscriber) -> None:
    Subscriber.objects.filter(pk=silent.pk).update(status=SubscriberStatus.PAUSED)
    assert asked(silent).asked_on is None


def test_an_operator_who_ends_it_brings_back_everybodys_rhythm(silent: Subscriber, settings: Any) -> None:
    slowed(silent)
    settings.SLOW_DOWN_AFTER_DAYS = 0
    assert lifecycle.quicken(at(30)) == 1
    assert Subscriber.objects.get().present_frequency == Frequency.DAILY


def test_the_clock_of_readers_of_before_starts_with_the_upgrade(make_subscriber: Subscribe) -> None:
    """Nobody is asked the next day."""
    reader, newer = make_subscriber(), make_subscriber("bob@example.org", last_sign_on=TODAY)
    import_module("subscriptions.migrations.0032_the_clock_of_signs_starts").today_is_a_sign(apps, None)
    reader.refresh_from_db()
    newer.refresh_from_db()
    assert (reader.last_sign_on, newer.last_sign_on) == (now().date(), TODAY)


def said_on(subscriber: Subscriber) -> str:
    """What the pages say of the rhythm."""
    page = Client().get(reverse("preferences", args=[links.token(Purpose.PREFERENCES, subscriber)]))
    _, _, after = page.content.decode().partition('id="rhythm"')
    return after.partition("</form>")[0]


def press_keep(subscriber: Subscriber) -> str:
    """Press the button on the web copy of the newest digest; what the page says then."""
    token = links.token(Purpose.DIGEST, subscriber.digests.order_by("-local_date")[0])
    return Client().post(reverse("digest", args=[token]), {"rhythm": "keep"}, follow=True).content.decode()


def test_one_press_on_the_web_copy_keeps_the_rhythm(silent: Subscriber) -> None:
    reader = asked(silent)
    assert "Thank you. Your digests come every day." in press_keep(reader)
    reader.refresh_from_db()
    assert (reader.is_asked, reader.asked_on) == (False, None)
    assert said_on(reader) == ""


def test_one_press_brings_the_rhythm_back_and_tomorrows_digest(silent: Subscriber, clock: TimeMachineFixture) -> None:
    reader = slowed(silent)
    clock.move_to(at(29) + timedelta(hours=2))
    press_keep(reader)
    reader.refresh_from_db()
    assert reader.present_frequency == Frequency.DAILY
    assert reader.next_digest_at == at(30)


def test_the_preferences_say_it_and_have_the_same_button(silent: Subscriber, clock: TimeMachineFixture) -> None:
    reader = slowed(silent)
    clock.move_to(at(31))
    assert "Since 29 July your digests come once a week" in said_on(reader)
    assert "Have them daily again" in said_on(reader)
    page = Client().post(reverse("keep_rhythm", args=[links.token(Purpose.PREFERENCES, reader)]), follow=True)
    assert "Thank you. Your digests come every day." in page.content.decode()
    reader.refresh_from_db()
    assert (reader.slowed_on, reader.next_digest_at) == (None, at(32))


def test_so_does_any_other_act_on_a_readers_pages(silent: Subscriber, clock: TimeMachineFixture) -> None:
    reader = slowed(silent)
    clock.move_to(at(29) + timedelta(hours=2))
    Client().post(reverse("forget", args=[links.token(Purpose.PREFERENCES, reader)]), {"everything": "1"})
    reader.refresh_from_db()
    assert (reader.last_sign_on, reader.next_digest_at) == (TODAY + 29 * DAY, at(30))


def read_a_web_copy(reader: Subscriber) -> None:
    token = links.token(Purpose.DIGEST, reader.digests.order_by("-local_date")[0])
    assert Client().get(reverse("digest", args=[token])).status_code == 200


def test_reading_a_web_copy_is_a_sign_and_the_clock_brings_the_rhythm_back(
    silent: Subscriber, clock: TimeMachineFixture
) -> None:
    reader = slowed(silent)
    clock.move_to(at(29) + timedelta(hours=2))
    read_a_web_copy(reader)
    assert lifecycle.quicken(at(29) + timedelta(hours=2)) == 1
    reader.refresh_from_db()
    assert (reader.slowed_on, reader.asked_on, reader.next_digest_at) == (None, None, at(30))


def test_the_clock_leaves_those_alone_who_gave_no_sign(silent: Subscriber) -> None:
    reader = slowed(silent)
    assert lifecycle.quicken(at(30)) == 0
    assert reader.is_slowed


def test_who_signs_up_again_begins_with_the_rhythm_they_chose(silent: Subscriber) -> None:
    reader = slowed(silent)
    lifecycle.unsubscribe(reader, at(30))
    lifecycle.sign_up(reader.email, lifecycle.Wishes(topics=(1,)), form_text_hash="hash", now=at(31))
    assert lifecycle.confirm(reader.consents.get(confirmed_at=None), at(31))
    reader.refresh_from_db()
    assert (reader.is_slowed, reader.last_sign_on) == (False, TODAY + 31 * DAY)


def body() -> str:
    return " ".join(str(mail.outbox[-1].body).split())


def send(reader: Subscriber, day: date, **fields: Any) -> None:
    from subscriptions.mails.emails import digest_message

    Subscriber.objects.filter(pk=reader.pk).update(**fields)
    digest = Digest(subscriber=Subscriber.objects.get(pk=reader.pk), local_date=day)
    digest_message(digest, [], MORNING).send()


def test_the_mail_asks_and_then_says_that_it_slowed_down(make_subscriber: Subscribe) -> None:
    reader = make_subscriber(last_sign_on=TODAY - 30 * DAY)
    send(reader, TODAY)
    assert "once a week" not in body()
    send(reader, TODAY, asked_on=TODAY - DAY)
    assert "If it stays so, your digests will come once a week from next week on. Keep them daily: http" in body()
    assert "/#rhythm" in body()
    send(reader, TODAY, asked_on=TODAY - 8 * DAY, slowed_on=TODAY)
    assert "from now on your digests come once a week, on Monday. Have them daily again: http" in body()
    send(reader, TODAY + 7 * DAY)
    assert "Since 30 June your digests come once a week" in body()
    assert "Since 30 June your digests come once a week" in str(mail.outbox[-1].alternatives[0][0])  # type: ignore[attr-defined]


def test_it_takes_as_many_queries_for_many_silent_readers_as_for_one(
    make_subscriber: Subscribe, django_assert_num_queries: Callable[..., object]
) -> None:
    readers = [make_subscriber(f"r{number}@example.org", last_sign_on=TODAY) for number in range(5)]
    for reader in readers:
        mailed(reader)
    for some in (readers[:1], readers[1:]):
        for reader in some:
            reader.next_digest_at = at(22)
        with django_assert_num_queries(2):  # type: ignore[attr-defined]
            silence.judge(some, at(22))


def test_where_nobody_was_silent_for_long_it_takes_none(
    make_subscriber: Subscribe, django_assert_num_queries: Callable[..., object]
) -> None:
    reader = make_subscriber(last_sign_on=TODAY)
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        silence.judge([reader], at(3))
