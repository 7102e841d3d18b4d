"""What curators decide is kept, can be taken back, and never overwrites what another one decided meanwhile."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.contrib.auth.models import User

from papers.editions import curation, entries
from papers.ingest.saving import save
from papers.models import Decision, EditionEntry, Paper, Verb
from papers.records import PaperRecord

Make = Callable[..., PaperRecord]
DAY = date(2026, 6, 30)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stored(announced: Make, now: datetime) -> None:
    save([announced(f"2606.0000{number}") for number in range(4)], now)


@pytest.fixture
def clara() -> User:
    return User.objects.create_user("clara")


@pytest.fixture
def carl() -> User:
    return User.objects.create_user("carl")


def entry(number: int = 1) -> EditionEntry:
    return EditionEntry.objects.order_by("pk").get(paper__identifier=f"2606.0000{number}")


def held(number: int = 1) -> tuple[bool, bool, str, int | None]:
    row = entry(number)
    return row.hidden, row.featured, row.note, row.merged_into_id


@pytest.mark.parametrize("verb", [Verb.FEATURE, Verb.HIDE])
def test_an_act_is_kept_once_however_often_it_is_sent_and_undone_once(clara: User, now: datetime, verb: Verb) -> None:
    before = held()
    seen = curation.mark(entry())
    [decision] = curation.act(entry(), verb, by=clara, now=now, seen=seen)
    after = held()
    assert after != before
    assert curation.act(entry(), verb, by=clara, now=now, seen=seen) == []
    assert Decision.objects.count() == 1
    assert curation.undo(decision, by=clara, now=now)
    assert held() == before
    assert not curation.undo(decision, by=clara, now=now)
    assert held() == before


def test_acts_are_undone_one_after_the_other(clara: User, now: datetime) -> None:
    states = [held()]
    for act in (
        lambda: curation.act(entry(), Verb.FEATURE, by=clara, now=now),
        lambda: curation.note(entry(), " Read this. ", by=clara, now=now),
        lambda: curation.act(entry(), Verb.HIDE, by=clara, now=now),
        lambda: curation.merge(entry(), entry(2), by=clara, now=now),
        lambda: curation.act(entry(), Verb.UNHIDE, by=clara, now=now),
    ):
        assert len(act()) == 1
        states.append(held())
    assert states[2][2] == "Read this."
    while states:
        assert held() == states.pop()
        last = curation.last_of(entry().edition_id, clara)
        assert (last is None) == (not states)
        if last:
            curation.undo(last, by=clara, now=now)


def test_what_another_did_meanwhile_is_told_and_stays(clara: User, carl: User, now: datetime) -> None:
    seen = curation.mark(entry())
    curation.act(entry(), Verb.HIDE, by=carl, now=now)
    with pytest.raises(curation.DecidedMeanwhile) as caught:
        curation.act(entry(), Verb.FEATURE, by=clara, now=now, seen=seen)
    assert caught.value.decision
    assert (caught.value.decision.by, caught.value.decision.verb) == (carl, Verb.HIDE)
    assert held()[:2] == (True, False)
    curation.act(entry(), Verb.FEATURE, by=clara, now=now, seen=curation.mark(entry()))
    assert held()[:2] == (False, True)


def test_two_who_do_the_same_are_of_one_mind(clara: User, carl: User, now: datetime) -> None:
    seen = curation.mark(entry())
    curation.act(entry(), Verb.HIDE, by=carl, now=now, seen=seen)
    assert curation.act(entry(), Verb.HIDE, by=clara, now=now, seen=seen) == []


def test_an_act_that_another_followed_is_not_undone(clara: User, carl: User, now: datetime) -> None:
    [hidden] = curation.act(entry(), Verb.HIDE, by=clara, now=now)
    [shown] = curation.act(entry(), Verb.UNHIDE, by=clara, now=now)
    curation.act(entry(), Verb.FEATURE, by=carl, now=now)
    for decision in (hidden, shown):
        with pytest.raises(curation.DecidedMeanwhile):
            curation.undo(decision, by=clara, now=now)
    assert held()[:2] == (False, True)
    assert Decision.objects.standing().count() == 3


def test_a_note_is_undone_whatever_became_of_its_paper(clara: User, carl: User, now: datetime) -> None:
    [noted] = curation.note(entry(), "Read this.", by=clara, now=now)
    curation.act(entry(), Verb.FEATURE, by=carl, now=now)
    curation.undo(noted, by=clara, now=now)
    assert held()[:3] == (False, True, "")


class TestMerging:
    def test_one_stands_for_both_and_no_row_goes(self, clara: User, now: datetime) -> None:
        papers = set(Paper.objects.values_list("pk", flat=True))
        [merged] = curation.merge(entry(1), entry(2), by=clara, now=now)
        assert held(1) == (True, False, "", entry(2).paper_id)
        assert set(Paper.objects.candidates(DAY, 7).values_list("pk", flat=True)) == papers - {entry(1).paper_id}
        assert entries.is_curated(entry(1))
        curation.undo(merged, by=clara, now=now)
        assert set(Paper.objects.candidates(DAY, 7).values_list("pk", flat=True)) == papers

    @pytest.mark.parametrize(("one", "other"), [(1, 1), (1, 3), (2, 0)], ids=["itself", "hidden", "chain"])
    def test_what_would_leave_neither_is_refused_in_words(
        self, clara: User, now: datetime, one: int, other: int
    ) -> None:
        curation.act(entry(3), Verb.HIDE, by=clara, now=now)
        curation.merge(entry(1), entry(2), by=clara, now=now)
        with pytest.raises(curation.CannotBeMerged):
            curation.merge(entry(one), entry(other), by=clara, now=now)

    @pytest.mark.parametrize("verb", [Verb.FEATURE, Verb.UNHIDE])
    def test_to_show_it_separates_it(self, clara: User, now: datetime, verb: Verb) -> None:
        curation.merge(entry(1), entry(2), by=clara, now=now)
        curation.act(entry(1), verb, by=clara, now=now)
        assert held(1)[3] is None
