"""`manage.py sending`: the kill switch by hand, and whose the database is."""

import io
import re

import pytest
from django.core.management import call_command
from pytest_django import Settings

from subscriptions.limits import kill_switch
from subscriptions.models import Breaker, Control
from subscriptions.transport import circuit_breakers
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db


def sending(*arguments: str) -> str:
    said = io.StringIO()
    call_command("sending", *arguments, stdout=said)
    return said.getvalue()


def test_without_a_word_it_says_whether_mail_may_leave() -> None:
    assert sending() == "Mail may leave.\n"


def test_a_stop_holds_until_somebody_resumes_it() -> None:
    assert re.fullmatch(
        r"All sending is stopped since .* UTC. An operator stopped it. Wrong links!\n",
        sending("stop", "--why", "Wrong links!"),
    )
    assert not kill_switch.may_send()
    assert "Wrong links!" in sending()
    assert sending("resume") == "Mail may leave.\n"
    assert kill_switch.may_send()


def test_a_second_stop_keeps_the_first_ones_reason() -> None:
    sending("stop", "--why", "Wrong links!")
    assert "Wrong links!" in sending("stop", "--why", "me too")


def test_resuming_does_not_make_a_copy_send(settings: Settings) -> None:
    settings.INSTANCE_ID = "copy"
    assert "belongs to the instance “development”" in sending("resume")
    assert not kill_switch.may_send()


@pytest.mark.parametrize(("answer", "owner"), [("yes", "copy"), ("no", "development"), ("", "development")])
def test_a_copy_is_adopted_only_when_the_operator_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, answer: str, owner: str
) -> None:
    settings.INSTANCE_ID = "copy"
    monkeypatch.setattr("builtins.input", lambda question: answer if "backup" in question else "")
    sending("adopt")
    assert Control.objects.get().instance_id == owner


def test_who_is_sure_is_not_asked(settings: Settings) -> None:
    settings.INSTANCE_ID = "copy"
    assert sending("adopt", "--yes").endswith("(docs/backups.md).\nMail may leave.\n")


def test_adopting_ones_own_database_asks_nothing() -> None:
    assert sending("adopt") == "Mail may leave.\n"


def test_an_open_breaker_is_told() -> None:
    Breaker.objects.create(provider="postmark", open_until=MORNING, reason="503 Down.", failures=5)
    said = "No mail goes to the provider postmark before 08:00 UTC, after 5 failures in a row. 503 Down.\n"
    assert said in sending()
    assert circuit_breakers.close("postmark", MORNING)
    assert not circuit_breakers.close("postmark", MORNING)
    assert sending() == "Mail may leave.\n"


def test_sending_that_the_environment_switched_off_is_told(settings: Settings) -> None:
    settings.SENDING_ENABLED = False
    assert sending() == "SENDING_ENABLED is false, so nothing leaves this instance.\n"
