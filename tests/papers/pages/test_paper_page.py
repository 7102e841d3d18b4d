"""The page of a paper: its chart, its history, the ways on, and what it costs."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from papers.models import Edition, EditionEntry, EntryReason, Paper, PaperChange, Signal
from papers.pages.history import history

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
Make = Callable[..., Paper]


@pytest.fixture
def make() -> Make:
    def make(identifier: str = "2606.00001", **fields: Any) -> Paper:
        words = {"title": "On planning", "abstract": "We plan.", "authors": ["Ann Lee"], "announced_on": DAY}
        return Paper.objects.create(identifier=identifier, **(words | fields))

    return make


def page_of(client: Client, paper: Paper) -> str:
    response = client.get(paper.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def enter(paper: Paper, day: date, reason: EntryReason = EntryReason.ANNOUNCED, note: str = "") -> None:
    edition, _ = Edition.objects.get_or_create(date=day)
    EditionEntry.objects.create(edition=edition, paper=paper, reason=reason, note=note)


def test_counts_over_time_are_drawn_and_can_be_read_without_seeing(client: Client, make: Make) -> None:
    paper = make()
    for days, value in enumerate((4, 9, 61)):
        Signal.objects.create(paper=paper, kind="upvotes", value=value, observed_at=NOON + timedelta(days=days))
    page = page_of(client, paper)
    assert '<polyline points="0,93.4 500,85.2 1000,0"/>' in page
    assert 'aria-label="Upvotes: from 4 on 1 June 2026, 12:00 to 61 on 3 June 2026, 12:00"' in page
    assert re.search(r'<th scope="row">2 Jun 2026</th><td>9</td>', page)


def test_without_two_readings_there_is_no_chart(client: Client, make: Make) -> None:
    paper = make()
    Signal.objects.create(paper=paper, kind="upvotes", value=4, observed_at=NOON)
    assert "<svg" not in page_of(client, paper)


def test_the_history_is_all_that_happened_newest_first(make: Make) -> None:
    paper = make(published_on=DAY - timedelta(days=1), listed_on=DAY + timedelta(days=1), version=2)
    PaperChange.objects.create(paper=paper, kind="revised", detail="v2", noticed_at=NOON + timedelta(days=3))
    PaperChange.objects.create(paper=paper, kind="withdrawn", noticed_at=NOON + timedelta(days=4))
    enter(paper, DAY + timedelta(days=2), EntryReason.TOOK_OFF, "Read the proof.")
    assert [(event.day.day, event.words, event.detail or event.note) for event in history(paper)] == [
        (5, "Withdrawn", ""),
        (4, "Revised", "v2"),
        (3, "Gained attention, and came into our list of the day", "Read the proof."),
        (2, "First on a public list of papers that people discuss", ""),
        (1, "Announced", ""),
        (31, "First submitted", ""),
    ]


def test_the_edition_of_its_announcement_is_told_only_for_a_curators_word(make: Make) -> None:
    plain, noted = make(), make("2606.00002")
    enter(plain, DAY)
    enter(noted, DAY, note="See section 4.")
    assert [event.words for event in history(plain)] == ["Announced"]
    assert [event.note for event in history(noted) if event.words == "In our list of the day"] == ["See section 4."]


@pytest.mark.parametrize(
    ("kind", "detail", "link"),
    [
        ("revised", "v3", "https://arxiv.org/abs/2606.00001v3"),
        ("code added", "https://github.com/a/b", "https://github.com/a/b"),
        ("code added", "javascript:alert(1)", ""),
        ("journal DOI added", "10.1/a b", "https://doi.org/10.1/a%20b"),
        ("no longer withdrawn", "v3", ""),
    ],
)
def test_what_a_change_brought_is_linked(make: Make, kind: str, detail: str, link: str) -> None:
    paper = make(announced_on=None)
    PaperChange.objects.create(paper=paper, kind=kind, detail=detail, noticed_at=NOON)
    assert [(event.detail, event.link) for event in history(paper)] == [(detail, link)]


def test_sign_up_can_begin_with_the_paper_or_with_its_authors(client: Client, make: Make) -> None:
    authors = ["Ann Lee", "The X Collaboration", "Bo & Ek", "Cy Oz", "Di Poe", "Ed Roe"]
    page = page_of(client, make("math/0309136", authors=authors))
    assert 'href="/subscribe/?like=math%2F0309136"' in page
    followed = re.findall(r'href="/subscribe/\?author=([^"]*)"', page)
    assert followed == ["Ann%20Lee", "Bo%20%26%20Ek", "Cy%20Oz", "Ed%20Roe"]


def test_nobody_is_offered_more_like_what_was_withdrawn(client: Client, make: Make) -> None:
    assert "/subscribe/?like=" not in page_of(client, make(withdrawn_on=DAY))


def test_a_paper_without_abstract_or_authors_says_so(client: Client, make: Make) -> None:
    page = page_of(client, make(abstract="", authors=[]))
    assert "No source has told us its abstract yet." in page
    assert "Authors not known" in page
    assert 'name="description"' not in page


def test_thousands_of_authors_are_few_kilobytes(client: Client, make: Make) -> None:
    page = page_of(client, make(authors=[f"Author{number} of a Long Name" for number in range(3_000)]))
    assert "and 2985 more" in page
    assert "the other 2900 are named where the paper is" in page
    assert len(page) < 60_000


def test_formulas_bring_their_scripts_and_other_texts_none(client: Client, make: Make) -> None:
    assert "katex" not in page_of(client, make())
    page = page_of(client, make("2606.00002", title="The $L_p$ norm", plain_title="The Lₚ norm"))
    assert '<span class="formula" data-tex="L_p">Lₚ</span>' in page
    assert page.count('"/static/katex/') == 2


def test_the_number_of_queries_does_not_grow_with_what_is_known(
    client: Client, make: Make, django_assert_num_queries: Any
) -> None:
    bare, full = make(), make("2606.00002", authors=["Ann Lee"] * 500)
    for step in range(40):
        Signal.objects.create(paper=full, kind="stars", value=step, observed_at=NOON + timedelta(hours=step))
        PaperChange.objects.create(paper=full, kind="revised", detail=f"v{step + 2}", noticed_at=NOON)
        enter(full, DAY + timedelta(days=step))
    page_of(client, bare)  # what is read once for the whole process
    for paper in (bare, full):
        with django_assert_num_queries(9):
            page_of(client, paper)


@pytest.mark.parametrize(
    ("path", "ways"),
    [
        ("2501.99999", ["https://arxiv.org/abs/2501.99999", "/subscribe/?like=2501.99999"]),
        ("doi:10.1101/2026.01.01", ["https://doi.org/10.1101/2026.01.01"]),
        ("attention is all you need", ["/search/?q=attention%20is%20all%20you%20need"]),
    ],
)
def test_an_unknown_paper_has_ways_on_by_what_was_asked(client: Client, path: str, ways: list[str]) -> None:
    response = client.get(f"/papers/{path}/")
    assert response.status_code == 404
    for way in ways:
        assert f'href="{way}"' in response.content.decode()


def test_a_merged_paper_names_the_one_that_stays(client: Client, make: Make) -> None:
    gone, kept = make(), make("2606.00002", title="On planning, again")
    enter(gone, DAY)
    enter(kept, DAY)
    assert "Same work" not in page_of(client, gone)
    EditionEntry.objects.filter(paper=gone).update(hidden=True, merged_into=kept)
    assert f'<a href="{kept.get_absolute_url()}"><bdi>On planning, again</bdi></a>' in page_of(client, gone)
    assert "Same work" not in page_of(client, kept)
