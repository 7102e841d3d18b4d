"""A library from the form to the result, with the site's own processes: in a browser, and beside hostile files."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.db import connection
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import Browser, Page, expect

from papers.models import Paper
from subscriptions.models import InterestKind, LibraryUpload, Subscriber, UploadState
from subscriptions.people import library_uploads, tokens
from subscriptions.people.tokens import Purpose
from tests.services import eventually
from tests.stack import Stack

FILE = b"@misc{a, title={Paper 0}, eprint={2606.00000}}\n@misc{b, eprint={2106.01234}} @misc{c, title={?}}"
RESULT = "Your library is read. Papers found here: 1; being looked up at arXiv: 1; unknown to us: 1."
LARGE = 4_900_000
# Each takes seconds or a hundred megabytes, and with what this test allows none is read to its end.
HOSTILE = [
    b"@misc{a, title=" + b"{" * (LARGE // 2) + b"}" * (LARGE // 2) + b"}",
    b"@misc{a, title=" + b'"' * LARGE,
    b"@misc{a" + b"," * LARGE + b"}",
    b"@misc{a, title=" + b"{" * LARGE,
]


@pytest.fixture
def site(shared_stack: Stack) -> Stack:
    shared_stack.environment |= {"LIBRARY_SECONDS": "4", "LIBRARY_MEMORY_MB": "160"}
    return shared_stack


@pytest.fixture
def ada(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Subscriber:
    return make_subscriber()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with chromium.new_context(java_script_enabled=request.param, viewport={"width": 900, "height": 900}) as context:
        context.set_default_timeout(60_000)
        yield context.new_page()


def preferences(site: Stack, subscriber: Subscriber) -> str:
    return site.url + reverse("library", args=[tokens.make(Purpose.PREFERENCES, subscriber.handle)])


def in_pieces(content: bytes) -> list[bytes]:
    size = library_uploads.PIECE
    return [content[start : start + size] for start in range(0, len(content), size)]


def picture(page: Page, name: str) -> None:
    """For somebody who looks at them: kept where PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        page.locator("#library-state").scroll_into_view_if_needed()
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_a_reader_sees_that_it_is_read_and_what_came_of_it(
    site: Stack, ada: Subscriber, page: Page, request: pytest.FixtureRequest
) -> None:
    site.start("web")
    page.goto(preferences(site, ada))
    page.get_by_label("Upload a bibliography").set_input_files(
        {"name": "my.bib", "mimeType": "application/x-bibtex", "buffer": FILE}
    )
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("Your file is being read")).to_be_visible()
    picture(page, f"{request.node.callspec.id} being read")
    site.start("sources")
    if "without" in request.node.callspec.id:
        eventually(lambda: look_again(page), 60, lambda: site.log("sources"))
    expect(page.get_by_text(RESULT)).to_be_visible()
    expect(page.get_by_text("2 papers of your library are part of your interests")).to_be_visible()
    expect(page.get_by_text("Your file is being read")).to_have_count(0)
    picture(page, f"{request.node.callspec.id} read")


def look_again(page: Page) -> bool:
    """Press the link, unless it has gone because there is a result."""
    link = page.get_by_role("link", name="Look again")
    if link.count():
        link.click()
    return not link.count()


def test_no_file_stops_a_worker_or_keeps_the_next_reader_from_theirs(
    site: Stack, ada: Subscriber, make_subscriber: Callable[..., Subscriber]
) -> None:
    site.start("web", "sources")
    workers = eventually(lambda: site.children("sources"))
    for number, content in enumerate(HOSTILE):
        library_uploads.receive(make_subscriber(f"reader{number}@example.org"), in_pieces(content), now())
    library_uploads.receive(ada, [FILE], now())
    connection.close()
    held = [resident(worker) for worker in workers]
    site.manage("shell", "-v0", "-c", "from subscriptions.enqueue import enqueue; enqueue('read_libraries')")
    eventually(lambda: not LibraryUpload.objects.open().exists(), 120, lambda: site.log("sources"))
    found = dict(LibraryUpload.objects.values_list("subscriber__email", "state"))
    assert found.pop("ada@example.org") == UploadState.READ
    assert set(found.values()) == {UploadState.REFUSED}
    reasons = set(LibraryUpload.objects.exclude(refusal="").values_list("refusal", flat=True))
    assert reasons
    assert all("Please export it" in reason for reason in reasons)
    assert ada.interests.get(kind=InterestKind.LIBRARY).arxiv_ids == ["2606.00000", "2106.01234"]
    # The same processes, of the same size, and the page answers.
    assert site.children("sources") == workers
    assert max(resident(worker) - before for worker, before in zip(workers, held, strict=True)) < 40_000_000
    assert RESULT in urlopen(preferences(site, ada), timeout=120).read().decode()


def resident(process: int) -> int:
    """Bytes of memory that it holds."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
