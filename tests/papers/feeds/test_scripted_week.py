"""A week of real papers in which every source fails in every way, with four workers that do everything twice."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import connections

from papers.feeds import schedule
from papers.feeds.health import State, judge
from papers.models import ChangeKind, EditionEntry, FeedState, Paper, PaperChange, Signal
from tests.papers.feeds.scripted_week import DRIPPING, HUGE, INSIDE, LATE, LAUGHS, WEEK, Week, always, hours
from tests.papers.sources.feed_server import Answer, FeedServer
from tests.processes import ROOT, process_environment
from tests.services import database_url

# arXiv's own limit takes many minutes; PAPER_ROUND_PAUSE=3 runs the same week with it.
ARXIV = {"rss", "oai", "api"}
PAUSE = float(os.environ.get("PAPER_ROUND_PAUSE", "0.1"))
WORKERS = 4
ROUNDS = (5, 11, 17, 23)  # hours of the day at which what is due is asked for


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 6, 22 + day, hour, 20, tzinfo=UTC)


def script(week: Week, server: FeedServer) -> None:
    """What goes wrong, and when: the first part of a path, a moment, and a fault for each request that comes then."""
    moved = always(Answer(status=302, headers={"Location": f"{server.url}{INSIDE}"}))
    busy, down = always(Answer(status=429, headers={"Retry-After": "1"})), always(Answer(status=503))
    cut = always(Answer(b"<rss><channel><item><title>Half a"))
    week.faults = {
        ("rss", at(0, 5)): [busy],
        ("daily", at(0, 11)): [down] * 12,
        ("rss", at(1, 5)): [cut] * 2,
        ("oai", at(1, 5)): [always(Answer(LAUGHS))] * 2,
        ("rss", at(2, 5)): [always(HUGE)] * 2,
        ("rss", at(2, 11)): [always(DRIPPING)],
        ("api", at(2, 11)): [always(Answer(status=406))] * 2,
        ("rss", at(3, 5)): [Week.yesterdays_batch] * 2,
        ("daily", at(3, 5)): [moved] * 4,
        ("oai", at(3, 5)): [down] * 6,
        ("oai", at(4, 5)): [down] * 6,
        ("github", at(3, 11)): [always(Answer(status=403, headers={"X-RateLimit-Remaining": "0", "Retry-After": "0"}))],
    }


class Workers:
    """Processes that are each given a line, and waited for."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, str(Path(__file__).parent / "week_worker.py")]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.processes = [subprocess.Popen(command, env=environment, cwd=ROOT, **pipes) for _ in range(WORKERS)]

    def do(self, lines: list[str]) -> float:
        """Hand out the lines, four at a time; the greatest memory of any process so far, in MB."""
        peak = 0.0
        for first in range(0, len(lines), WORKERS):
            busy = list(zip(self.processes, lines[first : first + WORKERS], strict=False))
            for process, line in busy:
                process.stdin.write(f"{line}\n")
                process.stdin.flush()
            peak = max(peak, *(float(process.stdout.readline()) for process, _ in busy))
        return peak

    def end(self) -> None:
        for process in self.processes:
            process.communicate()


@pytest.fixture
def server(shared_data: Path, settings: object) -> Iterator[tuple[FeedServer, Week]]:
    week = Week(shared_data)
    assert week.batches, "read now, and not while the first worker waits for an answer"
    with FeedServer() as feeds:
        script(week, feeds)
        feeds.respond = week.answer
        for name, value in addresses(feeds.url).items():
            setattr(settings, name, value)
        settings.ARXIV_CATEGORIES = ["cs"]
        yield feeds, week


def addresses(url: str) -> dict[str, str]:
    paths = {"HUGGINGFACE": "daily", "ARXIV_RSS": "rss", "ARXIV_OAI": "oai", "ARXIV_API": "api", "GITHUB_API": "github"}
    return {f"{name}_URL": f"{url}/{path}" for name, path in paths.items()}


