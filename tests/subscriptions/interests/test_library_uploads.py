"""An uploaded file waits in the database, is read by a worker, and leaves only what came of it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.celery import app
from papers.models import Paper, WantedPaper
from subscriptions import lifecycle
from subscriptions.limits import rate_buckets
from subscriptions.models import InterestKind, LibraryPiece, LibraryUpload, RateBucket, Subscriber, UploadState
from subscriptions.operations import retention
from subscriptions.people import export, library_uploads, wishes
from subscriptions.people.library_uploads import Answer, read_next
from tests.database_dump import lines_with
from tests.stack import PROCFILE
from tests.subscriptions.conftest import MORNING, preferences

pytestmark = pytest.mark.django_db
ONE, OTHER = b"@misc{a, eprint={2606.00000}}", b"@misc{a, eprint={2606.00001}}"
BEING_READ = "Your file is being read"


@pytest.fixture
def ada(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Subscriber:
    return make_subscriber()


def receive(subscriber: Subscriber, content: bytes = ONE, now: datetime = MORNING) -> Answer:
    return library_uploads.receive(subscriber, [content[:9], content[9:]], now)


def read_at(now: datetime = MORNING) -> bool:
    return read_next(lambda: now)


def claim(upload: LibraryUpload, now: datetime = MORNING) -> bool:
    return LibraryUpload.objects.claim(upload.pk, uuid4(), now, now + timedelta(minutes=2))


def clock_that_lets(happen: Callable[[], Any]) -> Callable[[], datetime]:
    """A clock that is asked when reading begins and when it has ended; something happens in between."""
    asked: list[int] = []

    def clock() -> datetime:
        asked.append(1)
        if len(asked) == 2:
            happen()
        return MORNING

    return clock


def library_of(subscriber: Subscriber) -> list[str]:
    found = subscriber.interests.filter(kind=InterestKind.LIBRARY).first()
    return found.arxiv_ids if found else []


class TestReading:
    def test_of_a_file_that_is_read_the_bytes_go_and_the_counts_stay(self, ada: Subscriber) -> None:
        receive(ada, ONE + b"@misc{b, eprint={2106.01234}} @misc{c, title={Whales}}")
        assert read_at()
        upload = LibraryUpload.objects.get()
        assert (upload.state, upload.here, upload.looked_up, upload.unknown) == (UploadState.READ, 1, 1, 1)
        assert not LibraryPiece.objects.exists()
        assert library_of(ada) == ["2606.00000", "2106.01234"]
        assert WantedPaper.objects.get().identifier == "2106.01234"
        assert not read_at()

    def test_of_one_that_is_refused_too_and_the_library_in_use_stays(self, ada: Subscriber) -> None:
        receive(ada)
        read_at()
        receive(ada, b"zyzzyva's shopping list")
        assert lines_with(b"zyzzyva".hex()) or lines_with("zyzzyva")
        assert read_at()
        upload = LibraryUpload.objects.get()
        assert upload.state == UploadState.REFUSED
        assert not LibraryPiece.objects.exists()
        assert "No entry could be read" in upload.refusal
        assert lines_with(b"zyzzyva".hex()) + lines_with("zyzzyva") == []
        assert library_of(ada) == ["2606.00000"]

    def test_the_oldest_is_read_first(self, ada: Subscriber, make_subscriber: Callable[..., Subscriber]) -> None:
        receive(make_subscriber("bob@example.org"), OTHER, MORNING + timedelta(seconds=1))
        receive(ada)
        assert read_at()
        assert LibraryUpload.objects.get(subscriber=ada).state == UploadState.READ
        assert LibraryUpload.objects.open().count() == 1

    def test_a_newer_file_takes_the_place_of_one_that_waits(self, ada: Subscriber) -> None:
        receive(ada, ONE)
        receive(ada, OTHER)
        assert read_at()
        assert not read_at()
        assert library_of(ada) == ["2606.00001"]

    def test_and_of_one_that_is_being_read_whose_result_is_dropped(self, ada: Subscriber) -> None:
        receive(ada, ONE)
        assert read_next(clock_that_lets(lambda: receive(ada, OTHER)))
        assert library_of(ada) == []
        assert LibraryUpload.objects.get().state == UploadState.WAITING
        assert read_at()
        assert library_of(ada) == ["2606.00001"]

    def test_whoever_removes_the_library_meanwhile_has_none(self, ada: Subscriber) -> None:
        receive(ada)
        assert read_next(clock_that_lets(lambda: library_uploads.remove(ada)))
        assert library_of(ada) == []
        assert not LibraryUpload.objects.exists()

    def test_whoever_is_erased_meanwhile_is_erased(self, ada: Subscriber) -> None:
        receive(ada)
        assert read_next(clock_that_lets(lambda: lifecycle.erase(ada)))
        assert not Subscriber.objects.exists()
        assert not LibraryUpload.objects.exists()
        assert receive(ada) == Answer.TAKEN  # the form was open still; there is nobody to keep it for
        assert not LibraryUpload.objects.exists()


class TestLostWorkers:
    def test_what_somebody_reads_nobody_else_does(self, ada: Subscriber) -> None:
        receive(ada)
        upload = LibraryUpload.objects.get()
        assert claim(upload)
        assert not claim(upload)
        assert not read_at()

    def test_until_the_lease_is_over(self, ada: Subscriber) -> None:
        receive(ada)
        assert claim(LibraryUpload.objects.get())
        assert read_at(MORNING + timedelta(minutes=3))
        assert library_of(ada) == ["2606.00000"]

    def test_a_late_result_of_the_first_changes_nothing(self, ada: Subscriber) -> None:
        receive(ada)
        later = MORNING + timedelta(minutes=3)
        assert read_next(clock_that_lets(lambda: claim(LibraryUpload.objects.get(), later)))
        assert library_of(ada) == []
        assert LibraryUpload.objects.get().state == UploadState.READING

    def test_a_file_that_stops_its_workers_is_given_up(self, ada: Subscriber) -> None:
        receive(ada)
        for attempt in range(library_uploads.ATTEMPTS):
            assert claim(LibraryUpload.objects.get(), MORNING + timedelta(minutes=3 * attempt))
        assert read_at(MORNING + timedelta(hours=1))
        upload = LibraryUpload.objects.get()
        assert (upload.state, upload.refusal) == (UploadState.REFUSED, library_uploads.GIVEN_UP)
        assert library_of(ada) == []

    def test_the_minutes_tick_finds_what_no_message_told_of(self) -> None:
        ticks = {entry["task"] for entry in app.conf.beat_schedule.values()}
        assert "subscriptions.tasks.read_libraries" in ticks

    def test_no_worker_that_sends_mail_or_embeds_reads_files(self) -> None:
        queue = app.amqp.router.route({}, "subscriptions.tasks.read_libraries")["queue"].name
        assert [name for name, command in PROCFILE.items() if queue in command] == ["sources"]


class TestLimits:
    def test_so_many_a_day(self, ada: Subscriber, settings: Any) -> None:
        settings.LIBRARIES_PER_DAY = 2
        answers = [receive(ada), receive(ada), receive(ada), receive(ada, now=MORNING + timedelta(days=1))]
        assert answers == [Answer.TAKEN, Answer.TAKEN, Answer.ENOUGH_TODAY, Answer.TAKEN]

    def test_a_refused_one_leaves_the_one_before(self, ada: Subscriber, settings: Any) -> None:
        settings.LIBRARIES_PER_DAY = 1
        receive(ada, ONE)
        receive(ada, OTHER)
        read_at()
        assert library_of(ada) == ["2606.00000"]

    def test_the_database_holds_a_bounded_number_of_files(
        self, ada: Subscriber, make_subscriber: Callable[..., Subscriber], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(library_uploads, "MOST_OPEN", 2)
        others = [make_subscriber(f"reader{number}@example.org") for number in range(2)]
        assert [receive(one) for one in (*others, ada)] == [Answer.TAKEN, Answer.TAKEN, Answer.BUSY]
        assert receive(others[0]) == Answer.TAKEN  # in place of their own
        read_at()
        assert receive(ada) == Answer.TAKEN

    def test_what_nobody_reads_and_what_is_told_of_the_last_one_go_after_a_week(self, ada: Subscriber) -> None:
        receive(ada)
        retention.purge(MORNING + timedelta(days=6))
        assert LibraryUpload.objects.exists()
        retention.purge(MORNING + timedelta(days=8))
        assert not LibraryUpload.objects.exists()


def test_the_export_tells_of_it_without_the_file(ada: Subscriber) -> None:
    receive(ada, b"@misc{a, title={zyzzyva}}")
    with CaptureQueriesContext(connection) as queries:
        text = "".join(export.export(ada, MORNING))
    [upload] = json.loads(text)["library uploads"]
    assert (upload["state"], upload["size"]) == ("waiting", 25)
    assert "zyzzyva" not in text
    assert b"zyzzyva".hex() not in text
    assert not [query for query in queries if '"content"' in query["sql"]]


class TestPage:
    def post(self, client: Client, subscriber: Subscriber, content: bytes = ONE) -> str:
        fields = {"file": SimpleUploadedFile("my.bib", content)}
        return client.post(preferences(subscriber, "library"), fields, follow=True).content.decode()

    def state(self, client: Client, subscriber: Subscriber) -> Any:
        return client.get(preferences(subscriber, "library_state"), headers={"HX-Request": "true"})

    def test_the_request_stores_the_bytes_and_reads_nothing(self, client: Client, ada: Subscriber) -> None:
        page = self.post(client, ada, b"@" * 4_900_000)
        assert BEING_READ in page
        assert LibraryUpload.objects.get().size == 4_900_000
        pieces = [bytes(piece.content) for piece in LibraryPiece.objects.order_by("number")]
        assert b"".join(pieces) == b"@" * 4_900_000
        assert max(map(len, pieces)) == library_uploads.PIECE

    def test_it_asks_until_there_is_a_result_and_no_longer(self, client: Client, ada: Subscriber) -> None:
        page = self.post(client, ada)
        assert f'hx-get="{preferences(ada, "library_state")}"' in page
        assert self.state(client, ada).status_code == 204
        read_at()
        answer = self.state(client, ada).content.decode()
        assert "Your library is read. Papers found here: 1; being looked up at arXiv: 0; unknown to us: 0." in answer
        assert "hx-get" not in answer
        assert "1 paper of your library is part of your interests" in answer
        page = client.get(preferences(ada, "library")).content.decode()
        assert "Your library is read" in page
        assert "hx-get" not in page

    def test_every_entry_is_accounted_for_and_what_could_not_be_read_is_told_by_its_line(
        self, client: Client, ada: Subscriber
    ) -> None:
        receive(ada, ONE * 2 + b"\n@misc{b, title={Whales}}\n@misc{c}\n@misc{d, author={Ada\n" + OTHER)
        read_at()
        upload = LibraryUpload.objects.get()
        counts = upload.here, upload.looked_up, upload.unknown, upload.repeated, upload.unreadable
        assert (counts, upload.begun) == ((2, 0, 1, 1, 2), 6)
        page = self.state(client, ada).content.decode()
        assert "named by another entry, too: 1; could not be read: 2. Entries in the file: 6." in page
        assert "<li>Line 3: it has no fields</li><li>Line 4: it never ends</li>" in page

    def test_of_many_that_could_not_be_read_the_first_are_listed(self, client: Client, ada: Subscriber) -> None:
        receive(ada, ONE + b"\n@misc{b}" * 100)
        read_at()
        page = self.state(client, ada).content.decode()
        assert page.count("<li>Line ") == library_uploads.LISTED
        assert "<li>and 80 more</li>" in page

    def test_without_scripts_a_link_looks_again(self, client: Client, ada: Subscriber) -> None:
        assert f'<a href="{preferences(ada, "library_state")}">Look again</a>' in self.post(client, ada)
        assert client.get(preferences(ada, "library_state"))["Location"] == preferences(ada, "library")

    def test_looking_changes_nothing_and_fetches_no_bytes(self, client: Client, ada: Subscriber) -> None:
        receive(ada)
        with CaptureQueriesContext(connection) as queries:
            client.get(preferences(ada, "library"))
            self.state(client, ada)
        assert not [query for query in queries if '"content"' in query["sql"]]
        assert not [query for query in queries if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]

    def test_a_refusal_says_why_and_stands_beside_the_form(self, client: Client, ada: Subscriber) -> None:
        self.post(client, ada, b"%PDF-1.4 zyzzyva")
        read_at()
        page = client.get(preferences(ada, "library")).content.decode()
        assert "This is a PDF and not a bibliography. Please choose a file in BibTeX (.bib)" in page
        assert 'name="file"' in page

    def test_one_that_waits_can_be_taken_back(self, client: Client, ada: Subscriber) -> None:
        assert "Do not read it" in self.post(client, ada)
        page = client.post(preferences(ada, "library"), {"remove": "yes"}, follow=True).content.decode()
        assert BEING_READ not in page
        assert not LibraryUpload.objects.exists()

    def test_what_is_over_the_limits_is_told_at_once(self, client: Client, ada: Subscriber, settings: Any) -> None:
        settings.LIBRARIES_PER_DAY = 1
        self.post(client, ada)
        assert Answer.ENOUGH_TODAY.value in self.post(client, ada)
        key = rate_buckets.secret_key("library", str(ada.pk))
        assert RateBucket.objects.filter(key=key).exists()

    def test_a_strangers_link_shows_nothing(self, client: Client, ada: Subscriber) -> None:
        assert client.get(reverse("library_state", args=["x" * 22])).status_code == 404
        assert client.post(preferences(ada, "library_state")).status_code == 405


def test_a_library_of_five_thousand_titles_takes_as_many_questions_as_it_has_steps(
    ada: Subscriber, make_paper: Callable[..., Paper]
) -> None:
    entries = "".join(
        f"@misc{{k{n}, title={{A long title about whales, number {n}}}, doi={{10.1234/{n}}}}}\n" for n in range(5_000)
    )
    receive(ada, entries.encode())
    with CaptureQueriesContext(connection) as queries:
        assert read_at()
    assert LibraryUpload.objects.get().unknown == 5_000
    assert len([query for query in queries if "papers_" in query["sql"]]) == 4 * 10
    assert not wishes.remove_library(ada)
