"""What a proof of work gives, to whom it is asked for, and what is none."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils.timezone import now
from pytest_django import Settings

from subscriptions.delivery import outbox
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    DeliveryStatus,
    SignUp,
    Subscriber,
)
from subscriptions.people.wishes import Wishes
from subscriptions.signup import admission, proof_of_work
from subscriptions.signup.admission import Answer, Sender
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.signup.conftest import HOUR, a_kept_proof, flood, waiting
from tests.subscriptions.signup.proofs import solve

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_caps")]


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


def test_a_campus_behind_one_address_is_asked_for_a_proof_and_then_mailed_at_once() -> None:
    flood(3, lambda number: "192.0.2.1")
    assert admission.asks_for_proof(MORNING, "192.0.2.1")
    assert not admission.asks_for_proof(MORNING, "203.0.113.1")
    a_kept_proof("ada@example.org", "192.0.2.1")
    assert admission.admit(MORNING) == 4


def test_an_unproven_flood_to_a_domain_leaves_a_part_of_its_allowance_to_the_proven() -> None:
    flood(6, email="staff{}@company.example")
    a_kept_proof("ada@company.example")
    admission.admit(MORNING)
    assert Subscriber.objects.filter(email="ada@company.example").exists()
    assert AccountMail.objects.count() == 4


def test_a_proof_takes_longer_to_compute_the_more_of_them_come_in() -> None:
    assert admission.load(MORNING, "192.0.2.1") == 0
    waiting(4, "mighty", proven=True)
    assert admission.load(MORNING, "192.0.2.1") == 1
    assert [proof_of_work.harder(load) for load in (0, 0.4, 0.5, 0.9, 1, 7)] == [1, 1, 2, 2, 4, 4]


def test_mails_of_unproven_sign_ups_leave_room_for_the_proven_and_hold_up_no_other_mail(
    make_subscriber: Callable[..., Subscriber],
) -> None:
    person = make_subscriber()
    about = {"subscriber": person, "next_attempt_at": MORNING}
    *consents, last = (person.consents.create(form_text_hash="hash", requested_at=MORNING) for _ in range(21))
    for consent in consents:
        for kind in (AccountMailKind.CONFIRM, AccountMailKind.REMINDER):
            AccountMail.objects.create(kind=kind, consent=consent, **about)
    AccountMail.objects.create(kind=AccountMailKind.WELCOME, **about)
    proven = AccountMail.objects.create(kind=AccountMailKind.CONFIRM, consent=last, proven=True, **about)
    assert outbox.send_waiting(lambda: MORNING) == 6 + 1 + 1
    proven.refresh_from_db()
    assert proven.status == DeliveryStatus.SENT
    assert AccountMail.objects.get(kind=AccountMailKind.WELCOME).status == DeliveryStatus.SENT
    assert outbox.send_waiting(lambda: MORNING) == 0
    assert outbox.send_waiting(lambda: MORNING + HOUR) == 6


def test_a_proof_works_once(settings: Settings) -> None:
    settings.SIGN_UPS_WITHOUT_PROOF = 0
    solved = solve(proof_of_work.challenge(now()))
    asked = Sender("192.0.2.1", proof=solved)
    wishes = Wishes()
    assert admission.receive("ada@example.org", wishes, asked, form_text_hash="", now=now()) == Answer.TAKEN
    assert admission.receive("bob@example.org", wishes, asked, form_text_hash="", now=now()) == Answer.PROOF_WANTED
    assert SignUp.objects.get().proven


def test_a_proof_expires() -> None:
    solved = solve(proof_of_work.challenge(now() - timedelta(hours=1)))
    assert not proof_of_work.spend(solved, now())


@pytest.mark.parametrize("forged", ["", "x", "e30=", "bnVsbA==", "W10=", "é", "A" * 5000])
def test_what_is_no_proof_is_refused(forged: str) -> None:
    assert not proof_of_work.spend(forged, now())


def test_a_challenge_that_somebody_else_made_is_refused(settings: Settings) -> None:
    solved = solve(proof_of_work.challenge(now()))
    settings.SECRET_KEY = "another"
    assert not proof_of_work.spend(solved, now())
