"""How many mails a flood of sign-ups can cause, and that honest people among it lose nothing."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import Settings

from subscriptions import admission, clients, lifecycle, outbox, proof, rates
from subscriptions.admission import Answer, Sender
from subscriptions.models import AccountMail, Consent, RateBucket, SignUp, Subscriber
from subscriptions.wishes import Wishes
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _small_caps(settings: Settings) -> None:
    settings.SIGN_UPS_PER_HOUR, settings.SIGN_UPS_WITHOUT_PROOF = 10, 6
    settings.SIGN_UPS_PER_NETWORK = settings.SIGN_UPS_PER_DOMAIN = 4


def receive(email: str, network: str = "192.0.2.1", at: datetime = MORNING, **sender: object) -> Answer:
    asked = Sender(network, patient=True, **sender)  # type: ignore[arg-type]
    return admission.receive(email, Wishes(texts=("whales",)), asked, form_text_hash="hash", now=at)


def flood(count: int, network: Callable[[int], str] = "192.0.2.{}".format, **more: str) -> None:
    """From one network each, to one domain each, unless told otherwise."""
    for number in range(count):
        receive(more.get("email", "victim{0}@host{0}.example").format(number), network(number))


def a_kept_proof(email: str, network: str = "203.0.113.1") -> None:
    receive(email, network)
    SignUp.objects.filter(email=email).update(proven=True)


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
        forged = f"10.1.2.{number % 250}, 198.51.100.{number % 50}"
        fields = {"email": f"stranger{number}@host{number % 90}.example", "patience": "1"}
        assert client.post(reverse("subscribe"), fields, HTTP_X_FORWARDED_FOR=forged).status_code == 302
    start = now()
    with caplog.at_level(logging.ERROR, "subscriptions.admission"):
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
    assert not any(secret in kept for secret in ("ada", "example", "192.0.2"))


def test_who_comes_too_many_from_one_network_is_mailed_in_the_next_hours() -> None:
    flood(10, lambda number: "192.0.2.1")
    assert [admission.admit(MORNING + hours * HOUR) for hours in range(4)] == [4, 4, 2, 0]
    assert AccountMail.objects.count() == 10


def test_one_domain_is_not_bombed_but_a_big_mail_host_has_no_cap_of_its_own() -> None:
    flood(6, email="staff{}@company.example")
    assert admission.admit(MORNING) == 4
    SignUp.objects.all().delete()
    flood(6, email="person{}@gmail.com")
    assert admission.admit(MORNING + HOUR) == 6


def test_who_has_proven_some_work_passes_a_flood_of_those_who_have_not() -> None:
    flood(50)
    a_kept_proof("ada@example.org")
    admission.admit(MORNING)
    assert Subscriber.objects.filter(email="ada@example.org").exists()
    assert AccountMail.objects.count() == 7


def test_a_flood_with_proofs_is_held_by_the_allowance_of_the_site() -> None:
    flood(30)
    SignUp.objects.update(proven=True)
    assert admission.admit(MORNING) == 10
    assert admission.state(MORNING).alarm


def test_the_form_asks_for_a_proof_as_long_as_a_flood_waits_and_no_longer() -> None:
    assert not admission.asks_for_proof(MORNING)
    flood(14)
    found = []
    for hours in range(4):
        admission.admit(MORNING + hours * HOUR)
        found.append(admission.asks_for_proof(MORNING + hours * HOUR))
    assert found == [True, True, False, False]
    assert AccountMail.objects.count() == 14


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


def test_what_cannot_be_mailed_within_a_day_is_refused_with_a_clear_word_and_not_stored() -> None:
    flood(24 * 4, lambda number: "192.0.2.1")
    assert receive("ada@example.org", "192.0.2.1") == Answer.FULL
    assert receive("ada@example.org", "192.0.2.2") == Answer.TAKEN
    SignUp.objects.bulk_create(
        SignUp(email=f"v{number}@x.example", network_key="x", requested_at=MORNING, next_attempt_at=MORNING)
        for number in range(24 * 10)
    )
    assert receive("bob@example.org", "192.0.2.3") == Answer.FULL


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


def test_a_proof_works_once(settings: Settings) -> None:
    settings.SIGN_UPS_WITHOUT_PROOF = 0
    solved = solve(proof.challenge(now()))
    asked = Sender("192.0.2.1", proof=solved)
    wishes = Wishes()
    assert admission.receive("ada@example.org", wishes, asked, form_text_hash="", now=now()) == Answer.TAKEN
    assert admission.receive("bob@example.org", wishes, asked, form_text_hash="", now=now()) == Answer.PROOF_WANTED
    assert SignUp.objects.get().proven


def solve(challenge: dict[str, object]) -> str:
    """As the browser does it."""
    import altcha

    found = altcha.Challenge.from_dict(challenge)
    return altcha.Payload(found, altcha.solve_challenge(found)).to_base64()


def test_a_proof_expires() -> None:
    solved = solve(proof.challenge(now() - timedelta(hours=1)))
    assert not proof.spend(solved, now())


@pytest.mark.parametrize("forged", ["", "x", "e30=", "bnVsbA==", "W10=", "é", "A" * 5000])
def test_what_is_no_proof_is_refused(forged: str) -> None:
    assert not proof.spend(forged, now())


def test_a_challenge_that_somebody_else_made_is_refused(settings: Settings) -> None:
    solved = solve(proof.challenge(now()))
    settings.SECRET_KEY = "another"
    assert not proof.spend(solved, now())


def test_old_allowances_are_forgotten() -> None:
    receive("ada@example.org")
    admission.admit(MORNING)
    rates.forget_old(MORNING + timedelta(days=3))
    assert [key.partition(":")[0] for key in RateBucket.objects.values_list("key", flat=True)] == ["mailbox"]
    rates.forget_old(MORNING + timedelta(days=367))
    assert not RateBucket.objects.exists()


def test_a_client_that_forges_its_address_still_shares_one_allowance(client: Client, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(100):
        forged = f"10.0.{number}.1, 203.0.113.{number}, 198.51.100.7"
        client.post(
            reverse("subscribe"),
            {"email": f"a{number}@x{number}.example", "patience": "1"},
            HTTP_X_FORWARDED_FOR=forged,
        )
    assert SignUp.objects.values("network_key").distinct().count() == 1
    assert admission.admit(now()) == settings.SIGN_UPS_PER_NETWORK


@pytest.mark.parametrize(
    ("proxies", "forwarded", "network"),
    [
        (0, "203.0.113.1", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "10.0.0.1, 203.0.113.1", "203.0.113.1"),
        (2, "10.0.0.1, 203.0.113.1, 198.51.100.1", "203.0.113.1"),
        (2, "203.0.113.1", "203.0.113.1"),
        (1, "203.0.113.1:4711", "203.0.113.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "[2001:db8:1:2::9]:4711", "2001:db8:1:2::/64"),
        (1, "::ffff:203.0.113.1", "203.0.113.1"),
        (1, "<script>", "unknown"),
    ],
)
def test_the_clients_network_is_counted_from_the_right(
    rf: object, settings: Settings, proxies: int, forwarded: str, network: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    more = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = rf.post("/", REMOTE_ADDR="192.0.2.1", **more)  # type: ignore[attr-defined]
    assert clients.network(request) == network


def test_an_operator_sees_what_waits_and_can_delete_a_flood(admin_client: Client) -> None:
    flood(3)
    page = reverse("admin:subscriptions_signup_changelist")
    assert "victim1@host1.example" in admin_client.get(page).content.decode()
    chosen = list(SignUp.objects.values_list("pk", flat=True))
    admin_client.post(page, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert not SignUp.objects.exists()
