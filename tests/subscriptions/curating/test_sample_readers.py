"""The readers beside the list of an edition's desk: what comes to them, and goes, by what was decided."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from papers.editions import curation
from papers.models import Edition, EditionEntry, Paper, Topic, Verb
from recommender.candidates import kept_stretch
from subscriptions.curating import sample_readers
from subscriptions.curating.sample_readers import Line, Named
from subscriptions.digests import choices
from subscriptions.models import (
    Digest,
    DigestItem,
    Feedback,
    FeedbackKind,
    Interest,
    InterestKind,
    Role,
    Subscriber,
)
from tests.subscriptions.conftest import MORNING, TODAY
from tests.subscriptions.staff.conftest import SECRET_WORDS, signed_in, staff

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(MORNING)]


@pytest.fixture
def edition(some_papers: list[Paper]) -> Edition:
    kept_stretch.forget()
    return Edition.objects.get()


def shown(client: Client, edition: Edition) -> HttpResponse:
    answer = client.get(reverse("admin:edition-effects", args=[edition.pk]))
    assert answer.status_code == 200
    return answer  # type: ignore[return-value]


def choose(client: Client, edition: Edition, *named: str, address: str = "") -> str:
    fields = {"reader": named, "address": address}
    answer = client.post(reverse("admin:edition-readers", args=[edition.pk]), fields, follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


def lines(edition: Edition, *named: Named) -> list[list[Line]]:
    return [list(effect.lines) for effect in sample_readers.effects(edition, named, TODAY)]


def test_what_is_hidden_goes_at_once_and_is_shown_as_gone(edition: Edition, topics: list[Topic]) -> None:
    [before] = lines(edition, Named("topic", topics[0].pk))
    assert before
    assert not [line for line in before if line.is_new or line.is_gone]
    entry = EditionEntry.objects.get(paper__title=before[0].title)
    curation.act(entry, Verb.HIDE, by=None, now=now())
    [after] = lines(edition, Named("topic", topics[0].pk))
    assert after == [*before[1:], Line(before[0].title, is_gone=True)]


def test_a_subscribers_digest_is_the_one_that_they_would_be_sent(
    edition: Edition, make_subscriber: Callable[..., Subscriber]
) -> None:
    ada = make_subscriber(follows=(0, 4))
    EditionEntry.objects.filter(pk=EditionEntry.objects.order_by("pk")[1].pk).update(featured=True)
    [choice] = choices.choose([Digest(subscriber=ada, local_date=TODAY)], TODAY)
    sent = Paper.objects.in_bulk([pick.paper_id for pick in choice.result.picks])
    [effect] = lines(edition, Named("subscriber", ada.pk))
    present = [line.title for line in effect if not line.is_gone]
    assert present == [sent[pick.paper_id].shown_title for pick in choice.result.picks]


def test_a_curator_sees_no_subscriber_and_an_operator_does_and_stands_in_the_log(
    edition: Edition, make_subscriber: Callable[..., Subscriber], topics: list[Topic]
) -> None:
    ada = make_subscriber("zyzzyva@quokka.example")
    clara, oskar = signed_in(staff("clara", group="curator")), signed_in(staff("oskar", group="operator"))
    for client in (clara, oskar):
        choose(client, edition, f"topic-{topics[4].pk}", f"subscriber-{ada.pk}", address=ada.email)
    assert [effect.name for effect in shown(clara, edition).context["effects"]] == ["follows Topic 4"]  # type: ignore[attr-defined]
    assert "address" not in shown(clara, edition).content.decode()
    answer = shown(oskar, edition)
    names = [effect.name for effect in answer.context["effects"]]  # type: ignore[attr-defined]
    assert names == ["follows Topic 4", f"subscriber {ada.pk}"]
    assert not [word for word in SECRET_WORDS if word in answer.content.decode()]
    assert (LogEntry.objects.get().user.username, LogEntry.objects.get().object_id) == ("oskar", str(ada.pk))
    assert "Nobody has subscribed" in choose(oskar, edition, address="bob@example.org")
    assert "must have an @-sign" in choose(oskar, edition, address="bob")


def test_until_some_are_chosen_the_first_topics_are_followed(edition: Edition, topics: list[Topic]) -> None:
    effects = shown(signed_in(staff("clara", group="curator")), edition).context["effects"]  # type: ignore[attr-defined]
    assert len(effects) == sample_readers.READERS


def test_what_makes_no_sense_chooses_nobody(edition: Edition, topics: list[Topic]) -> None:
    client = signed_in(staff("clara", group="curator"))
    choose(client, edition, "topic-9999999", "reader-1", "topic-" + "9" * 40)
    assert shown(client, edition).context["effects"] == []  # type: ignore[attr-defined]


def test_queries_do_not_grow_with_readers(edition: Edition, topics: list[Topic]) -> None:
    def queries(*named: Named) -> int:
        lines(edition, *named)
        with CaptureQueriesContext(connection) as captured:
            lines(edition, *named)
        return len(captured)

    three = [Named("topic", topic.pk) for topic in topics[:3]]
    assert queries(*three) == queries(three[0])


@pytest.mark.parametrize("knows", ["sent", "rated", "named"])
def test_who_knows_a_paper_is_not_sent_the_one_that_it_was_merged_into(
    edition: Edition, make_subscriber: Callable[..., Subscriber], knows: str
) -> None:
    ada = make_subscriber()
    kept, other = EditionEntry.objects.select_related("paper").order_by("pk")[:2]
    if knows == "sent":
        digest = Digest.objects.create(
            subscriber=ada, local_date=TODAY - timedelta(days=1), due_at=MORNING, next_attempt_at=MORNING
        )
        DigestItem.objects.create(
            digest=digest, subscriber=ada, paper=other.paper, rank=1, score=1, relevance=1, role=Role.PICK
        )
    elif knows == "rated":
        Feedback.objects.create(subscriber=ada, paper=other.paper, kind=FeedbackKind.SEEN, at=MORNING)
    else:
        Interest.objects.create(subscriber=ada, kind=InterestKind.PAPERS, arxiv_ids=[other.paper.identifier])
    assert kept.paper.shown_title in _chosen(ada)
    [merged] = curation.merge(other, kept, by=None, now=now())
    assert kept.paper.shown_title not in _chosen(ada)
    curation.undo(merged, by=None, now=now())
    assert kept.paper.shown_title in _chosen(ada)


def _chosen(subscriber: Subscriber) -> list[str]:
    [choice] = choices.choose([Digest(subscriber=subscriber, local_date=TODAY)], TODAY)
    return [Paper.objects.get(pk=pick.paper_id).shown_title for pick in choice.result.picks]
