"""The desk of an edition: what it lists, what its buttons do, and what two curators who work at once are told."""

from collections.abc import Callable

import numpy as np
import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from papers.editions import curation
from papers.models import Decision, Edition, EditionEntry, EntryReason, Paper
from recommender.candidates import kept_stretch
from subscriptions.curating import listing, reach
from subscriptions.models import Subscriber
from tests.subscriptions.conftest import MORNING, axis
from tests.subscriptions.staff.conftest import signed_in, staff

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(MORNING)]


@pytest.fixture
def edition(some_papers: list[Paper]) -> Edition:
    kept_stretch.forget()
    return Edition.objects.get()


@pytest.fixture
def clara(edition: Edition) -> Client:
    return signed_in(staff("clara", group="curator"))


@pytest.fixture
def carl(edition: Edition) -> Client:
    return signed_in(staff("carl", group="curator"))


def desk(client: Client, edition: Edition, **query: str | int) -> HttpResponse:
    answer = client.get(reverse("admin:edition-desk", args=[edition.pk]), query)
    assert answer.status_code == 200
    return answer  # type: ignore[return-value]


def do(client: Client, entry: EditionEntry, act: str, *, seen: str = "", **fields: str | int) -> str:
    """Press a button of the entry's row, and return what the page then says."""
    fields = {"key": entry.pk, "seen": seen or curation.mark(entry), "act": act} | fields
    answer = client.post(reverse("admin:edition-decide", args=[entry.edition_id]), fields, follow=True)
    assert answer.redirect_chain[0][0].endswith(f"#e{entry.pk}")
    return " ".join(str(message) for message in answer.context["messages"])


