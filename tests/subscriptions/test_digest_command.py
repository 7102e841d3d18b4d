from collections.abc import Callable
from email import message_from_string
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command

from papers.models import Paper
from subscriptions.models import Digest, DigestItem, Subscriber
from tests.subscriptions.conftest import MORNING


@pytest.fixture(autouse=True)
def on_the_day(some_papers: list[Paper], make_subscriber: Callable[..., Subscriber]) -> object:
    make_subscriber()
    with time_machine.travel(MORNING, tick=False):
        yield


def digest(*arguments: str) -> str:
    out = StringIO()
    call_command("digest", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(("form", "mark"), [("text", "1. Paper"), ("html", "<h1"), ("eml", "List-Unsubscribe: <http")])
def test_a_preview_comes_in_three_formats_and_stores_nothing(form: str, mark: str) -> None:
    assert mark in digest("preview", "Ada@example.org", "--format", form)
    assert not Digest.objects.exists()
    assert not DigestItem.objects.exists()
    assert mail.outbox == []


def test_a_preview_says_among_how_many_papers_it_chose() -> None:
    said = digest("preview", "ada@example.org")
    assert f"of {Paper.objects.count()} recent papers" in said or f"among {Paper.objects.count()} recent papers" in said


def test_a_preview_can_be_written_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "preview.eml"
    digest("preview", "ada@example.org", "--format", "eml", "-o", str(file))
    assert message_from_string(file.read_text())["To"] == "ada@example.org"


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("preview", "nobody@example.org"), "admin lists all"),
        (("preview", "no address"), "admin lists all"),
        (("preview", "ada@example.org", "-o", "/nowhere/at/all"), "another file"),
        (("send", "--now", "yesterday"), "Write it as"),
        (("send", "--now", "2026-13-45T08:00"), "Write it as"),
    ],
)
def test_a_mistake_gets_one_line_that_names_the_remedy(arguments: tuple[str, ...], remedy: str) -> None:
    with pytest.raises(CommandError, match=remedy):
        digest(*arguments)


def test_sending_plans_and_sends_what_is_due() -> None:
    assert "1 digests were due, 1 sent" in digest("send").replace("1 digest was", "1 digests were")
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]


def test_sending_at_another_time_is_as_if_it_were_that_time() -> None:
    digest("send", "--now", "2026-06-30T07:59Z")
    assert mail.outbox == []
    digest("send", "--now", "2026-06-30T08:00Z")
    assert len(mail.outbox) == 1
