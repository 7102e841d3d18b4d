"""Signs of life: what is one, and that of a web copy that is read nothing but the date is kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from papers.models import Paper
from subscriptions.models import Digest, Subscriber
from subscriptions.people import links
from subscriptions.people.links import url
from subscriptions.people.tokens import Purpose
from tests.database_dump import dump
from tests.subscriptions.conftest import account_page, axis, deliver_due, preferences
from tests.subscriptions.links.test_link_scanners import SCANNERS

AN_HOUR, A_MONTH = timedelta(hours=1), timedelta(days=30)


@pytest.fixture
def digest(make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper], topics: list[Any]) -> Digest:
    """Sent an hour ago to somebody who gave no sign for a month."""
    make_paper(1, axis(0), day=now().date())
    reader = make_subscriber(next_digest_at=now() - AN_HOUR, last_sign_on=(now() - A_MONTH).date())
    assert deliver_due(now() - AN_HOUR) == 1
    return Digest.objects.get(subscriber=reader)


def web_copy(digest: Digest) -> str:
    return reverse("digest", args=[links.token(Purpose.DIGEST, digest)])


def days_since_the_last_sign() -> int:
    last = Subscriber.objects.get().last_sign_on
    assert last
    return (now().date() - last).days


def test_reading_a_web_copy_stores_the_date_and_nothing_else(digest: Digest) -> None:
    before = dump()
    Client().get(web_copy(digest))
    assert days_since_the_last_sign() == 0
    Subscriber.objects.update(last_sign_on=digest.subscriber.last_sign_on)
    assert dump() == before


def test_it_is_stored_once_a_day(digest: Digest) -> None:
    Client().get(web_copy(digest))
    before = dump()
    Client().get(web_copy(digest))
    assert dump() == before


def test_whoever_opens_every_link_of_a_mail_as_it_arrives_gives_no_sign(digest: Digest) -> None:
    Digest.objects.update(finished_at=now() - timedelta(minutes=14))
    before = dump()
    for agent in SCANNERS.values():
        Client(headers={"User-Agent": agent}).get(web_copy(digest))
    assert dump() == before


def test_nor_does_a_look_without_reading(digest: Digest) -> None:
    before = dump()
    Client().head(web_copy(digest))
    Client().options(web_copy(digest))
    assert dump() == before


@pytest.mark.parametrize("switched_off_by", ["the reader", "the operator"])
def test_nothing_is_stored_where_digests_never_slow_down(digest: Digest, settings: Any, switched_off_by: str) -> None:
    if switched_off_by == "the reader":
        Subscriber.objects.update(slow_down=False)
    else:
        settings.SLOW_DOWN_AFTER_DAYS = 0
    before = dump()
    Client().get(web_copy(digest))
    assert dump() == before


@pytest.mark.parametrize("page", ["preferences", "pause", "taught", "saved", "past_digests", "leave", "device"])
def test_looking_at_ones_other_pages_stores_nothing(digest: Digest, page: str) -> None:
    before = dump()
    assert Client().get(preferences(digest.subscriber, page)).status_code == 200
    assert dump() == before


@pytest.mark.parametrize("page", ["forget", "mute", "pause", "library", "keep_rhythm"])
def test_what_is_pressed_on_them_is_a_sign(digest: Digest, page: str) -> None:
    Client().post(preferences(digest.subscriber, page), {})
    assert days_since_the_last_sign() == 0


@pytest.mark.parametrize("page", ["preferences_preview", "terms"])
def test_what_is_typed_and_not_saved_stores_nothing(digest: Digest, page: str) -> None:
    Client().post(preferences(digest.subscriber, page), {})
    assert days_since_the_last_sign() == 30


def test_a_rating_is_a_sign_also_right_after_the_mail(digest: Digest) -> None:
    Digest.objects.update(finished_at=now())
    Client().post(web_copy(digest), {"2606.00001": "more"})
    assert days_since_the_last_sign() == 0


def test_so_is_what_is_asked_for_on_the_page_of_the_account(digest: Digest) -> None:
    Client().post(account_page("change_address", digest.subscriber), {"email": "no address"})
    assert days_since_the_last_sign() == 0


def test_leaving_is_none(digest: Digest) -> None:
    Client().post(url(Purpose.UNSUBSCRIBE, digest.subscriber), {"List-Unsubscribe": "One-Click"})
    assert days_since_the_last_sign() == 30
