"""A reader's own bibliography: read, matched with the papers that are here, and followed by the digests."""

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import now

from papers.models import Paper, WantedPaper
from papers.text.plain import title_key
from recommender.models import EmbeddingModel
from subscriptions import lifecycle
from subscriptions.interests import interest_vectors
from subscriptions.mails import pick_cards
from subscriptions.models import DigestItem, Interest, InterestKind, LibraryUpload, Subscriber
from subscriptions.people import library, library_uploads
from subscriptions.people.library import match
from tests.subscriptions.bibliographies.test_bibliographies import BIBTEX, read
from tests.subscriptions.conftest import MORNING, axis, preferences
from tests.subscriptions.digests.test_compose import compose_all, picks


def upload(client: Client, subscriber: Subscriber, data: str) -> str:
    """The page after a worker has read the file."""
    file = SimpleUploadedFile("my.bib", data.encode())
    client.post(preferences(subscriber, "library"), {"file": file})
    library_uploads.read_next(now)
    return client.get(preferences(subscriber, "library")).content.decode()


@pytest.mark.django_db
class TestMatching:
    def found(self, data: str) -> library.Matched:
        return match(read(data.encode()))

    def test_by_identifier_else_by_doi_else_by_title_and_author(self, make_paper: Callable[..., Paper]) -> None:
        long = "A long enough title about whales and their song"
        for number, fields in enumerate([{}, {"doi": "10.1145/abc.12"}, {"title": long, "title_key": title_key(long)}]):
            make_paper(number, axis(number), authors=["Ada Lovelace"], **fields)
        entries = f"@misc{{x, title={{{long.upper()}}}, author={{Lovelace, A.}}}}"
        assert self.found("@misc{a, eprint={2606.00000}}").here == ("2606.00000",)
        assert self.found("@misc{a, doi={10.1145/ABC.12}}").here == ("2606.00001",)
        assert self.found(entries).here == ("2606.00002",)

    def test_a_title_alone_does_not_make_it_the_paper_of_somebody_else(self, make_paper: Callable[..., Paper]) -> None:
        long = "A long enough title about whales and their song"
        make_paper(0, axis(0), title=long, title_key=title_key(long), authors=["Ada Lovelace"])
        assert self.found(f"@misc{{x, title={{{long}}}, author={{Turing, Alan}}}}") == library.Matched((), (), 1)

    def test_what_is_not_here_is_looked_up_where_it_is_on_arxiv(self) -> None:
        found = self.found(BIBTEX)
        assert (found.here, found.wanted, found.unknown) == ((), ("2106.01234", "2606.00001"), 1)
        assert [entry.arxiv_id for entry in found.awaited] == ["2106.01234", "2606.00001"]

    def test_a_paper_named_twice_counts_once(self, make_paper: Callable[..., Paper]) -> None:
        make_paper(0, axis(0))
        assert self.found("@misc{a, eprint={2606.00000}} @misc{b, eprint={2606.00000v2}}").here == ("2606.00000",)


@pytest.mark.django_db
class TestUpload:
    def test_the_answer_says_what_became_of_the_entries(
        self, client: Client, make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
    ) -> None:
        ada = make_subscriber()
        page = upload(client, ada, BIBTEX)
        assert "Papers found here: 1; being looked up at arXiv: 1; unknown to us: 1" in page
        assert "2 papers of your library" in page
        assert WantedPaper.objects.get().identifier == "2106.01234"

    def test_a_library_chooses_papers_and_its_own_are_not_sent(
        self, client: Client, make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
    ) -> None:
        ada = make_subscriber(follows=())
        upload(client, ada, "@misc{a, eprint={2606.00000}}")
        model = EmbeddingModel.objects.get()
        assert interest_vectors.rebuild(interest_vectors.missing(model), model) == 1
        compose_all()
        assert "Paper 0" not in picks(ada)
        assert (
            "a paper in your library: “Paper 0”" in pick_cards.cards([DigestItem.objects.filter(role="pick")[0]])[0].why
        )

    def test_a_second_file_adds_to_the_first_and_other_preferences_leave_it_alone(
        self, client: Client, make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
    ) -> None:
        ada = make_subscriber()
        upload(client, ada, "@misc{a, eprint={2606.00000}}")
        upload(client, ada, "@misc{a, eprint={2606.00001}}")
        lifecycle.replace_interests(ada, lifecycle.Wishes(texts=("whale song",)), MORNING)
        assert Interest.objects.get(kind=InterestKind.LIBRARY).arxiv_ids == ["2606.00001", "2606.00000"]
        assert ">2606.00001" not in client.get(preferences(ada)).content.decode()

    def test_removing_it_is_one_press(
        self, client: Client, make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
    ) -> None:
        ada = make_subscriber()
        upload(client, ada, BIBTEX)
        page = client.post(preferences(ada, "library"), {"remove": "yes"}, follow=True).content.decode()
        assert "Your library is removed" in page
        assert not ada.interests.filter(kind=InterestKind.LIBRARY).exists()

    @pytest.mark.parametrize(
        "file", [None, SimpleUploadedFile("my.bib", b""), SimpleUploadedFile("b", b"x" * 5_000_001)]
    )
    def test_what_is_no_file_is_refused_at_once(
        self, client: Client, make_subscriber: Callable[..., Subscriber], file: SimpleUploadedFile | None
    ) -> None:
        ada = make_subscriber()
        fields = {"file": file} if file else {}
        page = client.post(preferences(ada, "library"), fields, follow=True).content.decode()
        assert "message error" in page
        assert re.search("choose a bibliography first|file is empty|larger than 5 MB", page)
        assert not LibraryUpload.objects.exists()

    def test_a_wrong_file_is_refused_in_words_and_changes_nothing(
        self, client: Client, make_subscriber: Callable[..., Subscriber]
    ) -> None:
        ada = make_subscriber()
        page = upload(client, ada, "a shopping list")
        assert "message error" in page
        assert "No entry could be read in this file. Please choose a file in BibTeX (.bib), RIS (.ris)" in page
        assert not ada.interests.filter(kind=InterestKind.LIBRARY).exists()

    def test_opening_the_address_changes_nothing(
        self, client: Client, make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
    ) -> None:
        ada = make_subscriber()
        upload(client, ada, BIBTEX)
        assert client.get(preferences(ada, "library"), {"remove": "yes"}).status_code == 200
        assert ada.interests.filter(kind=InterestKind.LIBRARY).exists()

    def test_more_papers_than_one_question_to_the_database_takes_are_looked_up(
        self, client: Client, make_subscriber: Callable[..., Subscriber]
    ) -> None:
        ada = make_subscriber()
        entries = "".join(f"@misc{{k{n}, eprint={{2001.{n:05d}}}}}" for n in range(1, 1_201))
        assert "being looked up at arXiv: 1200" in upload(client, ada, entries)
        assert WantedPaper.objects.count() == 1_200
