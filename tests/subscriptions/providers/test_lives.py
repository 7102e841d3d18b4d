"""One digest's life at each of Anymail's backends, in each situation: what we make of it, and what the reader gets."""

import pkgutil
from collections.abc import Callable
from datetime import timedelta

import anymail.backends
import pytest
from pytest_django import Settings

from subscriptions.models import Digest, Suppression
from subscriptions.providers import table
from subscriptions.transport import backends, circuit_breakers
from tests.fakes.dialects import DIALECTS
from tests.fakes.mail_api import LOST, MailApi
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.providers.conftest import deliver
from tests.subscriptions.providers.lives import SITUATIONS, End, end_of

pytestmark = pytest.mark.filterwarnings(
    "ignore::anymail.exceptions.AnymailDeprecationWarning", "ignore::anymail.exceptions.AnymailNotSupportedWarning"
)
NO_PROVIDERS = {"base", "base_requests", "console", "test"}
Through = Callable[[str], MailApi]
AGAIN = {"again in time": timedelta(minutes=10), "again too late": timedelta(hours=25)}


def live(api: MailApi, situation: str) -> End:
    """Deliver the digest in this situation, and once more where the situation says so."""
    api.clock = lambda: MORNING
    api.situation = LOST if situation in AGAIN else situation
    found = deliver(MORNING)
    if situation in AGAIN:
        later = MORNING + AGAIN[situation]
        api.clock, api.situation = (lambda: later), "taken"
        found = deliver(later)
    is_open = circuit_breakers.open_until(backends.name()) is not None
    return End(found.status, found.attempts, Suppression.objects.exists(), is_open, len(api.copies))


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("backend", DIALECTS)
def test_a_digest_at(digest: Digest, through: Through, settings: Settings, backend: str, situation: str) -> None:
    settings.LATENESS_HOURS = 48
    api = through(backend)
    assert live(api, situation) == end_of(backend, situation), Digest.objects.get().reason
    assert api.asked == Digest.objects.get().attempts
    assert "ada@example.org" not in Digest.objects.get().reason


@pytest.mark.parametrize("backend", DIALECTS)
def test_its_id_is_kept(digest: Digest, through: Through, backend: str) -> None:
    through(backend)
    assert deliver(MORNING).provider_id


@pytest.mark.parametrize("backend", DIALECTS)
def test_who_asks_for_a_pause_gets_it(digest: Digest, through: Through, backend: str) -> None:
    api = through(backend)
    api.situation = "429"
    deliver(MORNING)
    assert circuit_breakers.open_until(backends.name()) == MORNING + timedelta(seconds=77)
    api.situation = "taken"
    assert deliver(MORNING + timedelta(seconds=76)).status == "planned"
    assert deliver(MORNING + timedelta(minutes=10)).status == "sent"
    assert len(api.copies) == 1


@pytest.mark.parametrize("backend", DIALECTS)
def test_a_fault_of_the_account_that_is_mended_costs_nobody_the_digest(
    digest: Digest, through: Through, backend: str
) -> None:
    api = through(backend)
    api.situation = "account refused"
    for minute in range(0, 60, 10):
        assert deliver(MORNING + timedelta(minutes=minute)).status == "planned"
    api.situation = "taken"
    assert deliver(MORNING + timedelta(hours=2)).status == "sent"


def test_each_backend_that_anymail_brings_has_a_row_and_a_life() -> None:
    brought = {module.name for module in pkgutil.iter_modules(anymail.backends.__path__)} - NO_PROVIDERS
    assert brought == set(DIALECTS)
    assert [name for name in brought if table.of_backend(f"anymail.backends.{name}.EmailBackend") is None] == []
