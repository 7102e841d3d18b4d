"""The admin's Control page, and what stands on top of every other page while mail may not leave."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from subscriptions.limits import kill_switch
from subscriptions.models import Breaker, Control, StopReason
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db
URL = "/admin/subscriptions/control/"
BUTTONS = STOP, RESUME, CLOSE = [f"{URL}{name}/" for name in ("stop", "resume", "close-breaker")]
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
    answer = admin_client.post(STOP, {"note": "Wrong links!"})
    assert answer.status_code == 302
    assert Control.objects.get().stopped_because == StopReason.OPERATOR
    assert Control.objects.get().note == "Wrong links! (admin)"
    assert LogEntry.objects.get().get_change_message() == "All sending is stopped."
    assert not kill_switch.may_send()


def test_sending_is_resumed_by_the_other_button(admin_client: Client) -> None:
    assert RESUME not in text(admin_client)
    kill_switch.stop(StopReason.BOUNCES, "", MORNING)
    assert RESUME in text(admin_client)
    admin_client.post(RESUME)
    assert kill_switch.may_send()


def test_looking_changes_nothing(admin_client: Client) -> None:
    assert admin_client.get(URL).status_code == 200
    for button in BUTTONS:
        assert admin_client.get(button).status_code == 405
    assert admin_client.post(URL).status_code == 200
    assert kill_switch.may_send()
    assert not LogEntry.objects.exists()


def test_who_may_not_look_is_refused() -> None:
    client = staff()
    assert client.get(URL).status_code == 403
    assert [client.post(button).status_code for button in BUTTONS] == [403, 403, 403]
    assert kill_switch.may_send()


@pytest.mark.parametrize("right", ["stop_control", "resume_control", "close_breaker_control"])
def test_each_button_has_a_right_of_its_own(right: str) -> None:
    client = staff("view_subscriber", "view_control", right)
    allowed = [button for button in BUTTONS if client.post(button).status_code == 302]
    assert allowed == [reverse(f"admin:control-{right.removesuffix('_control').replace('_', '-')}")]


def test_who_may_only_look_sees_no_button_and_cannot_stop() -> None:
    client = staff("view_subscriber", "view_control")
    Breaker.objects.create(provider="postmark", open_until=MORNING, changed_at=MORNING)
    assert "postmark" in text(client)
    assert [button for button in BUTTONS if button in text(client)] == []
    assert client.post(STOP).status_code == 403
    assert kill_switch.may_send()


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    kill_switch.stop(StopReason.OPERATOR, "secret", MORNING)
    assert client.post(RESUME).url == f"/admin/login/?next={RESUME}"  # type: ignore[attr-defined]
    assert not kill_switch.may_send()
    assert "secret" not in text(client, reverse("admin:login"))


def test_a_post_from_another_site_is_refused(admin_user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert client.post(STOP).status_code == 403


def test_a_breaker_is_listed_and_closed(admin_client: Client) -> None:
    Breaker.objects.create(provider="postmark", open_until=MORNING, reason="503 Down.", changed_at=MORNING, failures=5)
    assert "503 Down." in text(admin_client)
    admin_client.post(CLOSE, {"provider": "postmark"})
    breaker = Breaker.objects.get()
    assert (breaker.open_until, breaker.failures) == (None, 0)
    assert admin_client.post(CLOSE, {"provider": "nobody" * 99}).status_code == 302


@pytest.mark.parametrize("url", ["/admin/", "/admin/subscriptions/digest/", URL])
def test_every_page_of_the_admin_says_that_sending_is_stopped(admin_client: Client, url: str) -> None:
    assert BANNER not in text(admin_client, url)
    kill_switch.stop(StopReason.COMPLAINTS, "3 of 900", MORNING)
    page = text(admin_client, url)
    assert "All sending is stopped since 30 June, 08:00 UTC. Too many readers reported a mail as spam. 3 of 900" in page


def test_every_page_of_the_admin_says_that_this_is_a_copy(admin_client: Client, settings: Settings) -> None:
    settings.INSTANCE_ID = "copy"
    assert "belongs to the instance “development”" in text(admin_client, "/admin/")


def test_who_may_not_look_at_control_is_not_told_what_operators_and_providers_wrote() -> None:
    kill_switch.stop(StopReason.OPERATOR, "a call from ada@example.org", MORNING)
    page = text(staff("view_paper"), "/admin/papers/paper/")
    assert BANNER not in page
    assert "ada@example.org" not in page


def test_a_note_is_text(admin_client: Client) -> None:
    kill_switch.stop(StopReason.OPERATOR, "<script>alert(1)</script>", MORNING)
    assert "<script>alert(1)" not in text(admin_client, "/admin/")


def test_a_page_of_the_admin_costs_two_questions_more(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(4):  # session and user, and these two
        assert admin_client.get(reverse("admin:password_change")).status_code == 200


def test_runs_and_allowances_can_be_looked_at(admin_client: Client) -> None:
    for name in ("run", "ratebucket"):
        assert admin_client.get(reverse(f"admin:subscriptions_{name}_changelist")).status_code == 200
