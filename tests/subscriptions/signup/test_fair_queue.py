"""Whose form is admitted first, and whose has no room: networks and domains share what there is."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import Settings

from subscriptions.limits import client_address
from subscriptions.models import SignUp, Subscriber
from subscriptions.signup import admission, fair_queue
from subscriptions.signup.admission import Answer
from subscriptions.signup.fair_queue import FIRST_FEW, part_without_proof
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.signup.conftest import HOUR, a_proof, flood, receive, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_caps")]


def test_a_networks_share_of_the_queue_is_what_can_be_mailed_within_a_day_and_a_proof_has_its_own() -> None:
    flood(24 * 3, lambda number: "192.0.2.1")
    assert receive("ada@example.org", "192.0.2.1") == Answer.FULL_WITHOUT_PROOF
    assert not SignUp.objects.filter(email="ada@example.org").exists()
    assert receive("bob@example.org", "192.0.2.2") == Answer.TAKEN
    assert receive("ada@example.org", "192.0.2.1", proof=a_proof()) == Answer.TAKEN


def test_in_a_full_queue_the_heaviest_network_loses_its_newest_form() -> None:
    waiting(100, "heavy")
    waiting(43, "light")
    waiting(1, "honest")
    assert receive("ada@example.org", "203.0.113.1") == Answer.TAKEN
    ada = SignUp.objects.get(email="ada@example.org")
    assert dict(SignUp.objects.by_network()) == {"heavy": 99, "light": 43, "honest": 1, ada.wide_network_key: 1}
    assert not SignUp.objects.filter(email="v99@heavy.example").exists()


def test_nobody_loses_a_proven_form_and_the_first_few_of_a_network_stay() -> None:
    for number in range(48):
        waiting(FIRST_FEW, f"net{number}")
    waiting(30, "proven", proven=True)
    assert receive("ada@example.org", "203.0.113.1") == Answer.FULL_WITHOUT_PROOF
    assert SignUp.objects.count() == 48 * FIRST_FEW + 30
    assert receive("ada@example.org", "203.0.113.1", proof=a_proof()) == Answer.TAKEN


def test_a_queue_full_of_proven_forms_lets_in_the_first_few_of_other_networks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    waiting(240, "mighty", proven=True)
    answers = [receive(f"a{number}@example.org", "203.0.113.1", proof=a_proof()) for number in range(FIRST_FEW + 1)]
    assert answers == [Answer.TAKEN] * FIRST_FEW + [Answer.FULL]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    admission.admit(MORNING)
    assert Subscriber.objects.filter(email__startswith="a").count() == FIRST_FEW


def test_networks_take_turns_and_who_was_mailed_before_comes_later() -> None:
    networks = ("192.0.2.1", "198.51.100.1", "203.0.113.1")
    for network in networks:
        for number in range(3):
            receive(f"a{number}@{network}.example", network)
    turns = [(turn.number, turn.sign_up.email) for turn in fair_queue.turns(MORNING)]
    assert turns == [(number, f"a{number}@{network}.example") for number in range(3) for network in networks]
    admission.admit(MORNING)
    receive("late@late.example", "198.18.1.1", at=MORNING + HOUR)
    assert fair_queue.turns(MORNING + HOUR)[0].sign_up.email == "late@late.example"


def test_within_a_wide_network_the_narrow_ones_take_turns() -> None:
    for number in range(5):
        receive(f"flood{number}@x.example", "2001:db8:1:1::/64")
    receive("neighbour@x.example", "2001:db8:1:2::/64")
    assert [turn.sign_up.email for turn in fair_queue.turns(MORNING)][:2] == ["flood0@x.example", "neighbour@x.example"]


def test_a_48_counts_as_one_network_however_many_64s_it_has(settings: Settings) -> None:
    settings.SIGN_UPS_PER_HOUR, settings.SIGN_UPS_WITHOUT_PROOF = 100, 50
    flood(60, "2001:db8:1:{:x}::/64".format)
    assert admission.admit(MORNING) == part_without_proof(fair_queue.WIDE * settings.SIGN_UPS_PER_NETWORK) == 6
    assert set(SignUp.objects.values_list("waits_for", flat=True)) == {"wide network"}


def test_networks_that_had_their_first_few_leave_half_of_the_hour_to_others(settings: Settings) -> None:
    settings.SIGN_UPS_PER_NETWORK = settings.SIGN_UPS_PER_DOMAIN = 100
    flood(20, lambda number: f"198.51.{number % 2}.1")
    assert admission.admit(MORNING) == 6
    assert admission.admit(MORNING + HOUR) == 3
    receive("ada@example.org", "203.0.113.1", at=MORNING + HOUR)
    assert admission.admit(MORNING + HOUR) == 1
    assert Subscriber.objects.filter(email="ada@example.org").exists()


def test_a_client_that_forges_its_address_still_shares_one_allowance(client: Client, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(100):
        forged = f"10.0.{number}.1, 203.0.113.{number}, 198.51.100.7"
        client.post(
            reverse("subscribe"),
            {"email": f"a{number}@x{number}.example", "patience": "1", "text": "whales"},
            HTTP_X_FORWARDED_FOR=forged,
        )
    assert SignUp.objects.values("network_key").distinct().count() == 1
    assert admission.admit(now()) == part_without_proof(settings.SIGN_UPS_PER_NETWORK)


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
        (1, "2001:db8:1:2::9%eth0", "2001:db8:1:2::/64"),
        (1, "<script>", "unknown"),
    ],
)
def test_the_clients_network_is_counted_from_the_right(
    rf: object, settings: Settings, proxies: int, forwarded: str, network: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    more = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = rf.post("/", REMOTE_ADDR="192.0.2.1", **more)  # type: ignore[attr-defined]
    assert client_address.network(request) == network
