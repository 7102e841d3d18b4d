"""What happened to a paper since we first had it, and who is told."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from papers.ingest.saving import Report, save
from papers.models import Paper, PaperChange
from papers.records import Announced, PaperRecord

Make = Callable[..., PaperRecord]
pytestmark = pytest.mark.django_db
CODE = "https://github.com/a/b"


def noticed() -> list[tuple[str, str]]:
    return list(PaperChange.objects.order_by("pk").values_list("kind", "detail"))


@pytest.mark.parametrize(
    ("news", "change"),
    [
        ({"version": 3}, ("revised", "v3")),
        ({"withdrawn": True}, ("withdrawn", "")),
        ({"github_repo": CODE}, ("code added", CODE)),
        ({"doi": "10.1103/PhysRevD.1"}, ("journal DOI added", "10.1103/physrevd.1")),
    ],
)
def test_what_happens_to_a_known_paper_is_noted_once(
    announced: Make, now: datetime, news: dict[str, object], change: tuple[str, str]
) -> None:
    save([announced()], now)
    later = now + timedelta(days=3)
    assert save([announced(**news)], later) == Report(updated=1)
    save([announced(**news)], later + timedelta(days=1))
    assert noticed() == [change]
    assert PaperChange.objects.get().noticed_at == later


def test_everything_that_a_paper_comes_with_is_no_change(announced: Make, listed: Make, now: datetime) -> None:
    save([announced(version=2, withdrawn=True, doi="10.1103/1")], now)
    assert noticed() == []
    assert Paper.objects.get().withdrawn_on == date(2026, 6, 30)


def test_what_one_run_brings_together_is_no_change(
    announced: Make, listed: Make, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("papers.ingest.saving.CHUNK", 1)
    save([announced(), listed(github_repo=CODE), announced(version=2)], now)
    assert noticed() == []


def test_a_version_that_is_learnt_for_the_first_time_is_no_revision(
    announced: Make, listed: Make, now: datetime
) -> None:
    save([listed()], now)
    save([announced(version=2)], now)
    assert noticed() == []


def test_another_link_or_an_older_version_is_no_change(announced: Make, now: datetime) -> None:
    save([announced(version=4, github_repo=CODE)], now)
    save([announced(version=3, github_repo="https://github.com/c/d")], now)
    assert noticed() == []


@pytest.mark.parametrize(
    ("news", "changes"),
    [
        ({"title": "On knots"}, [("title changed", "before: On 2606.00001")]),
        ({"title": "On $2606.00001$"}, []),
        ({"authors": ("Ann Lee", "Bo Ek")}, [("authors changed", "with Bo Ek")]),
        ({"authors": ("Bo Ek",)}, [("authors changed", "with Bo Ek; without Ann Lee")]),
        ({"authors": ("A. Lee",)}, []),
        ({"authors": ()}, []),
    ],
)
def test_a_new_version_may_have_another_title_and_other_authors(
    announced: Make, now: datetime, news: dict[str, object], changes: list[tuple[str, str]]
) -> None:
    save([announced()], now)
    save([announced(version=2, **news)], now)
    assert noticed() == [("revised", "v2"), *changes]


NEW = "We also show that each knot of this kind has two ends."


def test_a_new_version_with_another_abstract_tells_the_first_new_sentence(announced: Make, now: datetime) -> None:
    said = "Knots are hard to undo. We undo some of them by a short list of moves."
    save([announced(abstract=said)], now)
    save([announced(version=2, abstract=said.replace(" ", "\n  ").replace("some", "$some$"))], now)
    assert noticed() == [("revised", "v2")]
    save([announced(version=3, abstract=f"{said} {NEW} And {NEW}")], now)
    assert noticed()[1:] == [("revised", "v3"), ("abstract changed", f"new: “{NEW}”")]


def test_a_long_sentence_is_cut_where_it_is_stored(announced: Make, now: datetime) -> None:
    save([announced(abstract="Knots are hard to undo, as is well known by now.")], now)
    save([announced(version=2, abstract=f"{NEW[:-1]}, {'and so on ' * 60}and so forth.")], now)
    detail = noticed()[1][1]
    assert detail.startswith("new: “We also show")
    assert detail.endswith("so…”")
    assert len(detail) <= 300


@pytest.mark.parametrize(
    "news",
    [{"version": 1}, {"version": 2, "withdrawn": True}],
    ids=["within one version", "of a paper that was withdrawn"],
)
def test_no_new_sentence_is_told(announced: Make, now: datetime, news: dict[str, object]) -> None:
    save([announced(abstract="Knots are hard to undo, as is well known by now.")], now)
    save([announced(abstract=NEW, **news)], now)
    assert "abstract changed" not in dict(noticed())


def test_within_one_version_a_source_only_spells_it_otherwise(announced: Make, now: datetime) -> None:
    save([announced()], now)
    save([announced(title="On knots", authors=("Bo Ek",))], now)
    assert noticed() == []


def test_a_group_that_stays_has_neither_come_nor_gone(announced: Make, now: datetime) -> None:
    save([announced(authors=("The X Collaboration", "Ann Lee"))], now)
    save([announced(version=2, authors=("The X Collaboration", "Ann Lee", "The Y Collaboration"))], now)
    assert noticed() == [("revised", "v2"), ("authors changed", "with The Y Collaboration")]


def test_what_another_version_has_otherwise_is_told_with_what_was_before(announced: Make, now: datetime) -> None:
    save([announced()], now)
    save([announced(version=2, title="On knots " * 60, authors=("Bo Ek",))], now)
    assert noticed() == [
        ("revised", "v2"),
        ("title changed", "before: On 2606.00001"),
        ("authors changed", "with Bo Ek; without Ann Lee"),
    ]
    save([announced(version=3, title="On links", authors=("Bo Ek",))], now)
    assert [len(detail) <= 300 for _, detail in noticed()] == [True] * 5


def test_every_revision_is_a_change_of_its_own_and_a_replacement_is_nothing_new(announced: Make, now: datetime) -> None:
    save([announced()], now)
    for version in (2, 3):
        day = date(2026, 7, version)
        record = announced(version=version, announced_as=Announced.REPLACE, announced_on=day)
        assert save([record], now + timedelta(days=version)).entries == 0
    assert noticed() == [("revised", "v2"), ("revised", "v3")]
    assert Paper.objects.get().announced_on == date(2026, 6, 29)


def test_the_day_of_a_withdrawal_is_an_eastern_one_and_stays(announced: Make, now: datetime) -> None:
    night = datetime(2026, 7, 2, 2, tzinfo=UTC)
    save([announced()], now)
    for moment in (night, night + timedelta(days=9)):
        save([announced(withdrawn=True)], moment)
    save([announced()], night + timedelta(days=10))
    assert Paper.objects.get().withdrawn_on == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("news", "is_back"),
    [
        ({"version": 3, "withdrawn": False}, True),
        ({"version": 2, "withdrawn": False}, True),
        ({"version": None, "is_current": True, "withdrawn": False}, True),
        ({"version": 1, "withdrawn": False}, False),
        ({"version": 3}, False),
        ({"version": 3, "withdrawn": True}, False),
        ({"version": None, "announced_on": None, "withdrawn": False}, False),
    ],
)
def test_a_paper_is_back_when_arxiv_says_so_of_a_version_that_is_no_older(
    announced: Make, now: datetime, news: dict[str, object], is_back: bool
) -> None:
    save([announced(version=2, withdrawn=True, comment="Withdrawn by the author")], now)
    save([announced(**news)], now + timedelta(days=1))
    paper = Paper.objects.get()
    assert (paper.withdrawn_on is None) == is_back
    assert paper.comment == ("" if is_back else "Withdrawn by the author")
    assert [paper.pk for paper in Paper.objects.candidates(date(2026, 6, 30), 7)] == [paper.pk] * is_back


def test_what_is_said_of_an_older_version_withdraws_nothing(announced: Make, now: datetime) -> None:
    save([announced(version=3)], now)
    save([announced(version=2, withdrawn=True)], now + timedelta(days=1))
    assert Paper.objects.get().withdrawn_on is None


def test_each_withdrawal_and_each_return_is_a_change_of_its_own(announced: Make, now: datetime) -> None:
    save([announced()], now)
    for version, is_withdrawn in ((2, True), (3, False), (4, True), (5, False)):
        save([announced(version=version, withdrawn=is_withdrawn)], now + timedelta(days=version))
    kinds = [(kind, detail) for kind, detail in noticed() if kind != "revised"]
    assert kinds == [
        ("withdrawn", "v2"),
        ("no longer withdrawn", "v3"),
        ("withdrawn", "v4"),
        ("no longer withdrawn", "v5"),
    ]


def test_a_paper_that_is_not_on_arxiv_comes_back_by_its_own_file(listed: Make, now: datetime) -> None:
    own = {"title": "On it", "abstract": "What it says."}
    save([PaperRecord("lab:2026-1", **own, withdrawn=True)], now)
    save([PaperRecord("lab:2026-1", **own)], now)
    assert Paper.objects.get().withdrawn_on
    save([PaperRecord("lab:2026-1", **own, withdrawn=False)], now)
    assert Paper.objects.get().withdrawn_on is None


def test_a_withdrawn_paper_leaves_the_lists_and_the_candidates_but_keeps_its_page(
    announced: Make, now: datetime, client: Client
) -> None:
    save([announced(), announced("2606.00002")], now)
    save([announced(withdrawn=True)], now + timedelta(hours=1))
    assert [paper.identifier for paper in Paper.objects.candidates(date(2026, 6, 30), 7)] == ["2606.00002"]
    front = client.get("/").content.decode()
    assert "On 2606.00002" in front
    assert "On 2606.00001" not in front
    assert "This paper was withdrawn" in client.get("/papers/2606.00001/").content.decode()


def test_a_paper_shows_its_history_newest_first(announced: Make, now: datetime, client: Client) -> None:
    save([announced()], now)
    save([announced(version=2)], now + timedelta(days=1))
    save([announced(doi="10.1103/1", journal_ref="Journal 3 & 4")], now + timedelta(days=2))
    page = re.sub("</?bdi>", "", client.get("/papers/2606.00001/").content.decode())
    lines = [
        'Journal DOI added: <a href="https://doi.org/10.1103/1">10.1103/1</a>',
        "1 July 2026",
        'Revised: <a href="https://arxiv.org/abs/2606.00001v2">v2</a>',
        "29 June 2026",
        "Announced",
    ]
    places = [page.index(line, page.index("Versions and dates")) for line in lines]
    assert places == sorted(places)
    assert "Journal 3 &amp; 4" in page


def test_changes_are_looked_at_in_the_admin_and_never_edited(
    announced: Make, now: datetime, admin_client: Client
) -> None:
    save([announced()], now)
    save([announced(version=2)], now)
    change = PaperChange.objects.get()
    assert "v2" in admin_client.get("/admin/papers/paperchange/").content.decode()
    assert 'name="_save"' not in admin_client.get(f"/admin/papers/paperchange/{change.pk}/change/").content.decode()
    assert admin_client.get("/admin/papers/paperchange/add/").status_code == 403
