"""Whatever a provider puts into Retry-After: we wait, an hour at most, and never stumble."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from subscriptions.models import Digest
from subscriptions.providers.answers import Answer
from subscriptions.providers.retry_after import LONGEST, asked_for
from subscriptions.transport import backends, circuit_breakers
from tests.fakes.dialects import Reply
from tests.fakes.mail_api import MailApi
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.providers.conftest import deliver

NOON = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("77", 77.0),
        (" 30.5 ", 30.5),
        ("0", 0.0),
        ("1800000000", LONGEST.total_seconds()),
        ("9" * 20, LONGEST.total_seconds()),
        ("9" * 5000, LONGEST.total_seconds()),
        ("Tue, 30 Jun 2026 12:01:00 GMT", 60.0),
        ("Tue, 30 Jun 2026 12:01:00", 60.0),
        ("Tue, 30 Jun 2026 11:00:00 GMT", 0.0),
        ("Wed, 30 Jun 2083 12:00:00 GMT", LONGEST.total_seconds()),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("-5", None),
        ("²", None),
        ("1e3", None),
        ("soon", None),
        ("", None),
    ],
)
@time_machine.travel(NOON, tick=False)
def test_it_is_bounded(said: str, seconds: float | None) -> None:
    asked = asked_for(Answer(429, headers={"retry-after": said}))
    assert asked == (None if seconds is None else timedelta(seconds=seconds))


def test_a_date_is_measured_by_the_clock_of_who_said_it() -> None:
    headers = {"retry-after": "Tue, 30 Jun 2026 12:01:00 GMT", "date": "Tue, 30 Jun 2026 12:00:30 GMT"}
    assert asked_for(Answer(429, headers=headers)) == timedelta(seconds=30)


@pytest.mark.parametrize("said", ["1800000000", "9" * 20, "Wed, 30 Jun 2083 12:00:00 GMT", "30.5", "soon"])
def test_no_breaker_stays_open_for_years(digest: Digest, through: Callable[[str], MailApi], said: str) -> None:
    api = through("postmark")
    api.failures["slow"] = lambda to: Reply(429, {"ErrorCode": 429, "Message": "no"}, {"Retry-After": said})
    api.situation = "slow"
    assert deliver(MORNING).status == "planned"
    assert (circuit_breakers.open_until(backends.name()) or MORNING) - MORNING <= LONGEST
    api.situation = "taken"
    assert deliver(MORNING + timedelta(hours=3)).status == "sent"
