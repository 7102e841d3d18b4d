"""Old digests are put away: little stays of them, and no paper ever comes twice."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from time_machine import TimeMachineFixture

from papers.models import Edition, EditionEntry, Paper
from subscriptions import lifecycle
from subscriptions.delivery import shutdown
from subscriptions.digests import balance, compose, runs, silence
from subscriptions.interests import feedback
from subscriptions.models import (
    Comparison,
    Control,
    DeliveryEvent,
    DeliveryStatus,
    Digest,
    DigestItem,
    Experiment,
    Feedback,
    PastPicks,
    Role,
    Run,
    Subscriber,
)
from subscriptions.models.past_picks import ON_A_SHELF, merged, shelved
from subscriptions.operations import metrics, old_digests
from subscriptions.people import links
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING, TODAY, axis, deliver_due, preferences

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
OLD_ENOUGH = MORNING + 98 * DAY
ENDLESS = 3600.0  # seconds
Subscribe = Callable[..., Subscriber]
MakePaper = Callable[..., Paper]


@pytest.fixture(autouse=True)
def _web_copies_end(settings: Settings) -> None:
    settings.WEB_COPY_DAYS = 90


def put_away(now: datetime = OLD_ENOUGH) -> int:
    return old_digests.put_away(lambda: now, ENDLESS)


@pytest.fixture
def reader(some_papers: list[Paper], make_subscriber: Subscribe) -> Subscriber:
    """Somebody whose digest of three papers left this morning."""
    reader = make_subscriber(exploration=False)
    assert deliver_due() == 1
    return reader


def picks_of(digest: Digest) -> set[int]:
    return set(digest.items.filter(role=Role.PICK).values_list("paper", flat=True))


def past(reader: Subscriber) -> dict[date, set[int]]:
    days = PastPicks.objects.days([reader.pk]).get(reader.pk, {})
    return {day: set(papers) for day, papers in days.items()}


def come_again(papers: Sequence[Paper], day: date) -> None:
    """Let papers be news once more, as those do that take off late."""
    edition = Edition.objects.create(date=day)
    EditionEntry.objects.bulk_create(EditionEntry(edition=edition, paper=paper) for paper in papers)


def next_digest(reader: Subscriber, now: datetime) -> Digest:
    Subscriber.objects.filter(pk=reader.pk).update(next_digest_at=now)
    deliver_due(now)
    return Digest.objects.get(subscriber=reader, local_date=now.date())


def test_nothing_of_a_digest_stays_but_its_papers_and_their_day(reader: Subscriber) -> None:
    digest = Digest.objects.get()
    papers = picks_of(digest)
    DeliveryEvent.objects.create(
        digest=digest, provider="test", event_id="1", event_type="delivered", happened_at=MORNING
    )
    assert put_away() == 1
    assert [model.objects.count() for model in (Digest, DigestItem, DeliveryEvent)] == [0, 0, 0]
    assert past(reader) == {TODAY: papers}
    assert len(papers) == 3


def test_a_digest_stays_for_as_long_as_its_web_copy_and_a_week_at_most(reader: Subscriber) -> None:
    assert put_away(MORNING + 96 * DAY) == 0
    assert put_away(MORNING + 98 * DAY) == 1


@pytest.mark.parametrize(("days", "stays"), [(400, 400), (1, 35)])
def test_how_long_is_the_setting_of_web_copies_and_some_weeks_at_least(
    reader: Subscriber, settings: Settings, days: int, stays: int
) -> None:
    settings.WEB_COPY_DAYS = days
    assert put_away(MORNING + timedelta(days=stays + 6)) == 0
    assert put_away(MORNING + timedelta(days=stays + 8)) == 1


def test_a_week_of_a_readers_digests_goes_together(reader: Subscriber, make_paper: MakePaper) -> None:
    for number in range(1, 10):
        make_paper(100 + number, axis(0, 0.1 * number), day=TODAY + number * DAY)
        next_digest(reader, MORNING + number * DAY)
    assert put_away() == 8  # of the days on which web copies ended
    assert sorted(Digest.objects.values_list("local_date", flat=True)) == [TODAY + 8 * DAY, TODAY + 9 * DAY]
    assert put_away() == 0


def test_a_paper_that_came_two_years_ago_never_comes_again(reader: Subscriber, some_papers: list[Paper]) -> None:
    put_away()
    later = MORNING + 730 * DAY
    come_again(some_papers[:3], later.date())
    again = next_digest(reader, later)
    assert (again.status, again.items.filter(role=Role.PICK).count()) == (DeliveryStatus.SKIPPED, 0)


def test_nor_does_it_under_another_identifier(reader: Subscriber, some_papers: list[Paper]) -> None:
    put_away()
    for paper in some_papers:
        Paper.objects.filter(pk=paper.pk).update(identifier=f"2705.{paper.pk:05d}")
    later = MORNING + 400 * DAY
    come_again(some_papers[:3], later.date())
    assert next_digest(reader, later).status == DeliveryStatus.SKIPPED


def test_others_get_it(reader: Subscriber, some_papers: list[Paper], make_subscriber: Subscribe) -> None:
    put_away()
    bob = make_subscriber("bob@example.org", exploration=False)
    come_again(some_papers[:3], OLD_ENOUGH.date())
    assert len(picks_of(next_digest(bob, OLD_ENOUGH))) == 3


def test_the_database_refuses_what_came_before_even_if_it_was_chosen(
    reader: Subscriber, some_papers: list[Paper]
) -> None:
    put_away()
    digest = Digest.objects.create(
        subscriber=reader, local_date=OLD_ENOUGH.date(), due_at=OLD_ENOUGH, next_attempt_at=OLD_ENOUGH
    )
    token = Digest.objects.lease([digest.pk], OLD_ENOUGH, OLD_ENOUGH + DAY)
    digest.composed_at = OLD_ENOUGH
    fields = {"subscriber_id": reader.pk, "rank": 1, "score": 1.0, "relevance": 1.0, "role": Role.PICK.value}
    item = DigestItem(digest_id=digest.pk, paper_id=some_papers[0].pk, **fields)
    with pytest.raises(IntegrityError, match="Picked before"):
        compose.store([digest], [item], token, OLD_ENOUGH)
    assert not DigestItem.objects.exists()
    assert Digest.objects.get().composed_at is None


def test_what_gave_way_to_a_paper_that_was_liked_may_still_come(reader: Subscriber, some_papers: list[Paper]) -> None:
    pick = Digest.objects.get().items.filter(role=Role.PICK)[0]
    folded = next(paper for paper in some_papers if paper.pk not in picks_of(pick.digest))
    DigestItem.objects.filter(pk=pick.pk).update(reason=pick.reason | {"folded": [folded.pk]})
    fields = {"subscriber": reader, "digest": pick.digest, "score": 0, "relevance": 0, "rank": 1}
    DigestItem.objects.create(paper=folded, role=Role.FOLDED, **fields)
    Feedback.objects.create(subscriber=reader, paper=pick.paper, kind="more", at=MORNING)
    put_away()
    [papers] = past(reader).values()
    assert folded.pk not in papers


def test_what_gave_way_to_any_other_stays_away(reader: Subscriber, some_papers: list[Paper]) -> None:
    digest = Digest.objects.get()
    folded = next(paper for paper in some_papers if paper.pk not in picks_of(digest))
    fields = {"subscriber": reader, "digest": digest, "score": 0, "relevance": 0, "rank": 1}
    DigestItem.objects.create(paper=folded, role=Role.FOLDED, **fields)
    put_away()
    [papers] = past(reader).values()
    assert folded.pk in papers


@pytest.mark.parametrize("status", [DeliveryStatus.PLANNED, DeliveryStatus.SENDING])
def test_what_is_on_its_way_stays_however_old(reader: Subscriber, status: str) -> None:
    Digest.objects.update(status=status)
    assert put_away() == 0
    assert Digest.objects.count() == 1
    assert Run.objects.get().emptied_at is None


def test_papers_of_an_uncertain_digest_never_come_again_either(reader: Subscriber) -> None:
    Digest.objects.update(status=DeliveryStatus.UNCERTAIN)
    put_away()
    assert len(past(reader)[TODAY]) == 3
    assert balance.of(Run.objects.all(), OLD_ENOUGH).by_status["uncertain"] == 1


def test_runs_still_add_up(reader: Subscriber, make_subscriber: Subscribe) -> None:
    make_subscriber("nobody@example.org", follows=(7,), exploration=False)
    deliver_due()
    before = balance.of(Run.objects.all(), OLD_ENOUGH)
    assert put_away() == 2
    run, after = Run.objects.get(), balance.of(Run.objects.all(), OLD_ENOUGH)
    assert (after.by_status, after.skipped) == (before.by_status, before.skipped)
    assert (after.by_status["sent"], after.skipped, after.missing) == (1, {"empty": 1}, 0)
    assert run.emptied_at == OLD_ENOUGH
    Run.objects.update(closed_at=None)
    assert runs.close_finished(OLD_ENOUGH) == [run]


def test_and_after_somebody_was_erased(reader: Subscriber, make_paper: MakePaper) -> None:
    make_paper(100, axis(0, 0.3), day=TODAY + 30 * DAY)
    next_digest(reader, MORNING + 30 * DAY)
    put_away()
    lifecycle.erase(reader)
    assert not PastPicks.objects.exists()
    assert balance.of(Run.objects.all(), OLD_ENOUGH).missing == 0


def test_a_digest_that_compares_two_rankers_stays_for_the_verdict(reader: Subscriber) -> None:
    experiment = Experiment.objects.create(name="one", ranker_a="a", ranker_b="b", started_at=MORNING)
    Comparison.objects.create(experiment=experiment, digest=Digest.objects.get(), made_at=MORNING)
    assert put_away() == 0
    assert Run.objects.get().emptied_at == OLD_ENOUGH


def test_digests_without_a_run_go_too(reader: Subscriber) -> None:
    Digest.objects.update(run=None)
    assert put_away() == 1
    assert past(reader)


def test_many_are_put_away_in_parts_and_to_the_end(
    some_papers: list[Paper], make_subscriber: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("READERS", "DIGESTS_AT_ONCE", "LISTED"):
        monkeypatch.setattr(old_digests, name, 2)
    people = [make_subscriber(f"reader{number}@example.org", exploration=False) for number in range(5)]
    assert deliver_due() == 5
    assert put_away() == 5
    assert all(len(past(one)[TODAY]) == 3 for one in people)


def test_a_worker_that_is_told_to_stop_leaves_the_rest_for_later(
    some_papers: list[Paper], make_subscriber: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_digests, "READERS", 2)
    for number in range(5):
        make_subscriber(f"reader{number}@example.org", exploration=False)
    deliver_due()
    assert old_digests.put_away(lambda: OLD_ENOUGH, seconds=0) == 2
    with monkeypatch.context() as stopped:
        stopped.setattr(shutdown.stopping, "value", 1)
        assert put_away() == 2
    assert put_away() == 1


def test_doing_it_twice_keeps_the_first_day(reader: Subscriber, some_papers: list[Paper]) -> None:
    """As where a process was killed between what is kept and what goes, on a database that forgot the transaction."""
    [key] = shelved([(some_papers[0].pk, TODAY)])
    picks = shelved([(some_papers[0].pk, TODAY - 5 * DAY)])[key]
    PastPicks.objects.create(subscriber=reader, shelf=key, picks=picks.tobytes())
    put_away()
    assert some_papers[0].pk in past(reader)[TODAY - 5 * DAY]


def test_for_a_day_after_the_upgrade_nothing_is_put_away(reader: Subscriber) -> None:
    """Workers of the release before would not see what came."""
    Control.objects.update(digests_stay_until=OLD_ENOUGH + DAY)
    assert put_away() == 0
    assert put_away(OLD_ENOUGH + DAY) == 1


def test_the_upgrade_sets_that_day_where_there_are_digests(reader: Subscriber) -> None:
    migration = import_module("subscriptions.migrations.0041_old_digests_are_put_away")
    migration.wait_for_a_day(apps, None)
    assert Control.objects.get().digests_stay_until is not None
    Control.objects.update(digests_stay_until=None)
    Digest.objects.all().delete()
    migration.wait_for_a_day(apps, None)
    assert Control.objects.get().digests_stay_until is None


def test_the_link_of_an_old_mail_says_what_to_do(reader: Subscriber, client: Client) -> None:
    token = links.token(Purpose.DIGEST, Digest.objects.get())
    put_away()
    answer = client.get(reverse("digest", args=[token]))
    assert answer.status_code == 404
    assert "90 days" in answer.content.decode()


def test_a_reader_finds_the_papers_of_old_digests_on_their_pages(
    reader: Subscriber, client: Client, make_paper: MakePaper, time_machine: TimeMachineFixture
) -> None:
    make_paper(100, axis(0, 0.3), day=TODAY + 30 * DAY, title="A newer one")
    next_digest(reader, MORNING + 30 * DAY)
    put_away()
    time_machine.move_to(OLD_ENOUGH)
    page = client.get(preferences(reader, "past_digests")).content.decode()
    assert "Thursday 30 July 2026" in page
    assert "A newer one" not in page
    assert "Tuesday 30 June 2026" in page
    assert all(f">Paper {number}<" in page for number in range(3))


def test_ratings_and_saved_papers_stay(reader: Subscriber, some_papers: list[Paper]) -> None:
    feedback.rate(Digest.objects.get(), {some_papers[0].identifier: "save"}, MORNING)
    put_away()
    assert [one.paper for one in feedback.saved(reader)] == [some_papers[0]]


def test_a_long_silence_is_known_from_what_is_left_of_digests(
    reader: Subscriber, settings: Settings, make_paper: MakePaper
) -> None:
    settings.SLOW_DOWN_AFTER_DAYS = 2
    Subscriber.objects.update(last_sign_on=TODAY - DAY)
    make_paper(100, axis(0, 0.3), day=TODAY + DAY)
    next_digest(reader, MORNING + DAY)
    put_away(MORNING + 100 * DAY)
    assert not Digest.objects.exists()
    quiet = Subscriber.objects.get()
    quiet.next_digest_at = MORNING + 100 * DAY
    silence.judge([quiet], MORNING + 100 * DAY)
    assert quiet.asked_on == TODAY + 100 * DAY


def test_how_old_the_oldest_digests_are_is_a_number_for_prometheus(reader: Subscriber) -> None:
    [oldest] = [one for one in metrics.of_runs(OLD_ENOUGH) if one.name == "paper_round_oldest_digests_age_seconds"]
    assert oldest.samples[0].value == (98 * DAY).total_seconds()
    put_away()
    [oldest] = [one for one in metrics.of_runs(OLD_ENOUGH) if one.name == "paper_round_oldest_digests_age_seconds"]
    assert oldest.samples[0].value == 0


def test_picks_on_many_shelves_are_found_by_key_and_day() -> None:
    picks = [(ON_A_SHELF * 3 + 5, TODAY), (ON_A_SHELF * 3 + 1, TODAY - DAY), (7, date(2019, 1, 1))]
    shelves = shelved(picks)
    assert {shelf: some.tolist() for shelf, some in shelves.items()} == {3: [(1, 2371), (5, 2372)], 0: [(7, 0)]}
    assert len(merged(shelves[3].tobytes(), shelves[3])) == 8
