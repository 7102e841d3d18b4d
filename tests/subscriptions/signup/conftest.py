"""Who fills in the sign-up form: an honest person, and a flood."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils.timezone import now
from pytest_django import Settings

from subscriptions.models import SignUp
from subscriptions.people.wishes import Wishes
from subscriptions.signup import admission, proof_of_work
from subscriptions.signup.admission import Answer, Sender
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.signup.proofs import solve

HOUR = timedelta(hours=1)


@pytest.fixture
def small_caps(settings: Settings) -> None:
    settings.SIGN_UPS_PER_HOUR, settings.SIGN_UPS_WITHOUT_PROOF = 10, 6
    settings.SIGN_UPS_PER_NETWORK = settings.SIGN_UPS_PER_DOMAIN = 4


def receive(email: str, network: str = "192.0.2.1", at: datetime = MORNING, **sender: object) -> Answer:
    asked = Sender(network, patient=True, **sender)  # type: ignore[arg-type]
    return admission.receive(email, Wishes(texts=("whales",)), asked, form_text_hash="hash", now=at)


def flood(count: int, network: Callable[[int], str] = "198.{}.100.1".format, **more: str) -> None:
    """From one network each, to one domain each, unless told otherwise."""
    for number in range(count):
        receive(more.get("email", "victim{0}@host{0}.example").format(number), network(number))


def a_kept_proof(email: str, network: str = "203.0.113.1") -> None:
    receive(email, network)
    SignUp.objects.filter(email=email).update(proven=True)


def a_proof() -> str:
    return solve(proof_of_work.challenge(now()))


def waiting(count: int, wide: str, *, proven: bool = False) -> None:
    """Forms that came in before, each from a narrow network of its own."""
    SignUp.objects.bulk_create(
        SignUp(
            email=f"v{number}@{wide}.example",
            network_key=f"{wide} {number}",
            wide_network_key=wide,
            proven=proven,
            requested_at=MORNING,
            next_attempt_at=MORNING,
        )
        for number in range(count)
    )
