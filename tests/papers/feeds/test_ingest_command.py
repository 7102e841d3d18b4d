import gzip
import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from papers.models import EditionEntry, FeedState, Paper, Signal, Topic
from tests.papers.sources import lists, rss
from tests.papers.sources.feed_server import Answer, FeedServer

pytestmark = pytest.mark.django_db
GOOD = {"arxiv_id": "2606.00001", "title": "On files", "abstract": "One line each.", "first_seen_on": "2026-06-29"}


def run(*arguments: str | Path) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("ingest", *(str(argument) for argument in arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def write(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


def test_a_recorded_month_is_replayed_and_a_second_time_changes_nothing(shared_data: Path) -> None:
    replay(sorted((shared_data / "feeds" / "hf_daily_api").glob("2026-0[56]*.json")))


def test_recorded_lists_are_replayed_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    days = {date(2026, 6, 29): range(1, 9), date(2026, 6, 30): range(5, 20)}
    files = [tmp_path / f"{day}.json" for day in days]
    for file, (day, numbers) in zip(files, days.items(), strict=True):
        file.write_bytes(lists.day(day, numbers))
    replay(files)
    assert Paper.objects.count() == 19


def replay(days: list[Path]) -> None:
    out, err = run("huggingface", "--file", *days)
    tables = [list(model.objects.order_by("pk").values()) for model in (Paper, Signal, EditionEntry)]
    assert out.startswith(f"huggingface: {len(tables[0])} papers created, 0 updated")
    assert err == ""
    out, _ = run("huggingface", "--file", *days)
    assert "0 papers created, 0 updated" in out
    assert "0 counts and 0 edition entries" in out
    assert [list(model.objects.order_by("pk").values()) for model in (Paper, Signal, EditionEntry)] == tables


def test_recorded_feeds_of_arxiv_are_read(tmp_path: Path) -> None:
    feeds = [tmp_path / f"{name}.xml" for name in ("cs.AI", "cs.CL", "cs.LG")]
    for number, path in enumerate(feeds):
        items = [rss.item(10 * number + one, category=path.stem) for one in range(3)]
        path.write_bytes(rss.feed(*items))
    out, _ = run("arxiv", "--file", feeds[0], "--file", feeds[1], feeds[2])
    assert out == "arxiv: 9 papers created, 0 updated, 0 unchanged; 0 counts and 9 edition entries written.\n"


def test_bad_lines_are_told_by_file_and_number_and_the_rest_is_stored(tmp_path: Path) -> None:
    first = write(tmp_path / "first.jsonl", GOOD, "nonsense", GOOD | {"title": ""})
    second = write(tmp_path / "second.jsonl", "", GOOD | {"arxiv_id": "2606.00002"}, "[]")
    out, err = run("jsonl", "--file", first, second)
    assert "2 papers created" in out
    assert err.splitlines() == [
        f"{first}, line 2: it is not JSON (Expecting value at character 1)",
        f"{first}, line 3: title is missing or empty",
        f"{second}, line 3: it is not a JSON object",
    ]


def test_papers_of_a_lab_are_read_from_a_file_again_and_again(tmp_path: Path) -> None:
    own = {"id": "lab:17", "title": "On cells that divide in the dark", "abstract": "They do.", "field": "q-bio"}
    path = write(tmp_path / "papers.jsonl", own | {"first_seen_on": "2026-06-29"}, {**own, "id": "17"})
    out, err = run("jsonl", "--file", path)
    assert out == "jsonl: 1 papers created, 0 updated, 0 unchanged; 0 counts and 1 edition entries written.\n"
    assert err == f"{path}, line 2: id is not written like lab:2026-17: '17'\n"
    assert "0 papers created, 0 updated, 1 unchanged" in run("jsonl", "--file", path)[0]
    assert Paper.objects.values_list("identifier", "field").get() == ("lab:17", "q-bio")


def test_many_bad_lines_are_counted_after_the_first_ones(tmp_path: Path) -> None:
    _, err = run("jsonl", "--file", write(tmp_path / "papers.jsonl", GOOD, *["x"] * 50))
    assert len(err.splitlines()) == 21
    assert err.splitlines()[-1] == "… and 30 more lines with something wrong"


def test_packed_lists_and_feeds_are_read_too(tmp_path: Path) -> None:
    item = {"paper": {"id": "2606.00003", "title": "On lists", "summary": "Short.", "upvotes": 2}}
    path = tmp_path / "2026-06-30.json.gz"
    path.write_bytes(gzip.compress(json.dumps([item]).encode()))
    run("huggingface", "--file", path)
    assert Paper.objects.get().listed_on.isoformat() == "2026-06-30"


def test_the_day_of_a_recorded_list_may_be_said(tmp_path: Path) -> None:
    item = {"paper": {"id": "2606.00003", "title": "On lists", "summary": "Short."}}
    run("huggingface", "--date", "2026-06-26", "--file", write(tmp_path / "list.json", [item]))
    assert Paper.objects.get().listed_on.isoformat() == "2026-06-26"


@pytest.mark.parametrize(
    ("source", "name", "content", "words"),
    [
        ("jsonl", "none.jsonl", None, "none.jsonl cannot be read .* Name a file that exists"),
        ("jsonl", "short.gz", gzip.compress(json.dumps(GOOD).encode() * 99)[:-9], "short.gz is damaged"),
        ("jsonl", "photo.jpg", b"\xff\xd8\xff\xe0", "photo.jpg: no line could be used"),
        ("huggingface", "list.json", b"[]", "does not say which day's list it is. Add --date"),
        ("huggingface", "2026-06-30.json", b"<html>", "2026-06-30.json: what was served is not JSON"),
        ("arxiv", "feed.xml", b"<rss><chan", "feed.xml: what was served is not XML"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_with_a_remedy_and_nothing_is_stored(
    tmp_path: Path, source: str, name: str, content: bytes | None, words: str
) -> None:
    good = {"jsonl": [tmp_path / "good.jsonl"]}.get(source, []) if content is None or b"\x8b" in content else []
    for path in good:
        write(path, GOOD)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=words) as refused:
        run(source, "--file", *good, tmp_path / name)
    assert "\n" not in str(refused.value)
    assert not Paper.objects.exists()
    assert not FeedState.objects.exists()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run("jsonl", "--file", tmp_path)


def test_options_that_do_not_fit_the_source_are_refused() -> None:
    with pytest.raises(CommandError, match="add --file FILE"):
        run("jsonl")
    with pytest.raises(CommandError, match="--date is for huggingface only"):
        run("arxiv", "--date", "2026-06-30")


def test_without_a_file_the_source_is_asked(sources: FeedServer) -> None:
    item = {"paper": {"id": "2606.00003", "title": "On lists", "summary": "Short.", "upvotes": 2}}
    sources.answers["/api/daily_papers?date=2026-06-26&p=0"] = Answer(json.dumps([item]).encode())
    out, _ = run("huggingface", "--date", "2026-06-26")
    assert out.startswith("huggingface: 1 papers created")


def test_a_source_that_fails_is_an_error_of_the_command(sources: FeedServer) -> None:
    sources.default = Answer(status=503)
    with pytest.raises(CommandError, match=r"arxiv: answered 503.* It is asked again"):
        run("arxiv")


def test_topics_are_loaded_by_a_command() -> None:
    out = StringIO()
    call_command("load_topics", stdout=out)
    assert out.getvalue() == f"{Topic.objects.count()} topics created.\n" == "44 topics created.\n"
