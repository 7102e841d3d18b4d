from datetime import UTC, date, datetime, timedelta

import pytest

from papers.editions import topics
from papers.feeds import bundled, feed_states
from papers.ingest.saving import Report
from papers.models import Edition, EditionEntry, FeedState, Paper, Signal, Topic
from papers.sources import jsonl

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def test_the_newest_paper_of_the_sample_is_of_today_and_the_gaps_stay() -> None:
    report = bundled.load(TODAY, NOON)
    served = bundled.records()
    newest = max(paper.announced_on for paper in served if paper.announced_on)
    assert report.created == len(served) == Paper.objects.count()
    for paper in served:
        stored = Paper.objects.get(identifier=paper.identifier)
        assert stored.announced_on == paper.announced_on + (TODAY - newest)
        assert stored.listed_on == (paper.listed_on and paper.listed_on + (TODAY - newest))
    assert Edition.objects.order_by("-date")[0].date == TODAY


def test_every_listed_paper_of_the_sample_has_a_trend() -> None:
    bundled.load(TODAY, NOON)
    assert not Paper.objects.filter(listed_on__isnull=False, trend=None).exists()
    assert not Paper.objects.filter(listed_on=None, trend__isnull=False).exists()


def test_loading_again_on_the_same_day_does_nothing() -> None:
    first = bundled.load(TODAY, NOON)
    assert bundled.load(TODAY, NOON + timedelta(hours=3)) == Report(unchanged=first.created)


def test_loading_on_a_later_day_moves_everything_along() -> None:
    first = bundled.load(TODAY, NOON)
    before = {(entry.paper_id, entry.reason): entry.edition.date for entry in EditionEntry.objects.all()}
    report = bundled.load(TODAY + 2 * DAY, NOON + 2 * DAY)
    assert (report.created, report.entries) == (0, first.entries)
    after = {(entry.paper_id, entry.reason): entry.edition.date for entry in EditionEntry.objects.all()}
    assert after == {key: day + 2 * DAY for key, day in before.items()}
    assert EditionEntry.objects.count() == len(after)
    assert Signal.objects.count() == first.signals
    assert not Edition.objects.filter(entries=None).exists()
    assert not Paper.objects.filter(listed_on__isnull=False, trend=None).exists()


def test_what_a_curator_decided_stays_where_it_was() -> None:
    bundled.load(TODAY, NOON)
    hidden = EditionEntry.objects.filter(edition__date=TODAY, reason="announced").first()
    EditionEntry.objects.filter(pk=hidden.pk).update(hidden=True)
    bundled.load(TODAY + DAY, NOON + DAY)
    (entry,) = EditionEntry.objects.filter(paper=hidden.paper_id, reason="announced")
    assert (entry.pk, entry.edition.date, entry.hidden) == (hidden.pk, TODAY, True)


def test_once_real_papers_arrived_the_sample_stays_where_it_is() -> None:
    bundled.load(TODAY, NOON)
    assert feed_states.showing_sample()
    feed_states.note_success("huggingface", NOON, 30)
    assert not feed_states.showing_sample()
    assert bundled.load(TODAY + DAY, NOON + DAY) == Report()
    assert Paper.objects.filter(announced_on=TODAY).exists()


def test_a_source_that_only_failed_leaves_the_sample_standing() -> None:
    assert not feed_states.showing_sample()
    bundled.load(TODAY, NOON)
    feed_states.note_failure("arxiv", NOON, "arxiv: did not answer within 10 s.")
    assert feed_states.showing_sample()
    answered = FeedState.objects.filter(last_success_at__isnull=False)
    assert [state.source for state in answered] == ["sample"]
    assert FeedState.objects.get(source="sample").items == Paper.objects.count()


def test_the_sample_has_no_bad_line() -> None:
    with jsonl.fetch(bundled.SAMPLE) as stream:
        assert len(list(jsonl.parse(stream, pytest.fail))) == len(bundled.SAMPLE.read_text().splitlines())


def test_topics_are_created_once_and_keep_every_edit() -> None:
    assert topics.load() == 44
    edited = Topic.objects.order_by("?").first()
    Topic.objects.filter(pk=edited.pk).update(description="Edited.", is_active=False)
    Topic.objects.exclude(pk=edited.pk).first().delete()
    assert topics.load() == 1
    assert topics.load() == 0
    assert Topic.objects.filter(pk=edited.pk, description="Edited.", is_active=False).exists()
    assert Topic.objects.count() == 44
