"""What a reader kept: listed, taken into a bibliography and taken back."""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers.models import Paper
from recommender.models import EmbeddingModel
from subscriptions.bibliographies import files
from subscriptions.interests import feedback
from subscriptions.models import FeedbackKind, Subscriber
from tests.subscriptions.conftest import MORNING, axis, preferences

pytestmark = pytest.mark.django_db


def titles(page: str) -> list[str]:
    return re.findall(r"<h3><a href=\"[^\"]*\"><bdi>(.*?)</bdi>", page)


def shown(client: Client, reader: Subscriber, **asked: Any) -> str:
    return client.get(preferences(reader, "saved"), asked).content.decode()


def file(client: Client, reader: Subscriber, suffix: str) -> Any:
    return client.get(preferences(reader, "saved_file"), {"format": suffix})


def test_what_was_kept_stands_there_newest_first_and_nothing_else(
    client: Client, ada: Subscriber, keep: Callable[..., None], some_papers: list[Paper]
) -> None:
    keep(some_papers[0], some_papers[2])
    keep(some_papers[1], kind=FeedbackKind.MORE)
    assert titles(shown(client, ada)) == ["Paper 2", "Paper 0"]


def test_it_is_told_where_nothing_was_kept_how_to_keep(client: Client, ada: Subscriber) -> None:
    page = shown(client, ada)
    assert "Press “keep” at a paper of a digest" in page
    assert preferences(ada, "past_digests") in page


def test_a_withdrawn_paper_is_marked(
    client: Client, ada: Subscriber, keep: Callable[..., None], some_papers: list[Paper]
) -> None:
    keep(some_papers[0], some_papers[1])
    Paper.objects.filter(pk=some_papers[0].pk).update(withdrawn_on=date(2026, 7, 2))
    page = shown(client, ada)
    assert page.count("<strong>Withdrawn</strong>") == 1
    assert "we learnt of it on 2 July 2026" in page


def test_one_press_removes_a_paper_and_what_it_taught(
    client: Client, ada: Subscriber, model: EmbeddingModel, some_papers: list[Paper]
) -> None:
    feedback.rate(ada.digests.get(), {"2606.00000": "save", "2606.00001": "save"}, MORNING)
    client.get(preferences(ada, "saved"), {"paper": "2606.00000"})
    assert ada.feedback.count() == 2
    page = client.post(preferences(ada, "saved"), {"paper": "2606.00000"}, follow=True).content.decode()
    assert "Removed." in page
    assert titles(page) == ["Paper 1"]
    assert ada.taste.filter(liked=True).count() == 1


@pytest.mark.parametrize("odd", ["", "2606.99999", "x" * 5000, "2606.00001"])
def test_a_paper_that_was_not_kept_cannot_be_removed(
    client: Client, ada: Subscriber, keep: Callable[..., None], some_papers: list[Paper], odd: str
) -> None:
    keep(some_papers[0])
    assert "Removed." not in client.post(preferences(ada, "saved"), {"paper": odd}, follow=True).content.decode()
    assert ada.feedback.count() == 1


def test_many_stand_on_several_pages(
    client: Client, ada: Subscriber, keep: Callable[..., None], make_paper: Callable[..., Paper]
) -> None:
    keep(*[make_paper(number, axis(0)) for number in range(100, 125)])
    assert (len(titles(shown(client, ada))), len(titles(shown(client, ada, page=2)))) == (20, 5)
    assert titles(shown(client, ada, page=99)) == titles(shown(client, ada, page=2))


@pytest.mark.parametrize("suffix", ["bib", "ris", "json"])
def test_a_file_holds_all_of_them_as_our_own_reader_of_bibliographies_reads_it(
    client: Client, ada: Subscriber, keep: Callable[..., None], make_paper: Callable[..., Paper], suffix: str
) -> None:
    papers = [make_paper(number, axis(0), title=f"Whales {number}: the {number}th") for number in range(100, 125)]
    keep(*papers)
    answer = file(client, ada, suffix)
    assert re.fullmatch(rf'attachment; filename="paper-round-saved-[\d-]+\.{suffix}"', answer["Content-Disposition"])
    assert "no-store" in answer["Cache-Control"]
    read = files.read(answer.content)
    assert {entry.arxiv_id for entry in read.entries} == {paper.identifier for paper in papers}


def test_each_format_says_what_it_is(
    client: Client, ada: Subscriber, keep: Callable[..., None], some_papers: list[Paper]
) -> None:
    keep(*some_papers[:2])
    assert file(client, ada, "bib")["Content-Type"].startswith("application/x-bibtex")
    assert file(client, ada, "ris")["Content-Type"].startswith("application/x-research-info-systems")
    answer = file(client, ada, "json")
    assert answer["Content-Type"] == "application/vnd.citationstyles.csl+json"
    assert [item["title"] for item in json.loads(answer.content)] == ["Paper 1", "Paper 0"]


@pytest.mark.parametrize("odd", ["", "docx", "bib ", "../bib", "x" * 5000])
def test_a_format_that_there_is_not_gets_one_error_that_names_those_there_are(
    client: Client, ada: Subscriber, odd: str
) -> None:
    page = client.get(preferences(ada, "saved_file"), {"format": odd}, follow=True).content.decode()
    assert "Please choose one of these: BibTeX, RIS, CSL-JSON." in page


def test_a_file_of_many_takes_no_more_questions_than_one_of_few(
    client: Client, ada: Subscriber, keep: Callable[..., None], make_paper: Callable[..., Paper]
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            file(client, ada, "bib")
        return len(queries)

    keep(make_paper(100, axis(0)))
    before = asked()
    keep(*[make_paper(number, axis(0)) for number in range(101, 130)])
    assert asked() == before


def test_each_paper_is_named_to_zoteros_button(
    client: Client, ada: Subscriber, keep: Callable[..., None], some_papers: list[Paper], settings: Any
) -> None:
    keep(*some_papers[:2])
    page = shown(client, ada)
    assert f'<link rel="unapi-server" type="application/xml" title="unAPI" href="{settings.SITE_URL}/unapi">' in page
    named = re.findall(r'<abbr class="unapi-id" title="([^"]*)" hidden></abbr>', page)
    assert named == [some_papers[1].identifier, some_papers[0].identifier]