@pytest.fixture
def workers(server: tuple[FeedServer, Week], transactional_db: None) -> Iterator[Workers]:
    started = Workers(
        process_environment(
            **addresses(server[0].url),
            DATABASE_URL=database_url(connections["default"].settings_dict),
            ARXIV_CATEGORIES="cs",
            SOURCE_PAUSE=str(PAUSE),
            SOURCE_TIMEOUT="1",
            PYTHONPATH=str(ROOT),
        )
    )
    yield started
    started.end()


def state(category: str, now: datetime) -> State:
    return judge(FeedState.objects.get(source="arxiv", category=category), now)


def test_after_a_week_of_faults_every_paper_is_there_once_and_the_states_are_right(
    server: tuple[FeedServer, Week], workers: Workers
) -> None:
    feeds, week = server
    peaks, seen, late = [], {}, {}
    for moment in hours(*ROUNDS):
        week.now = moment
        lines = [f"{source} {moment.isoformat()}" for source in sorted(schedule.due(moment)) for _ in range(2)]
        peaks.append(workers.do(lines) if lines else peaks[-1])
        seen[moment] = state("", moment + JUDGED_AFTER)
        late[moment] = state(LATE, moment + JUDGED_AFTER) if moment.date() >= WEEK[4] else State.OK

    assert {moment: found for moment, found in seen.items() if found != State.OK} == EXPECTED
    everything_is_there_once(week)
    assert [moment for moment, found in late.items() if found == State.LATE] == [at(4, 5)]
    the_late_category_was_made_up_for(week)
    assert feeds_were_asked_politely(feeds)
    sys.stdout.write(
        f"memory of a worker: {peaks[len(ROUNDS) - 1]:.0f} MB after a day, {peaks[-1]:.0f} MB after the week\n"
    )
    assert peaks[-1] - peaks[len(ROUNDS) - 1] < 40


# States are looked at some hours after each round: by then what is due has come, or is missing.
JUDGED_AFTER = timedelta(hours=3)
EXPECTED = {
    at(1, 5): State.FAILING,
    at(2, 5): State.FAILING,
    at(3, 5): State.STALE,
    **{at(day, hour): State.QUIET for day in (5, 6) for hour in ROUNDS},
}


def everything_is_there_once(week: Week) -> None:
    announced = {row["arxiv_id"]: day for day, batch in week.batches.items() for row in batch}
    listed = {item["paper"]["id"] for items in week.listed.values() for item in items}
    assert sorted(Paper.objects.values_list("identifier", flat=True)) == sorted(announced.keys() | listed)
    dates = Paper.objects.filter(identifier__in=announced).values_list("identifier", "announced_on")
    assert dict(dates) == announced
    entries = EditionEntry.objects.filter(reason="announced").values_list("paper__identifier", "edition__date")
    assert sorted(entries) == sorted(announced.items())
    assert not Paper.objects.filter(categories=[]).exists()
    assert Signal.objects.filter(kind="stars").exists()
    revised = PaperChange.objects.filter(kind=ChangeKind.REVISED).values_list("paper__identifier", "detail")
    again = [row["arxiv_id"] for day in WEEK[:4] for row in week.batches[day][::10]]
    assert sorted(revised) == sorted((identifier, "v2") for identifier in again)


def the_late_category_was_made_up_for(week: Week) -> None:
    friday = WEEK[4]
    missing = [row["arxiv_id"] for row in week.batches[friday] if row["primary_category"] == LATE]
    assert missing
    assert Paper.objects.filter(identifier__in=missing, announced_on=friday).count() == len(missing)


def feeds_were_asked_politely(feeds: FeedServer) -> bool:
    """One request at a time to arXiv, never two within the pause; and nothing behind a redirect."""
    arxiv = sorted(visit.began for visit in feeds.visits if visit.path.split("?")[0].split("/")[1] in ARXIV)
    assert min(after - before for before, after in pairwise(arxiv)) > PAUSE - 0.002
    return all(INSIDE not in path for path in feeds.paths)
