"""How many mails a flood of sign-ups can cause, and that honest people among it lose nothing."""

import logging
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import Settings

from subscriptions import lifecycle
from subscriptions.delivery import outbox
from subscriptions.limits import rate_buckets
from subscriptions.models import (
    AccountMail,
    Consent,
    RateBucket,
    SignUp,
    Subscriber,
)
from subscriptions.signup import admission
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.signup.conftest import HOUR, flood, receive

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_caps")]


def test_a_sign_up_is_admitted_once_and_leaves_nothing_but_its_consent() -> None:
    receive("ada@example.org")
    assert admission.admit(MORNING) == 1
    assert admission.admit(MORNING) == 0
    assert Consent.objects.get().wishes["texts"] == ["whales"]
    assert not SignUp.objects.exists()


def test_500_addresses_from_50_networks_cause_no_more_mails_than_the_hours_allowance(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SIGN_UPS_PER_HOUR, settings.SIGN_UPS_WITHOUT_PROOF, settings.TRUSTED_PROXIES = 200, 100, 1
    settings.SIGN_UPS_PER_NETWORK = 20
    for number in range(500):
        forged = f"10.1.2.{number % 250}, 198.51.{number % 50}.7"
        fields = {"email": f"stranger{number}@host{number % 90}.example", "patience": "1", "text": "whales"}
        assert client.post(reverse("subscribe"), fields, HTTP_X_FORWARDED_FOR=forged).status_code == 302
    start = now()
    with caplog.at_level(logging.ERROR, "subscriptions.signup.admission"):
        for _ in range(6):
            admission.admit(start)
            outbox.send_waiting(lambda: start)
    assert len(mail.outbox) == 100 <= settings.SIGN_UPS_PER_HOUR
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert admission.state(start) == admission.State(mailed=100, waiting=400, asks_for_proof=True, alarm=True)


def test_the_same_address_a_hundred_times_is_one_mail() -> None:
    for number in range(100):
        receive("ada@example.org", f"192.0.2.{number}")
    assert admission.admit(MORNING) == 100
    assert AccountMail.objects.count() == 1
    assert not SignUp.objects.exists()


def test_dots_and_tags_do_not_make_another_mailbox() -> None:
    for email in ("ada@example.org", "a.d.a@example.org", "ada+1@example.org", "a.da+2@example.org"):
        receive(email)
    admission.admit(MORNING)
    assert AccountMail.objects.count() == Subscriber.objects.count() == 1


def test_a_mailbox_that_never_answers_gets_three_mails_even_when_its_subscribers_are_forgotten() -> None:
    for day in range(30):
        moment = MORNING + timedelta(days=day)
        receive(f"ada+{day}@example.org", at=moment)
        admission.admit(moment)
        Subscriber.objects.all().delete()
    assert RateBucket.objects.get(key__startswith="mailbox:").used == lifecycle.CONFIRM_MAILS_EVER


def test_no_allowance_is_kept_under_a_name_that_can_be_read() -> None:
    receive("ada@example.org")
    admission.admit(MORNING)
    kept = " ".join(RateBucket.objects.values_list("key", flat=True))
    assert {"network", "domain", "mailbox"} <= set(re.findall(r"(\w+):", kept))
    assert not any(secret in kept for secret in ("ada", "example", "192.0.2"))


def test_who_comes_too_many_from_one_network_is_mailed_in_the_next_hours() -> None:
    flood(10, lambda number: "192.0.2.1")
    assert [admission.admit(MORNING + hours * HOUR) for hours in range(4)] == [3, 3, 3, 1]
    assert AccountMail.objects.count() == 10


def test_one_domain_is_not_bombed_but_a_big_mail_host_has_no_cap_of_its_own() -> None:
    flood(6, email="staff{}@company.example")
    assert admission.admit(MORNING) == 3
    SignUp.objects.all().delete()
    flood(6, email="person{}@gmail.com")
    assert admission.admit(MORNING + HOUR) == 6


def test_the_alarm_sounds_once_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    flood(40)
    for hours in (0, 0, 1, 1):
        admission.admit(MORNING + hours * HOUR)
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 2


def test_a_quiet_day_sounds_no_alarm(caplog: pytest.LogCaptureFixture) -> None:
    flood(6)
    admission.admit(MORNING)
    assert not caplog.records
    assert admission.state(MORNING) == admission.State(mailed=6, waiting=0, asks_for_proof=True, alarm=False)


def test_known_and_suppressed_addresses_use_up_nobodys_allowance(make_subscriber: Callable[..., Subscriber]) -> None:
    lifecycle.suppress("gone@example.org", "complained")
    for _ in range(20):
        receive("gone@example.org")
    receive("ada@example.org")
    assert admission.admit(MORNING) == 21
    assert admission.state(MORNING).mailed == 1


def test_one_that_cannot_be_read_holds_up_nobody_and_stays_visible(caplog: pytest.LogCaptureFixture) -> None:
    receive("eve@example.org")
    SignUp.objects.update(wishes={"no such wish": 1})
    receive("ada@example.org")
    assert admission.admit(MORNING) == 1
    assert SignUp.objects.get().waits_for == "an error, see the log"
    assert "eve" not in caplog.text


def test_rows_say_what_they_wait_for_but_not_for_whom() -> None:
    flood(6, email="staff{}@company.example")
    admission.admit(MORNING)
    assert set(SignUp.objects.values_list("waits_for", flat=True)) == {"domain"}


def test_old_allowances_are_forgotten() -> None:
    receive("ada@example.org")
    admission.admit(MORNING)
    rate_buckets.forget_old(MORNING + timedelta(days=3))
    assert [key.partition(":")[0] for key in RateBucket.objects.values_list("key", flat=True)] == ["mailbox"]
    rate_buckets.forget_old(MORNING + timedelta(days=367))
    assert not RateBucket.objects.exists()


def test_an_operator_sees_what_waits_and_can_delete_a_flood(admin_client: Client) -> None:
    flood(3)
    page = reverse("admin:subscriptions_signup_changelist")
    assert "victim1@host1.example" in admin_client.get(page).content.decode()
    chosen = list(SignUp.objects.values_list("pk", flat=True))
    admin_client.post(page, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert not SignUp.objects.exists()
