from collections.abc import Callable
from datetime import timedelta
from email import message_from_string
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command

from papers.models import Paper
from recommender.models import EmbeddingModel
from subscriptions.interests import feedback_profile, interest_vectors
from subscriptions.models import Digest, DigestItem, InterestKind, Subscriber
from tests.subscriptions.conftest import MORNING, axis


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


def test_an_explanation_shows_the_sums_behind_each_pick_and_stores_nothing() -> None:
    lines = digest("preview", "ada@example.org", "--explain").splitlines()
    assert lines[0] == f"ada@example.org, 2026-06-30: 3 of {Paper.objects.count()} papers, floor 0.35."
    assert "1. Paper 2 (2606.00002)" in lines
    assert "   for        topic: Topic 0, subject 1 of 1 with 100% of it" in lines
    assert "   relevance  0.74 = meaning 1.00 · 0.82 + words 0.50 · 0.00 − bend 0.08" in lines
    assert "   score      0.63, trend 0.20" in lines
    assert not DigestItem.objects.exists()


def test_an_explanation_tells_what_named_papers_and_their_authors_have_to_do_with_it(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper], model: EmbeddingModel
) -> None:
    before = MORNING.date() - timedelta(days=90)
    named = [make_paper(50 + n, axis(4, 0.2 * n), day=before, title=f"Early work {n}") for n in range(2)]
    bob = make_subscriber("bob@example.org", follows=())
    interest = bob.interests.create(kind=InterestKind.PAPERS, arxiv_ids=[paper.identifier for paper in named])
    interest_vectors.rebuild([interest], model)
    said = digest("preview", "bob@example.org", "--explain")
    assert "for        papers: papers you named, subject 1 of 1 with 100% of it" in said
    assert "like       Early work 0; Early work 1" in said
    assert "+ people 0.04" in said
    assert "people     Ada Lovelace" in said
    assert "− kind 0.08" in said


def test_an_explanation_tells_what_an_unwanted_neighbour_takes_away(model: EmbeddingModel) -> None:
    ada = Subscriber.objects.get()
    unwanted = Paper.objects.get(title="Paper 1")
    ada.feedback.create(paper=unwanted, kind="less", at=MORNING)
    feedback_profile.rebuild(ada, model)
    assert " − less 0." in digest("preview", "ada@example.org", "--explain")


def test_somebody_of_whom_nothing_is_known_gets_that_for_an_explanation(
    make_subscriber: Callable[..., Subscriber],
) -> None:
    make_subscriber("new@example.org", follows=())
    assert "nobody knows yet what: trend decides" in digest("preview", "new@example.org", "--explain")


def test_a_preview_can_be_of_another_time() -> None:
    assert "0 of 0 papers" in digest("preview", "ada@example.org", "--explain", "--now", "2026-12-24T08:00Z")
    assert "1. Paper 2" in digest("preview", "ada@example.org", "--now", "2026-07-01T08:00Z")


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("preview", "nobody@example.org"), "admin lists all"),
        (("preview", "nobody@example.org", "--explain"), "admin lists all"),
        (("preview", "ada@example.org", "--now", "noon"), "Write it as"),
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
