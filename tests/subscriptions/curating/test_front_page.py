"""The first page of the admin: what today needs, for each as far as their rights go."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from papers.feeds import feed_states
from papers.models import Edition, EditionEntry, EntryReason, Paper, Topic
from subscriptions.models import (
    Control,
    DeliveryEvent,
    DeliveryStatus,
    Digest,
    EventStatus,
    Run,
    Subscriber,
)
from subscriptions.staff.site import IN_FRONT
from tests.subscriptions.conftest import MORNING, TODAY, axis
from tests.subscriptions.staff.conftest import signed_in, staff

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(MORNING)]


@pytest.fixture
def edition(some_papers: list[Paper]) -> Edition:
    first = EditionEntry.objects.order_by("pk")[0]
    EditionEntry.objects.filter(pk=first.pk).update(reason=EntryReason.TOOK_OFF)
    Control.objects.update_or_create(pk=1, defaults={"last_tick_at": MORNING, "instance_id": "test"})
    return Edition.objects.get()


def page(client: Client) -> str:
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def something_of_everything(reader: Subscriber) -> None:
    """Leave a digest, a report, a run and a source that somebody has to look at."""
    times = {"due_at": MORNING, "next_attempt_at": MORNING, "claimed_at": MORNING}
    Digest.objects.create(subscriber=reader, local_date=TODAY, status=DeliveryStatus.UNCERTAIN, **times)
    DeliveryEvent.objects.create(
        provider="postmark",
        event_id="1",
        status=EventStatus.FAILED,
        happened_at=MORNING,
        received_at=MORNING,
        next_attempt_at=MORNING,
    )
    Run.objects.create(hour=MORNING - timedelta(hours=2), note="1 digest is missing.")
    feed_states.note_failure("huggingface", MORNING, "no answer")


OF_CURATORS = ("1 paper took off", "?show=waiting", "topics have no follower", "Curate it at its desk")
OF_OPERATORS = (
    "Of 1 digest nobody knows",
    "1 report of the provider",
    "1 digest is missing.",
    "The source huggingface is",
)


def test_a_curator_sees_the_edition_and_what_waits_for_it_and_nothing_of_readers(
    edition: Edition, make_subscriber: Callable[..., Subscriber]
) -> None:
    something_of_everything(make_subscriber())
    text = page(signed_in(staff("clara", group="curator")))
    assert [words for words in OF_CURATORS if words not in text] == []
    assert [words for words in OF_OPERATORS if words in text] == []
    assert reverse("admin:edition-desk", args=[edition.pk]) in text


def test_an_operator_sees_what_mail_and_sources_need_and_a_desk_to_look_at(
    edition: Edition, make_subscriber: Callable[..., Subscriber]
) -> None:
    something_of_everything(make_subscriber())
    text = page(signed_in(staff("oskar", group="operator")))
    assert [words for words in (*OF_OPERATORS, "Look at its desk") if words not in text] == []


def test_when_all_is_well_it_says_so(edition: Edition, topics: list[Topic]) -> None:
    EditionEntry.objects.update(reason=EntryReason.ANNOUNCED)
    Topic.objects.update(is_active=False)
    text = page(signed_in(staff("clara", group="curator")))
    assert '<p class="points">Nothing.</p>' in text
    assert "Nothing that this page looks at" in text


def test_whoever_has_no_right_sees_nothing(edition: Edition) -> None:
    text = page(signed_in(staff("nora")))
    assert "You don’t have permission" in text
    assert not [words for words in ("Edition of", "Inside", "took off") if words in text]


def test_lists_that_people_use_stand_in_front_and_all_others_inside(edition: Edition, admin_client: Client) -> None:
    text = page(admin_client)
    front, inside = text.split('id="inside"')
    everywhere = {model._meta.label_lower: model._meta for model in admin.site._registry}
    in_front = {label for labels in IN_FRONT.values() for label in labels}
    assert in_front <= everywhere.keys()
    for label, meta in everywhere.items():
        link = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        assert f'<li><a href="{link}">' in (front if label in in_front else inside), label
    names = [str(meta.verbose_name_plural) for meta in everywhere.values()]
    assert [name for name in names if name.endswith("ss")] == []


def test_queries_grow_with_nothing(
    edition: Edition, admin_client: Client, make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(admin_client)
        return len(captured)

    something_of_everything(make_subscriber())
    queries()
    before = queries()
    for number in range(9):
        make_paper(100 + number, axis(number % 8))
        feed_states.note_failure("arxiv", MORNING, "no answer", f"cs.{number}")
        Run.objects.create(hour=MORNING - timedelta(hours=3 + number), note="1 digest is missing.")
    assert queries() == before
