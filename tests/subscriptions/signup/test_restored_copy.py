"""A restored dump beside the original: under another INSTANCE_ID it sends nothing, whatever is due."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection
from django.utils.timezone import now

from papers.models import Edition, Paper
from subscriptions.models import AccountMail, AccountMailKind, Subscriber
from tests.services import SmtpSink
from tests.stack import Stack

pytestmark = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="copies the database's file")
SEND_ALL = """
from django.utils.timezone import now
from django.core.management import call_command
from subscriptions.delivery import outbox
call_command("digest", "send")
outbox.send_waiting(clock=now)
"""
MAY_SEND = "from subscriptions.limits import kill_switch; print(kill_switch.may_send())"


@pytest.fixture
def original(
    shared_stack: Stack, smtp_sink: SmtpSink, some_papers: list[Paper], make_subscriber: Callable[..., Subscriber]
) -> Stack:
    """A site with one digest and one account mail that are due."""
    Edition.objects.update(date=now().date())
    reader = make_subscriber(next_digest_at=now(), confirmed_at=now())
    AccountMail.objects.create(subscriber=reader, kind=AccountMailKind.WELCOME, next_attempt_at=now())
    shared_stack.environment |= {
        "EMAIL_URL": smtp_sink.url,
        "INSTANCE_ID": "development",
        "SPREAD_MINUTES": "0",
        "EDITION_WAIT_MINUTES": "0",
    }
    return shared_stack


@pytest.fixture
def copy(original: Stack, tmp_path: Path) -> Iterator[Stack]:
    """The same settings but for the name, on a copy of the database as a backup makes it."""
    restored = tmp_path / "restored.sqlite3"
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as source, closing(sqlite3.connect(restored)) as to:
        source.backup(to)
    settings = {"DATABASE_URL": f"sqlite:///{restored}", "INSTANCE_ID": "copy"}
    stack = Stack(**original.environment | settings)
    yield stack
    stack.remove()


def test_the_copy_knows_that_it_is_one(copy: Stack, original: Stack) -> None:
    assert copy.manage("shell", "-v0", "-c", MAY_SEND) == "False\n"
    assert original.manage("shell", "-v0", "-c", MAY_SEND) == "True\n"


def test_the_copy_sends_nothing_and_the_original_all_that_is_due(
    copy: Stack, original: Stack, smtp_sink: SmtpSink
) -> None:
    copy.manage("shell", "-v0", "-c", SEND_ALL)
    assert smtp_sink.messages == []
    original.manage("shell", "-v0", "-c", SEND_ALL)
    assert len(smtp_sink.messages) == 2


def test_a_database_under_another_name_sends(copy: Stack, smtp_sink: SmtpSink) -> None:
    copy.manage("sending", "adopt", "--yes", "--renamed")
    copy.manage("shell", "-v0", "-c", SEND_ALL)
    assert len(smtp_sink.messages) == 2
