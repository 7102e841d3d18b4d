"""One bad record of a source loses none of its neighbours, on both databases."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from papers.ingest import saving
from papers.models import Paper
from papers.records import PaperRecord
from papers.sources import huggingface
from tests.services import ROOT, PostgresServer, migrated_database, process_environment
from tests.subscriptions.reports.poison import VALUES, spoilt, text_of

AT = datetime(2026, 6, 30, 12, tzinfo=UTC)


def line(number: int) -> dict[str, Any]:
    """A line with all that it may say."""
    return {
        "arxiv_id": f"2606.{number:05d}",
        "id": f"lab:{number}",
        "doi": f"10.1101/{number}",
        "title": f"Whale song {number}",
        "abstract": "What whales sing.",
        "authors": ["Ada Lovelace"],
        "categories": ["cs.LG"],
        "primary_category": "cs.LG",
        "field": "cs",
        "published_at": "2026-06-29",
        "first_seen_on": "2026-06-30",
        "listed_on": "2026-06-30",
        "captured_at": "2026-06-30T10:00:00Z",
        "upvotes": 3,
        "num_comments": 1,
        "github_stars": 2,
        "comment": "9 pages",
        "journal_ref": "J. Whales 1",
        "url": "https://example.org/1",
        "withdrawn": False,
        "github_repo": "https://github.com/a/b",
        "project_page": "https://example.org/2",
        "organization": "Whale Lab",
        "ai_summary": "They sing.",
        "observations": [{"captured_at": "2026-06-30T11:00:00Z", "upvotes": 4}],
    }


def check_lines(folder: Path) -> None:
    """Each spoilt line stands between two good ones; all good ones are stored."""
    odd = [*VALUES, "a" * 40, ["a" * 40], "9" * 400]
    bad = [one for number, value in enumerate(odd, 100) for one in spoilt(line(number), value)]
    lines = [one for number, each in enumerate(bad, 10_000) for one in (line(number), each)]
    (folder / "papers.jsonl").write_text("\n".join(map(text_of, [*lines, line(9)])))
    call_command("ingest", "jsonl", "--file", str(folder / "papers.jsonl"), verbosity=0)
    good = {f"2606.{number:05d}" for number in range(10_000, 10_000 + len(bad))} | {"2606.00009"}
    assert good <= set(Paper.objects.values_list("identifier", flat=True))


@pytest.mark.django_db
def test_a_spoilt_line_loses_no_other(tmp_path: Path) -> None:
    check_lines(tmp_path)


def test_nor_on_postgresql(postgres_server: PostgresServer, tmp_path: Path) -> None:
    url = migrated_database(postgres_server, "lines")
    environment = process_environment(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="config.settings")
    code = (
        "import sys, pathlib, django; django.setup(); from tests.papers.ingest import test_poisoned_records as t;"
        "t.check_lines(pathlib.Path(sys.argv[1])); t.check_record_that_no_column_takes()"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, env=environment, check=True)


def check_record_that_no_column_takes() -> None:
    records = [PaperRecord(f"2605.{number:05d}", f"Title {number}", "Abstract.") for number in range(7)]
    records[3] = PaperRecord("2605.00003", "Half a pair \ud800", "Abstract.")
    assert saving.save(records, AT).created == 6


@pytest.mark.django_db
def test_a_record_that_no_column_takes_is_left_out_alone() -> None:
    check_record_that_no_column_takes()


def test_a_spoilt_item_of_a_list_loses_no_other() -> None:
    def item(number: int) -> dict[str, Any]:
        paper = {"id": f"2606.{number:05d}", "title": "A", "summary": "B", "upvotes": 1, "authors": [{"name": "Ann"}]}
        return {"paper": paper, "numComments": 1}

    bad = [one for value in VALUES for one in spoilt(item(3), value)]
    served = text_of([item(1), *bad, item(2)]).encode()
    found = {one.identifier for one in huggingface.parse(served, date(2026, 6, 30), AT)}
    assert {"2606.00001", "2606.00002"} <= found


@pytest.mark.parametrize("digits", [400, 5000])
def test_a_number_that_is_no_count_is_told_with_its_line(
    digits: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], db: None
) -> None:
    bad = json.dumps(line(1)).replace('"upvotes": 3', f'"upvotes": {"9" * digits}')
    (tmp_path / "papers.jsonl").write_text(f"{bad}\n{json.dumps(line(2))}")
    call_command("ingest", "jsonl", "--file", str(tmp_path / "papers.jsonl"))
    assert "line 1: " in capsys.readouterr().err
    assert Paper.objects.filter(identifier="2606.00002").exists()
