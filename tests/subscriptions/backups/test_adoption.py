"""A restored database that is adopted: what the one before it may have sent is not sent again."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from pytest_django import Settings

from papers.models import Edition, EditionEntry, Paper
from subscriptions import lifecycle
from subscriptions.delivery import adoption, outbox
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    Control,
    DeliveryStatus,
    Digest,
    DigestItem,
    SignUp,
    SkipReason,
    Subscriber,
)
from tests.subscriptions.conftest import MORNING, TODAY, axis, deliver_due, plan

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
Subscribe = Callable[..., Subscriber]


@pytest.fixture(autouse=True)
def _a_copy(settings: Settings) -> None:
    settings.INSTANCE_ID = "copy"


def fates() -> list[tuple[str, str]]:
    return list(Digest.objects.order_by("local_date", "pk").values_list("status", "reason"))


def test_what_waited_is_not_sent_and_what_was_on_its_way_is_unclear(
    make_subscriber: Subscribe, some_papers: list[Paper]
) -> None:
    ada, bob = make_subscriber(), make_subscriber("bob@example.org")
    plan()
    Digest.objects.filter(subscriber=bob).update(status=DeliveryStatus.SENDING, claimed_at=MORNING)
    adopted = adoption.adopt(MORNING)
    assert (adopted.digests, adopted.unclear) == (1, 1)
    assert ada.digests.get().reason == SkipReason.RESTORED
    assert bob.digests.get().status == DeliveryStatus.UNCERTAIN


def test_who_was_due_by_then_gets_no_digest_of_that_day(make_subscriber: Subscribe, some_papers: list[Paper]) -> None:
    make_subscriber()
    adoption.adopt(MORNING)
    assert deliver_due(MORNING) == 0
    assert fates() == [(DeliveryStatus.SKIPPED, SkipReason.RESTORED)]


def test_who_would_be_due_later_on_that_day_of_theirs_gets_none_either(
    make_subscriber: Subscribe, some_papers: list[Paper]
) -> None:
    later = MORNING + timedelta(hours=4)
    make_subscriber(next_digest_at=later, send_hour=12)
    adoption.adopt(MORNING)
    assert deliver_due(later) == 0
    assert fates() == [(DeliveryStatus.SKIPPED, SkipReason.RESTORED)]


def test_an_operator_may_let_digests_of_later_hours_go_out(
    make_subscriber: Subscribe, some_papers: list[Paper]
) -> None:
    later = MORNING + timedelta(hours=4)
    make_subscriber(next_digest_at=MORNING)
    noon = make_subscriber("noon@example.org", next_digest_at=later, send_hour=12)
    noon.confirmed_at = later
    noon.save()
    call_command("sending", "adopt", "--yes", "--today", stdout=io.StringIO())
    Control.objects.update(restored_at=MORNING)
    assert deliver_due(later) == 1
    assert [digest.subscriber.email for digest in Digest.objects.filter(status=DeliveryStatus.SENT)] == [noon.email]


def test_the_date_is_that_of_the_reader(make_subscriber: Subscribe, some_papers: list[Paper]) -> None:
    """Where it is tomorrow already, a digest of that date may go out only when that day is over."""
    evening = MORNING + timedelta(hours=12)  # 08:00 of July 1 in Auckland
    make_subscriber(next_digest_at=evening + timedelta(hours=1), timezone="Pacific/Auckland", send_hour=9)
    adoption.adopt(evening)
    deliver_due(evening + timedelta(hours=1))
    assert list(Digest.objects.values_list("local_date", "reason")) == [(TODAY + DAY, SkipReason.RESTORED)]


def test_a_digest_of_the_next_day_has_no_paper_that_was_announced_before(
    make_subscriber: Subscribe, make_paper: Callable[..., Paper], some_papers: list[Paper]
) -> None:
    make_subscriber(next_digest_at=MORNING + DAY)
    took_off = Edition.objects.create(date=TODAY + DAY)
    EditionEntry.objects.create(edition=took_off, paper=some_papers[0])
    new = make_paper(9, axis(0, 0.3), day=TODAY + DAY)
    adoption.adopt(MORNING)
    assert deliver_due(MORNING + DAY) == 1
    assert {item.paper for item in DigestItem.objects.filter(role="pick")} == {new}


def test_who_signed_up_since_gets_all_that_there_is(make_subscriber: Subscribe, some_papers: list[Paper]) -> None:
    adoption.adopt(MORNING - timedelta(hours=1))
    make_subscriber(next_digest_at=MORNING + DAY)
    assert deliver_due(MORNING + DAY) == 1


def test_account_mails_and_forms_that_waited_go_no_further(make_subscriber: Subscribe) -> None:
    AccountMail.objects.create(subscriber=make_subscriber(), kind=AccountMailKind.LINK, next_attempt_at=MORNING)
    SignUp.objects.create(email="new@example.org", requested_at=MORNING, next_attempt_at=MORNING)
    adopted = adoption.adopt(MORNING)
    assert (adopted.account_mails, adopted.forms) == (1, 1)
    assert outbox.send_waiting(clock=lambda: MORNING) == 0
    assert AccountMail.objects.get().status == DeliveryStatus.SKIPPED


def test_nobody_is_reminded_who_may_have_confirmed_meanwhile(make_subscriber: Subscribe) -> None:
    ada = make_subscriber(status="pending", confirmed_at=None)
    consent = ada.consents.create(email=ada.email, requested_at=MORNING - 3 * DAY)
    assert list(lifecycle.unconfirmed(MORNING)) == [consent]
    adoption.adopt(MORNING)
    assert list(lifecycle.unconfirmed(MORNING)) == []


def test_a_database_that_only_got_another_name_sends_what_waits(
    make_subscriber: Subscribe, some_papers: list[Paper]
) -> None:
    make_subscriber()
    call_command("sending", "adopt", "--yes", "--renamed", stdout=io.StringIO())
    assert deliver_due(MORNING) == 1