def undo(client: Client, decision: Decision) -> str:
    address = reverse("admin:edition-undo", args=[decision.edition_id])
    answer = client.post(address, {"key": decision.pk}, follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


def first() -> EditionEntry:
    return EditionEntry.objects.select_related("paper").order_by("pk")[0]


def titles(answer: HttpResponse) -> list[str]:
    return [row.paper.shown_title for row in answer.context["rows"]]  # type: ignore[attr-defined]


def test_every_button_does_its_act_and_the_log_and_the_page_say_so(clara: Client, edition: Edition) -> None:
    said = {"feature": "Featured.", "unfeature": "No longer featured.", "hide": "Hidden.", "unhide": "Shown again."}
    for act, words in said.items():
        assert words in do(clara, first(), act)
        assert LogEntry.objects.latest("pk").get_change_message() == words
    assert "Noted." in do(clara, first(), "note", note="A <b>good</b> paper.")
    other = EditionEntry.objects.order_by("pk")[1]
    assert "Merged." in do(clara, first(), "merge", into=other.pk)
    assert (first().note, first().merged_into) == ("A <b>good</b> paper.", other.paper)
    assert [row.by.username for row in Decision.objects.all() if row.by] == ["clara"] * 6
    text = desk(clara, edition).content.decode()
    assert "A &lt;b&gt;good&lt;/b&gt; paper." in text
    assert f"into <bdi>{other.paper.shown_title}" in text


def test_what_cannot_be_is_refused_in_words_and_changes_nothing(clara: Client, edition: Edition) -> None:
    assert do(clara, first(), "merge", into=first().pk) == "Choose another paper of the same edition."
    assert do(clara, first(), "delete") == ""
    for address, fields in [("edition-decide", {"key": "9" * 30}), ("edition-undo", {"key": "x"})]:
        assert clara.post(reverse(f"admin:{address}", args=[edition.pk]), fields).status_code == 404
    assert not Decision.objects.exists()


def test_two_curators_are_told_of_each_other(clara: Client, carl: Client, edition: Edition) -> None:
    seen = curation.mark(first())
    do(clara, first(), "hide", seen=seen)
    assert "clara decided “hidden” about this paper" in do(carl, first(), "feature", seen=seen)
    assert first().hidden
    undo(clara, Decision.objects.get())
    assert "clara undid “hidden”" in do(carl, first(), "feature", seen="what a page showed")
    assert "Featured." in do(carl, first(), "feature")


def test_what_another_decided_is_undone_only_by_who_may(clara: Client, edition: Edition) -> None:
    do(clara, first(), "hide")
    rights = ("papers.view_edition", "papers.change_edition")
    plain, mighty = staff("paul", *rights), staff("mia", *rights, "papers.undo_others_edition")
    assert "Only who may undo" in undo(signed_in(plain), Decision.objects.get())
    assert 'aria-label="Undo: hidden' not in desk(signed_in(plain), edition).content.decode()
    assert 'aria-label="Undo: hidden' in desk(signed_in(mighty), edition).content.decode()
    assert first().hidden
    assert "Undone: hidden." in undo(signed_in(mighty), Decision.objects.get())
    assert not first().hidden
    assert LogEntry.objects.latest("pk").get_change_message() == "Undone: hidden."
    assert undo(signed_in(mighty), Decision.objects.get()) == ""  # a second press


def test_u_undoes_ones_own_last_act(clara: Client, carl: Client, edition: Edition) -> None:
    do(clara, first(), "feature")
    do(carl, EditionEntry.objects.order_by("pk")[1], "hide")
    mine = desk(clara, edition).context["mine"]  # type: ignore[attr-defined]
    assert (mine.by.username, mine.verb) == ("clara", "feature")


def test_whoever_may_only_look_gets_no_button(clara: Client, edition: Edition) -> None:
    do(clara, first(), "feature")
    text = desk(signed_in(staff("vera", "papers.view_edition")), edition).content.decode()
    assert not [word for word in ('name="act"', 'id="undo"', "merge=", 'name="key"') if word in text]


class TestOrders:
    def test_by_trend_by_field_by_reach_and_what_waits(
        self, clara: Client, edition: Edition, make_subscriber: Callable[..., Subscriber]
    ) -> None:
        entries = list(EditionEntry.objects.order_by("pk"))
        for number, entry in enumerate(entries):
            Paper.objects.filter(pk=entry.paper_id).update(trend=number / 10, field="math" if number else "cs")
        by_trend = titles(desk(clara, edition))
        assert by_trend == [entry.paper.shown_title for entry in reversed(entries)]
        assert titles(desk(clara, edition, order="field"))[0] == first().paper.shown_title
        assert titles(desk(clara, edition, field="cs")) == [first().paper.shown_title]
        assert titles(desk(clara, edition, show="waiting")) == []
        EditionEntry.objects.filter(pk=first().pk).update(reason=EntryReason.TOOK_OFF)
        assert titles(desk(clara, edition, show="waiting")) == [first().paper.shown_title]
        do(clara, first(), "feature")
        assert titles(desk(clara, edition, show="waiting")) == []
        assert titles(desk(clara, edition, show="decided")) == [first().paper.shown_title]
        assert titles(desk(clara, edition, order="size", show="none", page="-1")) == by_trend

    def test_by_reach_once_a_worker_has_counted(
        self, clara: Client, edition: Edition, make_subscriber: Callable[..., Subscriber]
    ) -> None:
        make_subscriber()
        assert "not counted yet" in desk(clara, edition).content.decode()
        counted = reach.refresh(MORNING)
        assert counted
        answer = desk(clara, edition, order="reach")
        numbers = [row.reach for row in answer.context["rows"]]  # type: ignore[attr-defined]
        assert numbers == sorted(numbers, reverse=True)
        assert numbers[0] == 1

    def test_the_nearest_titles_come_first_where_one_is_merged(self, clara: Client, edition: Edition) -> None:
        one, *_, last = EditionEntry.objects.order_by("paper__trend")
        Paper.objects.filter(pk=one.paper_id).update(plain_title="Deep nets that sleep")
        Paper.objects.filter(pk=last.paper_id).update(plain_title="On deep nets that sleep", trend=0)
        assert titles(desk(clara, edition, merge=one.pk))[:2] == ["Deep nets that sleep", "On deep nets that sleep"]


class TestReach:
    def test_it_is_counted_again_when_candidates_change_or_an_hour_has_passed(self, edition: Edition) -> None:
        assert reach.refresh(MORNING)
        assert reach.refresh(MORNING) is None
        EditionEntry.objects.filter(pk=first().pk).update(hidden=True)
        assert reach.refresh(MORNING)
        assert reach.refresh(MORNING + reach.HOLDS)

    def test_readers_who_are_many_are_stood_for_by_a_sample(
        self, edition: Edition, make_subscriber: Callable[..., Subscriber], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(6):
            make_subscriber(f"reader{number}@example.org")
        exact = reach.count(edition, MORNING)
        monkeypatch.setattr(reach, "SAMPLE", 3)
        sampled = reach.count(edition, MORNING)
        assert (exact.asked, sampled.asked, sampled.readers, sampled.is_sample) == (6, 3, 6, True)
        assert {exact.count(int(key)) for key in exact.papers} == {6}
        assert {key: sampled.count(int(key)) for key in sampled.papers} == dict.fromkeys(exact.papers, 6)


def test_queries_do_not_grow_with_papers_or_decisions(
    clara: Client, edition: Edition, make_paper: Callable[..., Paper]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk(clara, edition)
        return len(captured)

    do(clara, first(), "note", note="One.")
    queries()
    before = queries()
    for number in range(listing.ON_A_PAGE):
        make_paper(100 + number, axis(0, np.float32(number) / 50))
    for entry in EditionEntry.objects.all()[:9]:
        do(clara, entry, "feature")
    queries()
    assert queries() == before
    assert "Page 1 of 2" in desk(clara, edition).content.decode()
