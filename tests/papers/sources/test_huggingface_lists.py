import contextlib
import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.records import PaperRecord
from papers.sources import SourceError, huggingface
from tests.papers.sources import lists
from tests.papers.sources.feed_server import Answer, FeedServer
from tests.papers.sources.lists import item

DAY = date(2026, 6, 30)
AT = datetime(2026, 6, 30, 10, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
    lambda children: st.lists(children) | st.dictionaries(st.text() | st.sampled_from(["paper", "id"]), children),
    max_leaves=10,
)


def parse(*items: object) -> list[PaperRecord]:
    return huggingface.parse(json.dumps(items).encode(), DAY, AT)


def counts(paper: PaperRecord) -> dict[str, int]:
    return {signal.kind: signal.value for signal in paper.signals}


def test_every_recorded_day_is_read_whole(shared_data: Path) -> None:
    files = sorted((shared_data / "feeds" / "hf_daily_api").glob("*.json"))
    assert len(files) == 37
    for file in files:
        day = date.fromisoformat(file.stem)
        served = json.loads(file.read_bytes())
        papers = huggingface.parse(file.read_bytes(), day, AT)
        assert [paper.identifier for paper in papers] == [one["paper"]["id"] for one in served]
        assert {paper.listed_on for paper in papers} == {day}
        assert [counts(paper)["upvotes"] for paper in papers] == [one["paper"]["upvotes"] for one in served]
        assert all(paper.title and paper.abstract and paper.authors and paper.published_on for paper in papers)


def test_all_that_is_served_today_of_a_paper_is_read() -> None:
    first, second = huggingface.parse(lists.day(DAY, range(1, 3)), DAY, AT)
    assert [first.identifier, second.identifier] == ["2606.00001", "2606.00002"]
    assert (first.listed_on, first.published_on) == (DAY, date(2026, 6, 28))
    assert counts(second) == {"upvotes": 2, "comments": 2, "stars": 12}
    assert (first.github_repo, first.machine_summary) == ("https://github.com/lab/lists", "It is about lists.")


def test_no_handle_or_picture_of_people_is_kept() -> None:
    kept = repr([asdict(paper) for paper in huggingface.parse(lists.day(DAY, range(1, 4)), DAY, AT)])
    assert "Ann Lee" in kept
    assert not [word for word in ("annlee", "a.svg", "f00d", "avatars") if word in kept]


def test_nothing_of_people_but_the_authors_names_is_kept_of_real_lists(shared_data: Path) -> None:
    files = sorted((shared_data / "feeds" / "hf_daily_api").glob("*.json"))
    assert len(files) == 37
    for file in files:
        kept = repr([asdict(paper) for paper in huggingface.parse(file.read_bytes(), DAY, AT)])
        assert not [word for word in ("reader-", "/avatars/", "cdn-avatars") if word in kept]


def test_counts_that_are_not_served_are_unknown_and_not_zero() -> None:
    (plain,) = parse(item())
    assert counts(plain) == {"upvotes": 3}
    (full,) = parse(item(top={"numComments": 0}, githubStars=12, upvotes=0))
    assert counts(full) == {"upvotes": 0, "comments": 0, "stars": 12}
    assert {signal.observed_at for signal in full.signals} == {AT}


def test_the_listing_day_is_what_the_source_says_and_else_the_day_asked_for() -> None:
    named, silent = parse(item(1, submittedOnDailyAt="2026-06-26T00:00:00.000Z"), item(2))
    assert (named.listed_on, silent.listed_on) == (date(2026, 6, 26), DAY)


def test_a_paper_that_was_withdrawn_is_said_to_be() -> None:
    gone, here = parse(item(1, withdrawnAt="2026-06-29T00:00:00.000Z"), item(2, withdrawnAt=None))
    assert (gone.withdrawn, here.withdrawn) == (True, None)


def test_hidden_authors_are_left_out_and_wrapped_lines_joined() -> None:
    (paper,) = parse(item(authors=[{"name": "Ann  Lee"}, {"name": "Bo Ek", "hidden": True}, {"hidden": False}]))
    assert paper.authors == ("Ann Lee",)
    assert (paper.title, paper.abstract) == ("On lists", "One line and more.")


def test_the_organization_is_read_from_either_place() -> None:
    inside, beside = parse(
        item(1, organization={"name": "lab", "fullname": "The Lab"}), item(2, {"organization": {"name": "Labs"}})
    )
    assert (inside.organization, beside.organization) == ("The Lab", "Labs")


def test_links_that_are_no_web_addresses_are_dropped() -> None:
    (bad,) = parse(item(githubRepo="javascript:alert(1)", projectPage="https://x.org/" + "y" * 600))
    (good,) = parse(item(githubRepo="https://github.com/a/b", projectPage="http://x.org/~a?b=c"))
    assert (bad.github_repo, bad.project_page) == ("", "")
    assert (good.github_repo, good.project_page) == ("https://github.com/a/b", "http://x.org/~a?b=c")


