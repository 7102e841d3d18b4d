"""A bibliography before sign-up: read at once in a process of its own, kept nowhere, and brought back as a list."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import Settings

from papers.models import Paper, WantedPaper
from subscriptions.builder import strangers_library
from subscriptions.limits import rate_buckets
from subscriptions.models import LibraryPiece, LibraryUpload, SignUp

pytestmark = pytest.mark.django_db
BIBTEX = "@misc{a, eprint={2606.00000}}\n@misc{b, eprint={2106.01234}}\n@misc{c, title={Nobody knows this work at all}}"
FORMATS = {
    "my.bib": BIBTEX,
    "my.ris": "TY  - JOUR\nTI  - A\nUR  - https://arxiv.org/abs/2606.00000\nER  - \n",
    "my.enw": "%0 Journal Article\n%T A\n%U https://arxiv.org/abs/2606.00000\n",
    "my.json": '[{"id": "a", "type": "article", "title": "A", "URL": "https://arxiv.org/abs/2606.00000"}]',
}


def upload(client: Client, text: str = BIBTEX, name: str = "my.bib", **fields: Any) -> str:
    file = SimpleUploadedFile(name, text.encode())
    answer = client.post(reverse("subscribe_library"), {"file": file, "text": "the song of whales"} | fields)
    assert answer.status_code == 200
    return answer.content.decode()


def brought_back(page: str) -> list[str]:
    found = re.search(r'name="library" value="([^"]*)" checked', page)
    return found[1].split() if found else []


def test_its_papers_come_back_into_the_form_with_all_that_was_typed(client: Client, morning: list[Paper]) -> None:
    page = upload(client)
    assert brought_back(page) == ["2606.00000", "2106.01234"]
    assert "Papers found here: 1; to be looked up at arXiv once you have confirmed: 1; unknown to us: 1" in page
    assert "the song of whales" in page


def test_entries_that_cannot_be_read_are_told(client: Client, morning: list[Paper]) -> None:
    assert "; could not be read: 1. What you see here goes by the papers found" in upload(
        client, BIBTEX + "\n@misc{cut, title={Half an entry"
    )


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_read(client: Client, morning: list[Paper], name: str) -> None:
    assert brought_back(upload(client, FORMATS[name], name))[0] == "2606.00000"


def test_a_library_brings_papers_and_is_signed_up_with(client: Client, morning: list[Paper]) -> None:
    ids = " ".join(brought_back(upload(client)))
    page = client.post(reverse("subscribe"), {"library": ids, "show": "1"}).content.decode()
    assert "Paper 2" in page
    client.post(reverse("subscribe"), {"library": ids, "email": "ada@example.org"})
    assert SignUp.objects.get().wishes["library"] == ["2606.00000", "2106.01234"]


def test_nothing_of_it_is_stored_and_arxiv_is_asked_for_nothing(
    client: Client, morning: list[Paper], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    upload(client, BIBTEX + "\n" + "@misc{d, title={x}}\n" * 200_000)  # more than stays in memory while it comes
    assert not LibraryUpload.objects.exists()
    assert not LibraryPiece.objects.exists()
    assert not WantedPaper.objects.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_second_file_adds_to_the_first(client: Client, morning: list[Paper]) -> None:
    page = upload(client, "@misc{a, eprint={2606.00001}}", library="2606.00000")
    assert brought_back(page) == ["2606.00000", "2606.00001"]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (None, "choose a bibliography first"),
        (SimpleUploadedFile("my.bib", b""), "file is empty"),
        (SimpleUploadedFile("my.bib", b"x" * 5_000_001), "larger than 5 MB"),
        (SimpleUploadedFile("my.bib", b"a shopping list"), "No entry could be read in this file"),
        (SimpleUploadedFile("my.bib", b"\x89PNG"), "This is a picture"),
    ],
    ids=["none", "empty", "large", "wrong", "picture"],
)
def test_what_is_no_library_is_refused_in_words_and_nothing_typed_is_lost(
    client: Client, morning: list[Paper], file: SimpleUploadedFile | None, words: str
) -> None:
    fields = {"text": "the song of whales"} | ({"file": file} if file else {})
    page = client.post(reverse("subscribe_library"), fields).content.decode()
    assert words in page
    assert "the song of whales" in page


def test_a_network_has_some_a_day(client: Client, morning: list[Paper], settings: Settings) -> None:
    settings.LIBRARIES_PER_DAY = 1
    upload(client)
    assert "Several libraries came from your network today" in upload(client)
    assert brought_back(upload(client, REMOTE_ADDR="192.0.2.7")) == []
    client.defaults["REMOTE_ADDR"] = "192.0.2.7"
    assert brought_back(upload(client))


def test_one_is_read_at_a_time_and_the_next_is_asked_to_come_again(client: Client, morning: list[Paper]) -> None:
    assert rate_buckets.take_turn(strangers_library.TURN, every=strangers_library.LONGEST, ever=None, now=now())
    assert "choose the file again in some seconds" in upload(client)


def test_the_turn_is_free_again_after_a_file_that_could_not_be_read(client: Client, morning: list[Paper]) -> None:
    upload(client, "a shopping list")
    assert brought_back(upload(client))


def test_a_form_carries_so_many_papers_and_no_more(client: Client, morning: list[Paper]) -> None:
    entries = "\n".join(f"@misc{{a{number}, eprint={{1501.{number:05d}}}}}" for number in range(1, 2_101))
    assert len(brought_back(upload(client, entries))) == 2_000
