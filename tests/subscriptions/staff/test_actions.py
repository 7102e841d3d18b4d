"""What cannot be undone is asked about first, and who did what to which row stands in the admin's log."""

from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from papers import admin_rights
from papers.models import EditionEntry
from subscriptions import lifecycle
from subscriptions.models import (
    DeliveryEvent,
    DeliveryStatus,
    Digest,
    SignUp,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from tests.database_dump import lines_with
from tests.subscriptions.staff.conftest import SECRET_WORDS, signed_in, staff

pytestmark = pytest.mark.django_db
DIGESTS, SUBSCRIBERS = "admin:subscriptions_digest_changelist", "admin:subscriptions_subscriber_changelist"
# Action, the list it stands in, and what the log says.
IRREVERSIBLE = {
    "suppress": (SUBSCRIBERS, "Suppressed."),
    "unsubscribe": (SUBSCRIBERS, "Unsubscribed."),
    "erase": (SUBSCRIBERS, "Erased."),
    "resend": (DIGESTS, "Sent again."),
    "give_up": (DIGESTS, "Given up."),
}


@pytest.fixture
def operator(reader: Subscriber) -> Client:
    Digest.objects.update(status=DeliveryStatus.UNCERTAIN)
    LogEntry.objects.all().delete()
    return signed_in(staff("oskar", group="operator"))


def act(client: Client, where: str, action: str, *keys: int, **fields: Any) -> HttpResponse:
    return client.post(reverse(where), {"action": action, "_selected_action": keys, **fields})  # type: ignore[return-value]


def key_of(where: str) -> int:
    return (Digest if where == DIGESTS else Subscriber).objects.get().pk


@pytest.mark.parametrize("action", IRREVERSIBLE)
def test_first_it_lists_whom_it_would_happen_to_and_changes_nothing(operator: Client, action: str) -> None:
    where, _ = IRREVERSIBLE[action]
    kept = [line for line in lines_with("") if not line.startswith("django_session")]
    page = act(operator, where, action, key_of(where))
    assert page.status_code == 200
    text = page.content.decode()
    assert all(word in text for word in (*SECRET_WORDS, f'name="action" value="{action}"', "_selected_action"))
    for query in ({}, {"action": action, "_selected_action": key_of(where), "confirm": "yes"}):
        assert operator.get(reverse(where), query).status_code in {200, 302}
        assert operator.head(reverse(where), query).status_code in {200, 302}
    assert [line for line in lines_with("") if not line.startswith("django_session")] == kept


@pytest.mark.parametrize("action", IRREVERSIBLE)
def test_then_it_is_done_and_entered_in_the_log_without_a_name(operator: Client, action: str) -> None:
    where, said = IRREVERSIBLE[action]
    key = key_of(where)
    assert act(operator, where, action, key, confirm="yes").status_code == 302
    entry = LogEntry.objects.get()
    assert (entry.get_change_message(), entry.object_id, entry.user.username) == (said, str(key), "oskar")
    assert entry.action_flag == (DELETION if action == "erase" else CHANGE)
    assert not any(word in entry.object_repr for word in SECRET_WORDS)


def test_what_it_could_do_nothing_for_is_not_listed_and_not_logged(operator: Client) -> None:
    Digest.objects.update(status=DeliveryStatus.SENT, finished_at=now())
    for action in ("resend", "give_up"):
        answer = act(operator, DIGESTS, action, key_of(DIGESTS), confirm="yes")
        assert answer.status_code == 302
    assert Digest.objects.get().status == DeliveryStatus.SENT
    assert not LogEntry.objects.exists()


def test_who_left_by_themselves_meanwhile_is_not_unsubscribed_again(operator: Client, reader: Subscriber) -> None:
    lifecycle.unsubscribe(reader, now())
    act(operator, SUBSCRIBERS, "unsubscribe", reader.pk, confirm="yes")
    assert not LogEntry.objects.exists()


def test_more_than_can_be_looked_through_are_refused(
    operator: Client, reader: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_rights, "CONFIRMED_AT_ONCE", 0)
    answer = act(operator, SUBSCRIBERS, "erase", reader.pk, select_across="1", confirm="yes")
    assert "choose at most" in operator.get(answer.url).content.decode()  # type: ignore[attr-defined]
    assert Subscriber.objects.exists()


def test_all_that_a_list_holds_are_named_one_by_one(operator: Client, reader: Subscriber) -> None:
    """What comes meanwhile is in no danger."""
    page = act(operator, SUBSCRIBERS, "erase", reader.pk, select_across="1")
    assert f'name="_selected_action" value="{reader.pk}"' in page.content.decode()
    assert 'name="select_across"' not in page.content.decode()


def test_an_erased_person_leaves_nothing_in_the_log_whatever_it_said_of_them(
    operator: Client, reader: Subscriber
) -> None:
    long = "z" * 60 + "." + "y" * 190 + "@quokka.example"
    place = ContentType.objects.get_for_model(Subscriber)
    oskar = User.objects.get(username="oskar")
    for name in (reader.email, long[:200], "Zyzzyva Newton, who called"):  # as earlier releases wrote them
        LogEntry.objects.create(
            user=oskar, content_type=place, object_id=str(reader.pk), object_repr=name, action_flag=CHANGE
        )
    for action in ("suppress", "erase"):
        act(operator, SUBSCRIBERS, action, reader.pk, confirm="yes")
    assert [line for word in (*SECRET_WORDS, "y" * 100) for line in lines_with(word) if "log" in line] == []
    assert LogEntry.objects.filter(change_message="Erased.", object_repr=f"subscriber {reader.pk}").exists()
    assert LogEntry.objects.count() == 5


class TestOthers:
    """Each action of the admin leaves a line, also those that can be undone."""

    def test_a_report_that_is_processed_again(self, operator: Client) -> None:
        event = DeliveryEvent.objects.exclude(digest=None).get()
        act(operator, "admin:subscriptions_deliveryevent_changelist", "process_again", event.pk)
        assert LogEntry.objects.get().get_change_message() == "To be processed again."

    def test_waiting_sign_ups_are_deleted_after_a_question_and_without_a_name(self, operator: Client) -> None:
        where, [key] = "admin:subscriptions_signup_changelist", SignUp.objects.values_list("pk", flat=True)
        assert SECRET_WORDS[0] in act(operator, where, "delete_selected", key).content.decode()
        assert SignUp.objects.exists()
        act(operator, where, "delete_selected", key, post="yes")
        assert not SignUp.objects.exists()
        assert LogEntry.objects.get().object_repr == f"sign up {key}"

    def test_a_suppression_is_lifted_after_a_question(self, operator: Client, reader: Subscriber) -> None:
        row = lifecycle.suppress(reader.email, reason="operator")
        url = reverse("admin:subscriptions_suppression_delete", args=[row.pk])
        assert "Are you sure" in operator.get(url).content.decode()
        assert Suppression.objects.exists()
        operator.post(url, {"post": "yes"})
        assert not Suppression.objects.exists()
        assert LogEntry.objects.get().action_flag == DELETION

    def test_what_a_curator_decides(self, reader: Subscriber) -> None:
        LogEntry.objects.all().delete()
        client, entry = signed_in(staff("clara", group="curator")), EditionEntry.objects.all()[0]
        for action, said in [("hide", "Hidden."), ("unhide", "Shown again."), ("feature", "Featured.")]:
            act(client, "admin:papers_editionentry_changelist", action, entry.pk)
            assert LogEntry.objects.latest("pk").get_change_message() == said
        act(client, "admin:papers_paper_changelist", "hide_in_newest_edition", entry.paper_id)
        assert LogEntry.objects.latest("pk").object_id == str(entry.paper_id)
        assert LogEntry.objects.count() == 4

    def test_pending_people_are_unsubscribed_too(self, operator: Client, reader: Subscriber) -> None:
        Subscriber.objects.update(status=SubscriberStatus.PENDING)
        act(operator, SUBSCRIBERS, "unsubscribe", reader.pk, confirm="yes")
        assert LogEntry.objects.get().get_change_message() == "Unsubscribed."
