"""Two parts of one work, or two papers on one idea, take one place in a digest; the reader can reach both."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils.timezone import now

from papers.models import Paper
from recommender.models import EmbeddingModel
from subscriptions.interests import feedback_profile
from subscriptions.models import Digest, DigestItem, Feedback, FeedbackKind, Role, Subscriber
from subscriptions.people import links
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING, axis, deliver_due
from tests.subscriptions.digests.test_compose import compose_all, picks

pytestmark = pytest.mark.django_db
TOMORROW = MORNING + timedelta(days=1)
FIRST, SECOND = "Sums of squares, Part I: the claim", "Sums of squares, Part II: the proof"


@pytest.fixture
def parts(make_paper: Callable[..., Paper]) -> list[Paper]:
    """Both near the topic, and far apart from each other: only their titles tell that they belong together."""
    lean = [(FIRST, axis(0, 0.8), 0.9), (SECOND, axis(0, -0.8), 0.1)]
    return [make_paper(at, vector, title=title, trend=trend) for at, (title, vector, trend) in enumerate(lean)]


@pytest.fixture
def ada(make_subscriber: Callable[..., Subscriber], parts: list[Paper]) -> Subscriber:
    return make_subscriber(exploration=False)


def say(reader: Subscriber, paper: Paper, word: str) -> None:
    Feedback.objects.create(subscriber=reader, paper=paper, kind=word, at=now())
    feedback_profile.rebuild(reader, EmbeddingModel.objects.serving())


def test_two_parts_take_one_place_and_every_part_of_the_mail_links_both(
    client: Client, ada: Subscriber, parts: list[Paper]
) -> None:
    assert deliver_due() == 1
    assert picks(ada) == [FIRST]
    message = message_from_bytes(mail.outbox[-1].message().as_bytes(), policy=policy.default)
    web = client.get(links.url(Purpose.DIGEST, Digest.objects.get()).removeprefix(settings.SITE_URL))
    html, text = (message.get_body([kind]).get_content() for kind in ("html", "plain"))  # type: ignore[union-attr]
    address = settings.SITE_URL + parts[1].get_absolute_url()
    assert re.search(rf'<a href="{re.escape(address)}" dir="auto">{re.escape(SECOND)}</a>', html)
    assert f"+1 on the same idea:\n{SECOND}\n{address}\n" in text.replace("\r\n", "\n")
    assert f'<a href="{address}"><bdi>{SECOND}</bdi></a>' in web.content.decode()


@pytest.mark.parametrize("word", [FeedbackKind.MORE, FeedbackKind.SAVE])
def test_the_other_part_comes_once_the_first_was_liked(ada: Subscriber, parts: list[Paper], word: str) -> None:
    deliver_due()
    say(ada, parts[0], word)
    compose_all(TOMORROW)
    assert picks(ada) == [SECOND, FIRST]  # the newest digest first


@pytest.mark.parametrize("word", [None, FeedbackKind.SEEN, FeedbackKind.LESS])
def test_the_other_part_does_not_come_by_itself(ada: Subscriber, parts: list[Paper], word: str | None) -> None:
    deliver_due()
    if word:
        say(ada, parts[0], word)
    compose_all(TOMORROW)
    assert picks(ada) == [FIRST]


def test_a_near_duplicate_comes_too_once_the_first_was_liked(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    bob = make_subscriber(exploration=False)
    one = make_paper(1, axis(0, 0.10), trend=0.9)
    make_paper(2, axis(0, 0.11), trend=0.1)
    deliver_due()
    say(bob, one, FeedbackKind.MORE)
    compose_all(TOMORROW)
    assert picks(bob) == ["Paper 2", "Paper 1"]


def test_who_wants_less_of_a_part_gets_no_later_part_either(
    ada: Subscriber, parts: list[Paper], make_paper: Callable[..., Paper]
) -> None:
    deliver_due()
    say(ada, parts[0], FeedbackKind.LESS)
    make_paper(3, axis(0, 0.0), title="Sums of squares, Part III: the end")
    make_paper(4, axis(0, -0.1), title="Sums of cubes", authors=["Carl Gauss"])
    compose_all(TOMORROW)
    assert "Sums of squares, Part III: the end" not in picks(ada)
    assert not DigestItem.objects.filter(paper__title__contains="Part III").exists()


def test_what_one_reader_liked_brings_nothing_back_for_another(
    ada: Subscriber, parts: list[Paper], make_subscriber: Callable[..., Subscriber]
) -> None:
    bob = make_subscriber("bob@example.org", exploration=False)
    deliver_due()
    say(ada, parts[0], FeedbackKind.MORE)
    compose_all(TOMORROW)
    assert picks(bob) == [FIRST]
    assert DigestItem.objects.filter(subscriber=bob, role=Role.FOLDED).count() == 1


def test_titles_alike_by_other_people_are_two_works(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    bob = make_subscriber(exploration=False)
    make_paper(1, axis(0, 0.8), title=FIRST, authors=["Ada Lovelace"])
    make_paper(2, axis(0, -0.8), title=SECOND, authors=["Carl Gauss"])
    compose_all()
    assert sorted(picks(bob)) == [FIRST, SECOND]
