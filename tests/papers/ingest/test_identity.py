"""One paper is one row, whatever the sources call it."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers.ingest import saving
from papers.ingest.identity import may_share_an_author, surnames
from papers.ingest.saving import Report, save
from papers.models import Alias, EditionEntry, Paper
from papers.records import PaperRecord
from tests.papers.ingest.races import save_at_once

Make = Callable[..., PaperRecord]
pytestmark = pytest.mark.django_db

TITLE = "A theorem on the sums of squares of primes"
OTHER_SPELLING = "A Theorem on the Sums of Squares of {P}rimes."


@pytest.fixture
def preprint() -> Make:
    """A paper of a server that is not arXiv."""

    def make(identifier: str = "openreview:aB3x", **changes: object) -> PaperRecord:
        values = {"title": TITLE, "abstract": "As submitted there.", "authors": ("Lee, Ann", "Bo Ek"), "field": "math"}
        return PaperRecord(identifier=identifier, **(values | changes))

    return make


@pytest.fixture
def theorem(announced: Make) -> Make:
    """The same paper as arXiv announces it."""
    return lambda *names, **changes: announced(*names, **({"title": OTHER_SPELLING} | changes))


def names() -> tuple[set[str], set[str]]:
    """The identifiers of all papers, and their aliases."""
    papers, aliases = (model.objects.values_list("identifier", flat=True) for model in (Paper, Alias))
    return set(papers), set(aliases)


def test_a_paper_that_is_not_on_arxiv_is_stored_under_its_own_name_and_field(preprint: Make, now: datetime) -> None:
    assert save([preprint(announced_on=date(2026, 6, 29))], now) == Report(created=1, entries=1)
    paper = Paper.objects.get()
    assert (paper.identifier, paper.arxiv_id, paper.field, paper.primary_category) == (
        "openreview:aB3x",
        "",
        "math",
        "",
    )


def test_the_categories_of_arxiv_say_the_field_against_everybody(preprint: Make, theorem: Make, now: datetime) -> None:
    save([theorem()], now)
    save([preprint()], now)
    assert Paper.objects.get().field == "cs"


def test_a_paper_that_comes_to_arxiv_later_takes_its_identifier_and_words(
    preprint: Make, theorem: Make, now: datetime
) -> None:
    save([preprint(comment="Under review")], now)
    key = Paper.objects.get().pk
    assert save([theorem()], now) == Report(updated=1, entries=1)
    paper = Paper.objects.get()
    assert (paper.pk, paper.identifier, paper.title) == (key, "2606.00001", OTHER_SPELLING)
    assert (paper.abstract, paper.comment, paper.field) == ("What 2606.00001 says.", "Under review", "cs")
    assert names() == ({"2606.00001"}, {"openreview:aB3x"})


def test_what_others_say_of_a_paper_of_arxiv_only_fills_what_is_empty(
    preprint: Make, theorem: Make, now: datetime
) -> None:
    save([theorem(github_repo="https://github.com/a/b")], now)
    save([preprint(github_repo="https://github.com/c/d", journal_ref="Journal of Sums 3")], now)
    paper = Paper.objects.get()
    assert (paper.identifier, paper.title, paper.authors) == ("2606.00001", OTHER_SPELLING, ["Ann Lee"])
    assert (paper.github_repo, paper.journal_ref) == ("https://github.com/a/b", "Journal of Sums 3")
    assert names() == ({"2606.00001"}, {"openreview:aB3x"})


@pytest.mark.parametrize("order", [1, -1])
def test_one_chunk_with_both_makes_one_paper_in_either_order(
    preprint: Make, theorem: Make, now: datetime, order: int
) -> None:
    assert save([theorem(), preprint()][::order], now).created == 1
    assert Paper.objects.get().title == OTHER_SPELLING
    assert names() == ({"2606.00001"}, {"openreview:aB3x"})


@pytest.mark.parametrize("order", [1, -1])
def test_both_again_change_nothing(preprint: Make, theorem: Make, now: datetime, order: int) -> None:
    records = [theorem(), preprint()][::order]
    for record in records:
        save([record], now)
    assert save(records, now) + save(records[::-1], now) == Report(unchanged=2)


def test_a_renamed_paper_goes_on_under_its_new_name_for_whoever_uses_the_old_one(
    preprint: Make, theorem: Make, now: datetime
) -> None:
    save([preprint()], now)
    save([theorem()], now)
    assert save([preprint(title="A title that was changed in between")], now) == Report(unchanged=1)
    assert Paper.objects.count() == 1


def test_a_paper_is_recognised_by_its_doi_whatever_its_title(preprint: Make, theorem: Make, now: datetime) -> None:
    save([preprint("lab:7", title="Draft", doi="10.1101/ABC")], now)
    save([preprint("doi:10.1101/abc", title="Sums of squares")], now)
    save([theorem(doi="10.1101/abc")], now)
    assert names() == ({"2606.00001"}, {"lab:7", "doi:10.1101/abc"})


def test_a_doi_as_identifier_is_a_doi_too(preprint: Make, theorem: Make, now: datetime) -> None:
    save([preprint("doi:10.1101/abc", title="Draft")], now)
    save([theorem(doi="10.1101/ABC")], now)
    assert names() == ({"2606.00001"}, {"doi:10.1101/abc"})


def test_a_source_may_say_itself_what_else_a_paper_is_called(preprint: Make, theorem: Make, now: datetime) -> None:
    save([preprint("lab:7", title="Draft")], now)
    save([theorem(aliases=("lab:7",))], now)
    assert names() == ({"2606.00001"}, {"lab:7"})


def test_papers_of_two_servers_are_one_paper_too(preprint: Make, now: datetime) -> None:
    save([preprint(), preprint("doi:10.1101/abc", doi="10.1101/abc", authors=())], now)
    assert names() == ({"openreview:aB3x"}, {"doi:10.1101/abc"})


@pytest.mark.parametrize("changes", [{}, {"doi": "10.1101/abc"}])
def test_two_papers_of_arxiv_are_two_whatever_they_share(
    preprint: Make, theorem: Make, now: datetime, changes: dict[str, str]
) -> None:
    save([theorem("2606.00001", **changes)], now)
    save([theorem("2606.00002", **changes), preprint(**changes), theorem("2606.00003", **changes)], now)
    assert names() == ({"2606.00001", "2606.00002", "2606.00003"}, {"openreview:aB3x"})


@pytest.mark.parametrize(
    "changes",
    [{"authors": ("Cy Oz",)}, {"title": "A theorem on the sums of squares"}, {"title": "Editorial"}],
)
def test_a_paper_of_others_or_with_another_or_a_short_title_is_another_paper(
    preprint: Make, theorem: Make, now: datetime, changes: dict[str, object]
) -> None:
    save([theorem(title=changes.get("title") if changes.get("title") == "Editorial" else TITLE)], now)
    save([preprint(**changes)], now)
    assert Paper.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("Ann Lee", {"lee"}),
        ("Lee, Ann", {"lee"}),
        ("Bo van der Ek Jr.", {"ek"}),
        ("van der Ek, Bo", {"ek"}),
        ("José Müller", {"muller", "mueller"}),
        ("Hans Ørsted", {"orsted", "oersted"}),
        (r"Petr Ho{\v r}ava", {"horava"}),
        ("Ek B", {"ek"}),
        ("van der Ek BH", {"ek"}),
        ("Ek B.-H.", {"ek"}),
        ("ANN LEE", {"lee"}),
        ("Wei LI", {"wei", "li"}),
        ("Jane Roe (MIT (Lab), Boston)", {"roe"}),
        ("The X Collaboration", set()),
        ("{OpenAI}", set()),
        ("Jr.", set()),
        ("", set()),
    ],
)
def test_a_surname_is_the_last_word_before_a_comma(name: str, surname: set[str]) -> None:
    assert surnames([name]) == surname


def test_an_author_is_shared_unless_both_lists_say_otherwise() -> None:
    assert may_share_an_author([], ["Ann Lee"])
    assert may_share_an_author(["A. Lee", "Bo Ek"], ["Lee, Ann"])
    assert not may_share_an_author(["Bo Ek"], ["Ann Lee"])
    assert may_share_an_author(["The X Collaboration"], ["Ann Lee"])


def test_recognising_many_takes_as_many_queries_as_recognising_few(
    preprint: Make, theorem: Make, now: datetime
) -> None:
    def queries(first: int, papers: int) -> int:
        numbers = range(first, first + papers)
        others = [preprint(f"lab:{one}", title=f"{TITLE} {one}", doi=f"10.1101/{one}") for one in numbers]
        save(others[::2], now)
        again = [theorem(f"2606.{one:05}", title=f"{TITLE} {one}") for one in numbers]
        with CaptureQueriesContext(connection) as captured:
            save([*again, *others], now)
        assert Paper.objects.filter(identifier__startswith="lab:").count() == 0
        return len(captured)

    queries(1, 2)  # the first of a day stores the order of each list, too
    assert queries(10, 4) == queries(100, 60)


def test_papers_known_by_identifier_are_not_looked_for_in_any_other_way(theorem: Make, now: datetime) -> None:
    save([theorem()], now)
    with CaptureQueriesContext(connection) as captured:
        save([theorem()], now)
    statements = " ".join(query["sql"] for query in captured)
    assert "papers_alias" not in statements
    assert '"title_key" IN' not in statements


def test_an_edition_a_page_and_a_card_follow_the_new_name(
    preprint: Make, theorem: Make, now: datetime, client: Client
) -> None:
    save([preprint(announced_on=date(2026, 6, 24), url="https://example.org/aB3x")], now)
    page = client.get("/papers/openreview:aB3x/").content.decode()
    assert 'href="https://example.org/aB3x">Read the paper</a>' in page
    assert "Read on arXiv" not in page
    assert 'aria-label="paper openreview:aB3x"' in client.get("/").content.decode()
    save([theorem()], now)
    assert EditionEntry.objects.get().edition.date == date(2026, 6, 24)
    moved = client.get("/papers/openreview:aB3x/")
    assert (moved.status_code, moved.url) == (301, "/papers/2606.00001/")
    assert "Read on arXiv" in client.get(moved.url).content.decode()


def test_a_paper_without_any_address_has_no_link_to_read_it(preprint: Make, now: datetime, client: Client) -> None:
    save([preprint("lab:2026/17")], now)
    page = client.get("/papers/lab:2026/17/").content.decode()
    assert "Read the paper" not in page
    assert 'href=""' not in page


@pytest.mark.django_db(transaction=True)
def test_two_at_once_that_call_it_differently_store_it_once(
    preprint: Make, theorem: Make, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "CHUNK", 5)
    numbers = range(1, 40)
    arxivs = [theorem(f"2606.{one:05}", title=f"{TITLE} {one}") for one in numbers]
    others = [preprint(f"lab:{one}", title=f"{TITLE} {one}") for one in reversed(numbers)]
    assert not save_at_once((arxivs, others) * 2, now)
    assert names() == ({one.identifier for one in arxivs}, {one.identifier for one in others})
