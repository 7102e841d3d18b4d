"""A reader's own bibliography: read, matched with the papers that are here, and followed by the digests."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from papers.models import Paper, WantedPaper
from papers.text import title_key
from recommender.models import EmbeddingModel
from subscriptions import cards, interest_vectors, library, lifecycle, tokens
from subscriptions.library import LibraryError, match, read
from subscriptions.models import DigestItem, Interest, InterestKind, Subscriber
from subscriptions.tokens import Purpose
from tests.subscriptions.conftest import MORNING, axis
from tests.subscriptions.test_compose import compose_all, picks

BIBTEX = r"""
@string{acm = "ACM Press"}
@comment{Exported by hand}
@article{muller2021, title = {{G}raph {N}eural networks of the deep sea},
  author = {M{\"u}ller, J{\"o}rg and Lovelace, Ada},
  journal = {arXiv preprint arXiv:2106.01234}, year = 2021}
@inproceedings{b, title = "On sonar", doi = {https://doi.org/10.1145/ABC.12}, publisher = acm}
@misc{c, title={Whale song}, eprint={2606.00001v3}, archivePrefix={arXiv}}
"""
RIS = """TY  - JOUR
TI  - Whale song
AU  - Lovelace, Ada
UR  - https://arxiv.org/abs/2606.00001v1
ER  -

TY  - CONF
T1  - On sonar
DO  - 10.1145/abc.12
ER  -
"""


def arxiv_ids(data: str) -> list[str]:
    return [entry.arxiv_id for entry in read(data.encode())]


def test_bibtex_is_read_by_what_papers_are_recognised_by() -> None:
    muller, sonar, whales = read(BIBTEX.encode())
    assert (muller.arxiv_id, whales.arxiv_id) == ("2106.01234", "2606.00001")
    assert title_key(muller.title) == "graphneuralnetworksofthedeepsea"
    assert len(muller.authors) == 2
    assert (sonar.doi, sonar.arxiv_id) == ("10.1145/abc.12", "")


def test_ris_is_read_too() -> None:
    whales, sonar = read(RIS.encode())
    assert (whales.arxiv_id, whales.authors) == ("2606.00001", ("Lovelace, Ada",))
    assert (sonar.doi, sonar.title) == ("10.1145/abc.12", "On sonar")


def test_a_file_in_an_old_encoding_or_with_a_byte_order_mark_is_read() -> None:
    assert read("@misc{a, title={Über Wale}}".encode("latin-1"))[0].title == "Über Wale"
    assert read(RIS.encode("utf-8-sig"))[0].arxiv_id == "2606.00001"


def test_a_broken_entry_does_not_take_the_others_with_it() -> None:
    assert arxiv_ids("@article{a, title={never closed\n\n@misc{b, eprint={2606.00001}}\n@misc{c, eprint={2606.00002}}")[
        -1
    ]
    assert arxiv_ids("@misc{a, url={x}, url={https://arxiv.org/abs/2606.00001}}") != []


@pytest.mark.parametrize(
    ("data", "remedy"),
    [
        (b"", "No entry could be read"),
        (b"a shopping list", "No entry could be read"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "No entry could be read"),
        (b"@misc{a, title={x}}\n" * 5_001, "Please keep to 5000 entries; this file has 5001"),
        (b"@a{" * 1_600_000, "Please keep to 5000 entries"),
        (b"@article{k" + b",a=b" * 1_000_000 + b"}", "too many fields"),
        (b"TY  - JOUR\nER  - \n" * 5_001, "Please keep to 5000 entries"),
        (b"x" * 5_000_001, "larger than 5 MB"),
    ],
    ids=["empty", "prose", "a picture", "too many", "beginnings", "fields", "too many in RIS", "too large"],
)
def test_what_is_no_library_gets_one_clear_error(data: bytes, remedy: str) -> None:
    with pytest.raises(LibraryError, match=remedy):
        read(data)


def preferences(subscriber: Subscriber, page: str = "preferences") -> str:
    return reverse(page, args=[tokens.make(Purpose.PREFERENCES, subscriber.handle)])


def upload(client: Client, subscriber: Subscriber, data: str) -> str:
    file = SimpleUploadedFile("my.bib", data.encode())
    return client.post(preferences(subscriber, "library"), {"file": file}, follow=True).content.decode()


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
        assert found == library.Matched((), ("2106.01234", "2606.00001"), 1)

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
        assert "a paper you named: “Paper 0”" in cards.cards([DigestItem.objects.filter(role="pick")[0]])[0].why

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

    @pytest.mark.parametrize("data", ["a shopping list", ""])
    def test_a_wrong_file_is_refused_in_words_and_changes_nothing(
        self, client: Client, make_subscriber: Callable[..., Subscriber], data: str
    ) -> None:
        ada = make_subscriber()
        assert "message error" in upload(client, ada, data)
        assert (
            "Please choose a BibTeX or RIS file first"
            in client.post(preferences(ada, "library"), follow=True).content.decode()
        )
        assert not ada.interests.filter(kind=InterestKind.LIBRARY).exists()

    def test_opening_the_address_changes_nothing(
        self, client: Client, make_subscriber: Callable[..., Subscriber]
    ) -> None:
        assert client.get(preferences(make_subscriber(), "library")).status_code == 405

    def test_more_papers_than_one_question_to_the_database_takes_are_looked_up(
        self, client: Client, make_subscriber: Callable[..., Subscriber]
    ) -> None:
        ada = make_subscriber()
        entries = "".join(f"@misc{{k{n}, eprint={{2001.{n:05d}}}}}" for n in range(1, 1_201))
        assert "being looked up at arXiv: 1200" in upload(client, ada, entries)
        assert WantedPaper.objects.count() == 1_200
