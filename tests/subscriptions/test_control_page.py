"""The admin's Control page, and what stands on top of every other page while mail may not leave."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from subscriptions import control
from subscriptions.models import Breaker, Control, StopReason
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db
URL = "/admin/subscriptions/control/"
BANNER = "What keeps mail from leaving"


def text(client: Client, url: str = URL) -> str:
    return client.get(url).content.decode()


def staff(*permissions: str) -> Client:
    """Signed in as somebody with these permissions alone."""
    user = User.objects.create_user("clara", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_a_stop_is_recorded_with_its_reason_and_by_whom(admin_client: Client) -> None:
    answer = admin_client.post(URL, {"verb": "stop", "note": "Wrong links!"})
    assert answer.status_code == 302
    assert Control.objects.get().stopped_because == StopReason.OPERATOR
    assert Control.objects.get().note == "Wrong links! (admin)"
    assert LogEntry.objects.get().get_change_message() == "All sending is stopped."
    assert not control.may_send()


def test_sending_is_resumed_by_the_other_button(admin_client: Client) -> None:
    assert 'value="resume"' not in text(admin_client)
    control.stop(StopReason.BOUNCES, "", MORNING)
    assert 'value="resume"' in text(admin_client)
    admin_client.post(URL, {"verb": "resume"})
    assert control.may_send()


def test_looking_changes_nothing(admin_client: Client) -> None:
    for query in ({}, {"verb": "stop"}):
        assert admin_client.get(URL, query).status_code == 200
    assert control.may_send()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_look_is_refused(method: str) -> None:
    assert getattr(staff(), method)(URL, {"verb": "stop"}).status_code == 403
    assert control.may_send()


def test_who_may_only_look_sees_no_button_and_cannot_stop() -> None:
    client = staff("view_control")
    assert 'name="verb"' not in text(client)
    assert client.post(URL, {"verb": "stop"}).status_code == 403
    assert control.may_send()


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    control.stop(StopReason.OPERATOR, "secret", MORNING)
    assert client.post(URL, {"verb": "resume"}).status_code == 302
    assert not control.may_send()
    assert "secret" not in text(client, reverse("admin:login"))


def test_a_post_from_another_site_is_refused(admin_user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert client.post(URL, {"verb": "stop"}).status_code == 403


@pytest.mark.parametrize("fields", [{}, {"verb": "explode"}, {"verb": "__class__"}])
def test_an_unknown_verb_is_refused(admin_client: Client, fields: dict[str, str]) -> None:
    assert admin_client.post(URL, fields).status_code == 400


def test_a_breaker_is_listed_and_closed(admin_client: Client) -> None:
    Breaker.objects.create(provider="postmark", open_until=MORNING, reason="503 Down.", changed_at=MORNING, failures=5)
    assert "503 Down." in text(admin_client)
    admin_client.post(URL, {"verb": "close", "provider": "postmark"})
    breaker = Breaker.objects.get()
    assert (breaker.open_until, breaker.failures) == (None, 0)
    assert admin_client.post(URL, {"verb": "close", "provider": "nobody"}).status_code == 302


@pytest.mark.parametrize("url", ["/admin/", "/admin/subscriptions/digest/", URL])
def test_every_page_of_the_admin_says_that_sending_is_stopped(admin_client: Client, url: str) -> None:
    assert BANNER not in text(admin_client, url)
    control.stop(StopReason.COMPLAINTS, "3 of 900", MORNING)
    page = text(admin_client, url)
    assert "All sending is stopped since 30 June, 08:00 UTC. Too many readers reported a mail as spam. 3 of 900" in page


def test_every_page_of_the_admin_says_that_this_is_a_copy(admin_client: Client, settings: Settings) -> None:
    settings.INSTANCE_ID = "copy"
    assert "belongs to the instance “development”" in text(admin_client, "/admin/")


def test_a_note_is_text(admin_client: Client) -> None:
    control.stop(StopReason.OPERATOR, "<script>alert(1)</script>", MORNING)
    assert "<script>alert(1)" not in text(admin_client, "/admin/")


def test_a_page_of_the_admin_costs_two_questions_more(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(5):  # session and user, the log of the first page, and these two
        admin_client.get("/admin/")


def test_runs_and_allowances_can_be_looked_at(admin_client: Client) -> None:
    for name in ("run", "ratebucket"):
        assert admin_client.get(reverse(f"admin:subscriptions_{name}_changelist")).status_code == 200
