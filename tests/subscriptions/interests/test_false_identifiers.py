"""Identifiers of other papers in a library: programs that read PDFs write one on many entries."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from papers.feeds import arxiv_lookups
from papers.models import Paper, WantedPaper
from papers.text.plain import title_key
from recommender.models import EmbeddingModel
from subscriptions import tasks
from subscriptions.interests import interest_vectors
from subscriptions.models import AwaitedEntry, Interest, InterestKind, LibraryUpload, Subscriber
from subscriptions.operations import retention
from subscriptions.people import awaited_entries, library, wishes
from subscriptions.people.library import match
from tests.papers.sources.atom import arxiv
from tests.papers.sources.feed_server import FeedServer
from tests.subscriptions.bibliographies.test_bibliographies import read
from tests.subscriptions.conftest import MORNING, axis, preferences
from tests.subscriptions.interests.test_library import upload

pytestmark = pytest.mark.django_db
ICE, PRIMES = "Whale song under the drifting ice of spring", "On sums of squares of primes in short intervals"
FALSE, RIGHT = "2606.00090", "2606.00091"
MakePaper = Callable[..., Paper]
MakeSubscriber = Callable[..., Subscriber]


def stored(make_paper: MakePaper, number: int, title: str, author: str = "Ann Lee", **fields: str) -> Paper:
    return make_paper(number, axis(number), title=title, title_key=title_key(title), authors=[author], **fields)


def entry(identifier: str, title: str, author: str = "Lee, Ann", more: str = "") -> str:
    return f"@misc{{{title_key(title)}, eprint={{{identifier}}}, title={{{title}}}, author={{{author}}}{more}}}\n"


def matched(*entries: str) -> library.Matched:
    return match(read("".join(entries).encode()))


def named(subscriber: Subscriber) -> list[str]:
    return Interest.objects.get(subscriber=subscriber, kind=InterestKind.LIBRARY).arxiv_ids


class TestOfStoredPapers:
    def test_title_and_author_find_the_paper_that_the_identifier_hides(self, make_paper: MakePaper) -> None:
        stored(make_paper, 0, PRIMES, "Cy Oz"), stored(make_paper, 1, ICE)
        found = matched(entry("2606.00000", ICE))
        assert (found.here, found.wanted, found.unknown, found.mismatched) == (("2606.00001",), (), 0, 1)

    def test_so_does_the_doi(self, make_paper: MakePaper) -> None:
        stored(make_paper, 0, PRIMES, "Cy Oz"), stored(make_paper, 1, "Other words", doi="10.1145/abc.12")
        assert matched(entry("2606.00000", ICE, more=", doi={10.1145/ABC.12}")).here == ("2606.00001",)

    def test_what_is_not_found_otherwise_is_unknown_and_not_the_paper_of_somebody_else(
        self, make_paper: MakePaper
    ) -> None:
        stored(make_paper, 0, PRIMES, "Cy Oz")
        found = matched(entry("2606.00000", ICE))
        assert (found.here, found.wanted, found.unknown, found.mismatched) == ((), (), 1, 1)

    @pytest.mark.parametrize(
        ("title", "author"),
        [
            ("Songs of whales below drifting sea ice", "Lee, A."),
            ("Acoustic behaviour of bowheads", "Lee, A."),
            ("Songs of whales below drifting sea ice", ""),
            ("Acoustic behaviour of bowheads", "{The NX-9 Collaboration}"),
            ("", "Roe, D."),
        ],
    )
    def test_a_right_identifier_is_not_lost_to_other_words(
        self, make_paper: MakePaper, title: str, author: str
    ) -> None:
        stored(make_paper, 0, ICE)
        found = matched(entry("2606.00000", title, author))
        assert (found.here, found.mismatched) == (("2606.00000",), 0)

    def test_an_identifier_on_several_papers_is_believed_only_where_the_title_says_so(
        self, make_paper: MakePaper
    ) -> None:
        stored(make_paper, 0, ICE)
        found = matched(entry("2606.00000", ICE, ""), entry("2606.00000", PRIMES, ""), entry("2606.00000", "Hips", ""))
        assert (found.here, found.unknown, found.mismatched) == (("2606.00000",), 2, 2)


class TestOfPapersThatCome:
    def read(self, client: Client, reader: Subscriber, *entries: str) -> str:
        return upload(client, reader, "".join(entries))

    def test_what_arxiv_answers_is_compared_before_it_becomes_an_interest(
        self, client: Client, make_subscriber: MakeSubscriber, make_paper: MakePaper
    ) -> None:
        ada = make_subscriber()
        page = self.read(client, ada, entry(FALSE, PRIMES, "Oz, Cy"), entry(RIGHT, ICE))
        assert "being looked up at arXiv: 2" in page
        make_paper(90, axis(0), title="Hip prostheses after ten years", authors=["Dee Roe"])
        make_paper(91, axis(1), title="The song of whales below ice", authors=["Ann Lee"])
        assert awaited_entries.settle() == 2
        assert named(ada) == [RIGHT]
        assert LibraryUpload.objects.get().mismatched == 1
        assert not AwaitedEntry.objects.exists()
        assert "1 entry names an arXiv id of another paper" in client.get(preferences(ada, "library")).content.decode()

    def test_arxivs_own_answer_is_judged_by_the_task_that_makes_vectors(
        self, client: Client, make_subscriber: MakeSubscriber, settings: Any
    ) -> None:
        ada = make_subscriber()
        self.read(client, ada, entry(FALSE, PRIMES, "Oz, Cy"), entry(RIGHT, f"On the paper {RIGHT}"))
        with FeedServer() as server:
            settings.ARXIV_API_URL = f"{server.url}/api/query"
            server.respond = arxiv()
            assert arxiv_lookups.look_up(MORNING).created == 2
        tasks.embed_interests()
        assert named(ada) == [RIGHT]

    def test_the_paper_of_the_title_takes_its_place(
        self, client: Client, make_subscriber: MakeSubscriber, make_paper: MakePaper
    ) -> None:
        ada = make_subscriber()
        self.read(client, ada, entry(FALSE, ICE))
        make_paper(90, axis(0), title="Hip prostheses", authors=["Dee Roe"])
        stored(make_paper, 1, ICE)
        awaited_entries.settle()
        assert named(ada) == ["2606.00001"]

    def test_a_library_of_which_nothing_remains_is_none(
        self, client: Client, make_subscriber: MakeSubscriber, make_paper: MakePaper
    ) -> None:
        self.read(client, make_subscriber(), entry(FALSE, ICE))
        make_paper(90, axis(0), title="Hip prostheses", authors=["Dee Roe"])
        awaited_entries.settle()
        assert not Interest.objects.filter(kind=InterestKind.LIBRARY).exists()

    def test_one_identifier_on_many_titles_stays_only_for_the_one_that_it_is_of(
        self, client: Client, make_subscriber: MakeSubscriber, make_paper: MakePaper
    ) -> None:
        ada = make_subscriber()
        self.read(client, ada, entry(FALSE, ICE, ""), entry(FALSE, PRIMES, ""), entry(FALSE, "Hips", ""))
        make_paper(90, axis(0), title=ICE, authors=["Ann Lee"])
        awaited_entries.settle()
        assert named(ada) == [FALSE]
        assert LibraryUpload.objects.get().mismatched == 2

    def test_vectors_that_were_built_on_a_denied_paper_are_built_anew(
        self, client: Client, make_subscriber: MakeSubscriber, make_paper: MakePaper, model: EmbeddingModel
    ) -> None:
        ada = make_subscriber()
        self.read(client, ada, entry(FALSE, PRIMES, "Oz, Cy"), "@misc{b, eprint={2606.00001}}")
        make_paper(90, axis(0), title="Hip prostheses", authors=["Dee Roe"])
        stored(make_paper, 1, ICE)
        assert interest_vectors.rebuild_missing(model.name) == 1
        awaited_entries.settle()
        assert interest_vectors.rebuild_missing(model.name) == 1
        [vector] = Interest.objects.get(kind=InterestKind.LIBRARY).vectors.all()
        assert vector.papers == ["2606.00001"]

    def test_a_second_file_keeps_what_waits_and_removing_the_library_forgets_it(
        self, client: Client, make_subscriber: MakeSubscriber
    ) -> None:
        ada = make_subscriber()
        self.read(client, ada, entry(FALSE, ICE))
        self.read(client, ada, entry(RIGHT, PRIMES))
        assert {row.arxiv_id for row in ada.awaited_entries.all()} == {FALSE, RIGHT}
        assert WantedPaper.objects.count() == 2
        wishes.remove_library(ada)
        assert not AwaitedEntry.objects.exists()

    def test_what_has_waited_for_longer_than_arxiv_is_asked_is_forgotten(
        self, client: Client, make_subscriber: MakeSubscriber
    ) -> None:
        self.read(client, make_subscriber(), entry(FALSE, ICE))
        AwaitedEntry.objects.update(noted_at=MORNING)
        retention.purge(MORNING + awaited_entries.KEPT)
        assert AwaitedEntry.objects.exists()
        retention.purge(MORNING + 2 * awaited_entries.KEPT)
        assert not AwaitedEntry.objects.exists()


def test_a_short_doi_is_said_to_be_one_that_cannot_be_resolved(client: Client, make_subscriber: MakeSubscriber) -> None:
    page = upload(client, make_subscriber(), "@misc{a, doi={10/abcd}, title={Whales}}\n@misc{b, title={Hips}}")
    assert "unknown to us: 2" in page
    assert "1 of the unknown has a short DOI such as 10/abcd, which cannot be resolved without asking" in page
