"""Measuring the search on a small folder of recorded data."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings

from recommender.evaluation import search
from tests.packed_rows import write

SUBJECTS = ["robot", "protein", "speech", "language", "folding", "grasping", "learning", "zebra"]


@pytest.fixture
def folder(tmp_path: Path, tiny_model: str, settings: Settings) -> Path:
    settings.EMBEDDING_MODEL, settings.VAR_DIR = tiny_model, tmp_path / "var"
    papers = [{"doc_id": f"d{n}", "title": one.title(), "abstract": f"On {one}."} for n, one in enumerate(SUBJECTS)]
    write(tmp_path, search.CORPUS, papers)
    write(tmp_path, search.QUERIES, [{"query_id": f"q{n}", "text": one} for n, one in enumerate(SUBJECTS)])
    write(tmp_path, search.JUDGED, [{"query_id": f"q{n}", "doc_id": f"d{n}"} for n in range(len(SUBJECTS) - 1)])
    return tmp_path


@pytest.fixture(autouse=True)
def a_scratch_database(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The measurement makes one of its own."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of the scratch database as the models have them: what migrations add to that, no measurement reads."""
    monkeypatch.setitem(connection.settings_dict["TEST"], "MIGRATE", False)


def evaluated(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    call_command("evaluate", "search", "--data", str(folder), *options)
    return capsys.readouterr().out


@pytest.mark.usefixtures("made_at_once")
def test_every_method_is_judged_on_the_queries_that_have_a_paper_to_find(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = json.loads(evaluated(folder, capsys, "--json"))
    assert result["n"] == 7
    assert set(result["methods"]) == {"ours", "site", "bm25", "dense", "rrf"}
    assert result["methods"]["bm25"]["ndcg10"] == 1
    assert result["index"] == "memory"


def test_the_operators_database_is_as_it_was(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    evaluated(folder, capsys)
    assert (connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]) == before
    assert not list(folder.rglob("paper_round_scratch*"))


@pytest.mark.usefixtures("made_at_once")
def test_the_site_finds_what_the_formula_finds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    methods = json.loads(evaluated(folder, capsys, "--json", "--all"))["methods"]
    assert methods["site"]["ndcg10"] == pytest.approx(methods["ours"]["ndcg10"])


@pytest.mark.usefixtures("made_at_once")
def test_a_second_run_gives_the_same_figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluated(folder, capsys) == evaluated(folder, capsys)


@pytest.mark.usefixtures("made_at_once")
def test_on_every_row_the_share_is_the_shipped_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluated(folder, capsys, "--all").count("Used: 0.3 words + 0.7 meaning.") == 1
    assert evaluated(folder, capsys).count("Used: ") == 2


def test_a_folder_without_the_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="scifact_corpus"):
        call_command("evaluate", "search", "--data", str(tmp_path))


def test_a_query_is_judged_by_the_places_of_its_papers() -> None:
    wanted = np.array([False, True, False])
    query = search.Query("q", np.zeros(3), np.zeros(3), np.zeros(3), wanted)
    assert query.ndcg(np.array([0.0, 1.0, 0.5])) == 1
    assert query.ndcg(np.array([1.0, 0.5, 0.0])) == pytest.approx(1 / np.log2(3))
