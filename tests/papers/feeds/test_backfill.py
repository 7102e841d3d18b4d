import sqlite3
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from shutil import copyfile
from threading import Event

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from papers.models import Harvest, Paper
from tests.make_run import NO_SOURCES
from tests.papers.sources.feed_server import Answer, FeedServer
from tests.papers.sources.oai_pages import Listing, deleted, number_of, record
from tests.services import ROOT, eventually, migrated_file, process_environment

ON_TWO_PAGES = [[record()], [record(arxiv_id="2606.00002")]]
Rows = list[tuple[object, ...]]
ENTRIES = """
    SELECT identifier, date, reason, hidden, featured, entry.note FROM papers_editionentry AS entry
    JOIN papers_edition AS edition ON edition.id = edition_id JOIN papers_paper AS paper ON paper.id = paper_id
    ORDER BY identifier, date
"""
CHANGES = """
    SELECT identifier, kind, detail FROM papers_paperchange JOIN papers_paper AS paper ON paper.id = paper_id
    ORDER BY identifier, kind, detail
"""


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("backfill", "--from", "2026-06-01", *arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_set_is_brought_in_and_what_was_done_is_told(feed_server: FeedServer) -> None:
    old = record(arxiv_id="0903.0001", created="2009-03-02")
    feed_server.respond = Listing(ON_TWO_PAGES[0], [*ON_TWO_PAGES[1], old, deleted("2606.00003")])
    assert run("--set", "cs").splitlines() == [
        "cs: asks for what was changed since 2026-06-01.",
        "cs: 2 papers created, 0 updated, 0 unchanged; 1 older ones and 1 deleted ones passed over.",
    ]
    assert "2 papers created" not in run("--set", "cs", "--restart")
    assert "1 papers created, 0 updated, 2 unchanged" in run("--set", "cs", "--all", "--restart")


@pytest.mark.django_db
def test_several_sets_are_brought_in_one_after_the_other_and_each_once(feed_server: FeedServer) -> None:
    feed_server.respond = listing = Listing([record()])
    run("--set", "cs", "math", "--set", "physics:hep-th", "--set", "cs")
    assert [query["set"] for query in listing.asked] == ["cs", "math", "physics:hep-th"]


@pytest.mark.django_db
def test_after_a_failure_the_same_command_goes_on(feed_server: FeedServer) -> None:
    listing = Listing(*ON_TWO_PAGES)
    feed_server.respond = lambda path, headers: None if "resumptionToken" in path else listing(path, headers)
    feed_server.default = Answer(status=500)
    with pytest.raises(CommandError, match=r"answered 500.*What came so far is stored: the same command goes on"):
        run("--set", "cs")
    assert Paper.objects.count() == 1
    feed_server.respond = listing
    assert run("--set", "cs").startswith("cs: goes on after 1 records.")
    assert [number_of(query) for query in listing.asked] == [1, 2]
    assert Paper.objects.count() == 2


@pytest.mark.django_db
def test_a_finished_set_is_asked_only_for_what_came_since_and_says_so(feed_server: FeedServer) -> None:
    feed_server.respond = listing = Listing([record()])
    run("--set", "cs")
    Harvest.objects.update(started_at="2026-06-20T01:00Z")
    assert "was finished before; asks only for what was changed since it began on 2026-06-20" in run("--set", "cs")
    assert [query["from"] for query in listing.asked] == ["2026-06-01", "2026-06-20"]
    assert "since 2026-06-01." in run("--set", "cs", "--restart")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "yesterday", "--set", "cs"], "--from is a date like 2026-01-31, not 'yesterday'"),
        (["--from", "2999-01-01", "--set", "cs"], "--from 2999-01-01 is yet to come"),
        (["--from", "2026-06-01", "--set", "cs", "cs.LG"], "'cs.LG' is no set of arXiv's: write cs:cs:LG"),
        (["--set", "cs"], "required: --from"),
        (["--from", "2026-06-01"], "required: --set"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_asked(feed_server: FeedServer, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words) as refused:
        call_command("backfill", *arguments)
    assert "\n" not in str(refused.value)
    assert not feed_server.requests
    assert not Harvest.objects.exists()


class Back:
    """A back-fill of the pages at server, as a process of its own on a database of its own."""

    def __init__(self, server: FeedServer, database: Path) -> None:
        self.server, self.database = server, database
        sources = NO_SOURCES | {"ARXIV_OAI_URL": f"{server.url}/oai"}
        place = {"VAR_DIR": str(database.parent), "DATABASE_URL": f"sqlite:///{database}"}
        self.environment = process_environment(**sources, **place)

    def manage(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def start(self) -> subprocess.Popen[bytes]:
        return self.manage("backfill", "--from", "2026-06-01", "--set", "cs")

    def finish(self) -> None:
        process = self.start()
        said, _ = process.communicate(timeout=720)
        assert process.returncode == 0, said.decode()

    def kill_when(self, has_come: Callable[[], object]) -> None:
        process = self.start()
        eventually(has_come, 60)
        process.kill()
        process.communicate(timeout=180)
        # The turn of a killed process ends by itself, after a time that need not be waited for here.
        self.rows("UPDATE papers_turn SET holder = NULL, free_at = '2000-01-01 00:00:00'")

    def rows(self, query: str) -> Rows:
        with sqlite3.connect(self.database) as connection:
            rows = connection.execute(query).fetchall()
        connection.close()
        return rows

    def everything(self) -> list[Rows]:
        """All that stands in the tables but for keys, and for the times at which it was written."""
        names = [name for _, name, *_ in self.rows("PRAGMA table_info(papers_paper)")]
        kept = ", ".join(name for name in names if name not in {"id", "created_at", "updated_at"})
        return [
            self.rows(query) for query in (f"SELECT {kept} FROM papers_paper ORDER BY identifier", ENTRIES, CHANGES)
        ]


def forty(number: int) -> list[str]:
    """A page of forty papers: new, revised and old ones, and one of the page before that was modified again."""
    new = [record(arxiv_id=f"2606.{number}{n:04}", datestamp=f"2026-06-{28 + n % 3}") for n in range(30)]
    revised = [record(arxiv_id=f"2605.{number}{n:04}", created="2026-05-25", updated="2026-06-20") for n in range(8)]
    again = record(arxiv_id=f"2606.{max(number - 1, 1)}0007", title=f"Told on page {number}", comments="Retitled")
    return [*new, *revised, record(arxiv_id=f"09{number:02}.0001", created=f"2009-{number:02}-02"), again]


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A migrated database to copy."""
    path = tmp_path / "empty.sqlite3"
    migrated_file(path)
    return path


@pytest.mark.django_db
def test_a_back_fill_that_is_killed_again_and_again_ends_with_the_rows_of_an_undisturbed_one(
    empty: Path, feed_server: FeedServer
) -> None:
    listing = Listing(*[forty(number) for number in range(1, 7)])
    feed_server.respond = listing
    undisturbed, killed = (Back(feed_server, empty.with_name(f"{name}.sqlite3")) for name in ("whole", "killed"))
    for one in (undisturbed, killed):
        copyfile(empty, one.database)
    undisturbed.finish()
    assert [number_of(query) for query in listing.asked] == [1, 2, 3, 4, 5, 6]
    listing.asked.clear()

    held = HeldPage(listing)
    feed_server.respond = held
    for number in (2, 4):
        killed.kill_when(held.at(number).is_set)  # before the page has come
        held.at(number + 1)
        given = len(feed_server.visits)
        killed.kill_when(lambda given=given: len(feed_server.visits) > given)  # while it is read and stored
    assert 0 < len(killed.everything()[0]) < len(undisturbed.everything()[0])
    feed_server.respond = listing
    killed.finish()
    assert killed.everything() == undisturbed.everything()
    assert len(killed.everything()[0]) == 6 * 38
    assert killed.rows("SELECT papers FROM papers_harvest WHERE finished_at IS NOT NULL") == [(240,)]


class HeldPage:
    """A listing that lets a page wait, so that whoever asks for it can be killed meanwhile."""

    def __init__(self, listing: Listing) -> None:
        self.listing, self.number, self.asked = listing, 0, Event()

    def at(self, number: int) -> Event:
        self.number, self.asked = number, Event()
        return self.asked

    def __call__(self, path: str, headers: dict[str, str]) -> Answer:
        answer = self.listing(path, headers)
        if number_of(self.listing.asked[-1]) != self.number:
            return answer
        self.asked.set()
        return Answer(hangs=True)