def test_a_damaged_item_is_left_out_and_the_others_stand(caplog: pytest.LogCaptureFixture) -> None:
    damaged = [item(id="nonsense"), item(title="", summary=""), {"paper": None}, 7]
    assert [paper.identifier for paper in parse(item(1), *damaged, item(2))] == ["2606.00001", "2606.00002"]
    assert "item 2 of the list of 2026-06-30 is left out: 'nonsense' is no arXiv identifier" in caplog.text


@pytest.mark.parametrize("odd", [-1, 3.5, "seven", "", True, [], {}, 2**40, float("nan")])
@pytest.mark.parametrize("kind", ["upvotes", "githubStars", "numComments"])
def test_a_bad_count_is_left_out_and_the_paper_and_its_other_counts_stand(
    kind: str, odd: object, caplog: pytest.LogCaptureFixture
) -> None:
    served = {"upvotes": 3, "githubStars": 12, "numComments": 0} | {kind: odd}
    (paper,) = parse(item(top={"numComments": served.pop("numComments")}, **served))
    names = {"upvotes": "upvotes", "githubStars": "stars", "numComments": "comments"}
    assert counts(paper).keys() == set(names.values()) - {names[kind]}
    assert f"2606.00001 comes without a value: {names[kind]} is not a count" in caplog.text


def test_a_count_that_is_plain_though_oddly_written_is_read_and_null_is_unknown() -> None:
    (paper,) = parse(item(top={"numComments": None}, upvotes="7", githubStars=3.0))
    assert counts(paper) == {"upvotes": 7, "stars": 3}


@pytest.mark.parametrize(
    "change",
    [
        {"publishedAt": "soon"},
        {"publishedAt": "2999-01-01T00:00:00Z"},
        {"submittedOnDailyAt": 5},
        {"submittedOnDailyAt": "2999-01-01T00:00:00Z"},
        {"authors": 3},
        {"authors": [{"name": 4}, {"name": "Ann Lee"}, {"name": "x" * 1_001}]},
        {"organization": {"fullname": 7}},
        {"ai_summary": ["It is", "about lists."]},
        {"ai_summary": "x" * 50_001},
        {"githubRepo": 8},
    ],
)
def test_any_other_bad_value_that_a_paper_can_do_without_costs_that_value(change: dict[str, object]) -> None:
    (paper,) = parse(item(**change))
    assert (paper.identifier, paper.listed_on, counts(paper)) == ("2606.00001", DAY, {"upvotes": 3})
    assert set(paper.authors) <= {"Ann Lee", "Bo Ek"}


def test_a_title_that_is_none_inside_is_read_beside() -> None:
    (paper,) = parse(item(top={"title": "On lists", "summary": "Beside."}, title=5, summary=None))
    assert (paper.title, paper.abstract) == ("On lists", "Beside.")


def test_a_day_without_papers_is_no_error() -> None:
    assert parse() == []


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>Down for maintenance</html>", b'{"error": "no"}', b'[{"id": 1}]', b"[" * 100_000, b"[1, 2", b"\xff"],
    ids=["empty", "html", "object", "other items", "nested", "truncated", "no text"],
)
def test_anything_but_a_list_of_papers_is_an_error_of_this_source(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"^huggingface: "):
        huggingface.parse(data, DAY, AT)


@given(st.lists(JSON | JSON.map(lambda value: item(id=value)) | JSON.map(lambda value: item(authors=value))))
def test_nothing_that_is_json_trips_the_parser_over(served: list[object]) -> None:
    with contextlib.suppress(SourceError):
        huggingface.parse(json.dumps(served).encode(), DAY, AT)


def page(server: FeedServer, number: int, items: list[dict[str, object]]) -> None:
    path = f"/api/daily_papers?date=2026-06-30&p={number}"
    server.answers[path] = Answer(json.dumps(items).encode())


@pytest.mark.django_db
def test_a_day_of_more_than_one_page_is_read_to_its_end(sources: FeedServer) -> None:
    page(sources, 0, [item(number) for number in range(1, 51)])
    page(sources, 1, [item(number) for number in range(50, 58)])
    assert len(huggingface.collect(DAY, AT)) == 57
    assert len(sources.requests) == 2


@pytest.mark.django_db
def test_a_source_that_ignores_the_page_is_not_asked_for_ever(sources: FeedServer) -> None:
    sources.default = Answer(json.dumps([item(number) for number in range(1, 51)]).encode())
    assert len(huggingface.collect(DAY, AT)) == 50
    assert len(sources.requests) == 2
