"""How the matching is measured, and that it is better than the formulas of others."""

import gzip
import json
import sqlite3
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from papers.evaluation.rows import is_odd
from recommender.encoding import encoder
from recommender.evaluation import readers, reviewers, table, vectors_cache
from recommender.evaluation.cases import Case, Corpus, Text
from recommender.evaluation.matching import METHODS
from recommender.evaluation.peers import singular
from tests import tiny_model as tiny
from tests.packed_rows import write

SUBJECTS = ["robot grasping", "quantum error correction", "protein folding", "speech learning"]


def run(test: str, data: Path, *options: str) -> str:
    out = StringIO()
    call_command("evaluate", test, "--data", str(data), *options, stdout=out)
    return out.getvalue()


def paper(number: int, subject: str) -> dict[str, Any]:
    return {"title": f"On {subject}", "abstract": f"{subject} studied in part {number}. It is about {subject}."}


@pytest.fixture
def data(tmp_path: Path, tiny_model: str, settings: Settings) -> Path:
    """Forty papers on four subjects in five weeks; eight people, and eight researchers, true to one subject each."""
    settings.EMBEDDING_MODEL, settings.VAR_DIR = tiny_model, tmp_path / "var"
    papers = [paper(n, SUBJECTS[n % 4]) for n in range(40)]
    listed = [
        one
        | {
            "arxiv_id": f"2606.{n:05d}",
            "listed_on": f"2026-06-{1 + 7 * (n // 10):02d}",
            "authors": [f"Ada {n % 4} Roe"],
        }
        for n, one in enumerate(papers[:30])
    ]
    write(tmp_path, "papers/hf_daily.jsonl.gz", listed)
    people = [
        {
            "user_id": f"person{n}",
            "papers": [
                {"arxiv_id": f"2606.{at:05d}", "at": f"2026-06-{at + 1:02d}T08:00:00Z"} for at in range(n % 4, 30, 4)
            ],
        }
        for n in range(8)
    ]
    write(tmp_path, "eval/hf_readers.jsonl.gz", people)
    own = [one | {"paper_id": f"p{n}", "year": 2000 + n} for n, one in enumerate(papers)]
    write(tmp_path, "eval/reviewer_papers.jsonl.gz", own)
    researchers = [
        {
            "user_id": f"researcher{n}",
            "profile": [f"p{at}" for at in range(20) if at % 4 == n % 4],
            "rated": [{"paper_id": f"p{at}", "expertise": 5 if at % 4 == n % 4 else 1} for at in range(20, 40)],
        }
        for n in range(8)
    ]
    write(tmp_path, "eval/reviewers.jsonl.gz", researchers)
    return tmp_path


def test_who_is_true_to_a_subject_is_foretold(data: Path) -> None:
    found = json.loads(run("reviewers", data, "--json"))
    assert found["n"] == 8
    assert found["methods"]["ours"] == {"loss": 0.0, "loss_se": 0.0}
    assert found["methods"]["arxiv-sanity-lite"]["loss"] == 0


@pytest.mark.parametrize(("test", "measures"), [("readers", {"mrr", "ndcg10", "percentile"}), ("reviewers", {"loss"})])
def test_the_json_has_a_figure_and_its_error_for_each_method(data: Path, test: str, measures: set[str]) -> None:
    methods = json.loads(run(test, data, "--json", "--all"))["methods"]
    assert methods.keys() == METHODS.keys()
    assert all(figures.keys() == measures | {f"{one}_se" for one in measures} for figures in methods.values())


def test_names_that_papers_share_are_judged_apart_from_content(data: Path) -> None:
    found = json.loads(run("readers", data, "--json", "--all"))
    assert found["authors"].keys() == found["methods"]["ours"].keys()
    assert found["authors"]["mrr"] > 0.5
    assert "authors" not in json.loads(run("reviewers", data, "--json"))
    table = run("readers", data, "--all").splitlines()
    assert table[table.index("") + 1].startswith("shared author names only")


def test_where_no_paper_has_authors_names_foretell_nothing(data: Path) -> None:
    listed = [paper(n, SUBJECTS[0]) | {"arxiv_id": f"2606.{n:05d}", "listed_on": "2026-06-01"} for n in range(30)]
    write(data, "papers/hf_daily.jsonl.gz", listed)
    assert json.loads(run("readers", data, "--json", "--all"))["authors"]["percentile"] == 0.5


def test_one_half_of_the_people_is_reported_on_unless_all_are_asked_for(data: Path) -> None:
    half = sum(is_odd(f"person{n}") for n in range(8))
    assert 0 < half < 8
    assert json.loads(run("readers", data, "--json"))["n"] == half
    assert json.loads(run("readers", data, "--json", "--all"))["n"] == 8


def test_a_second_run_encodes_nothing_and_says_the_same(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = run("readers", data, "--json")
    assert "Encoding" in capsys.readouterr().err
    assert run("readers", data, "--json") == first
    assert "Encoding" not in capsys.readouterr().err


def test_the_table_is_for_people(data: Path) -> None:
    found = run("readers", data, "--all")
    assert "MRR" in found.splitlines()[0]
    assert "8 people; ± is one standard error." in found
    assert "nDCG@10 of ours is " in found
    assert "× that of arxiv-sanity-lite (95 %" in found


@pytest.mark.parametrize(
    ("test", "name"),
    [
        ("readers", "papers/hf_daily.jsonl.gz"),
        ("readers", "eval/hf_readers.jsonl.gz"),
        ("reviewers", "eval/reviewer_papers.jsonl.gz"),
        ("reviewers", "eval/reviewers.jsonl.gz"),
    ],
)
def test_a_missing_or_damaged_file_is_named_with_the_remedy(data: Path, test: str, name: str) -> None:
    path = data / name
    for damage, words in [(b"not packed", "damaged"), (gzip.compress(b'{"title": 1}\n'), "damaged after line 0")]:
        path.write_bytes(damage)
        with pytest.raises(CommandError, match=f"{path.name} is {words}.*Fetch it again"):
            run(test, data)
    path.unlink()
    with pytest.raises(CommandError, match=f"{path.name} is missing. Name a folder"):
        run(test, data)


def test_people_whose_papers_are_unknown_are_too_little_data(data: Path) -> None:
    nobody = {"user_id": "x", "papers": [{"arxiv_id": "1", "at": "2026-06-01T00:00:00Z"}], "profile": [], "rated": []}
    write(data, "eval/hf_readers.jsonl.gz", [nobody])
    write(data, "eval/reviewers.jsonl.gz", [nobody])
    with pytest.raises(CommandError, match="nobody with two listed papers"):
        run("readers", data, "--all")
    with pytest.raises(CommandError, match="nobody who rated papers"):
        run("reviewers", data)


def test_a_missing_model_is_told(data: Path, settings: Settings) -> None:
    settings.EMBEDDING_MODEL = "no-such-model"
    with pytest.raises(CommandError, match="cannot be loaded here"):
        run("reviewers", data)


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, tiny_model: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "deep" / "vectors.sqlite3"
    whole = vectors_cache.encode(["robot", "quantum", "robot"], tiny_model, path)
    with sqlite3.connect(path) as cache:
        cache.execute("DELETE FROM vectors WHERE text = (SELECT min(text) FROM vectors)")
    capsys.readouterr()
    again = vectors_cache.encode(["robot", "quantum", "robot"], tiny_model, path)
    assert "1/1" in capsys.readouterr().err
    assert np.allclose(whole, again, atol=1e-5)
    assert (again[0] == again[2]).all()


def test_a_file_that_is_no_cache_is_named_with_the_remedy(data: Path) -> None:
    path = data / "var" / "evaluation" / "vectors.sqlite3"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database " * 100)
    with pytest.raises(CommandError, match=r"vectors.sqlite3 cannot be used .* Remove it"):
        run("reviewers", data)


def test_another_model_has_vectors_of_its_own(tmp_path: Path, tiny_model: str, other_model: str) -> None:
    path = tmp_path / "vectors.sqlite3"
    assert vectors_cache.encode(["robot"], tiny_model, path).shape == (1, 32)
    assert vectors_cache.encode(["robot"], other_model, path).shape == (1, 16)


def test_a_model_that_was_changed_under_its_name_and_a_query_have_vectors_of_their_own(
    tmp_path: Path, exact: None
) -> None:
    path, plain = tmp_path / "vectors.sqlite3", tiny.build(tmp_path / "tiny")
    name = str(tiny.variant(plain, "asking", prompts={"query": "quantum: "}))
    before = vectors_cache.encode(["robot"], name, path)
    assert not np.allclose(vectors_cache.encode(["robot"], name, path, queries=True), before)
    tiny.variant(tiny.build(tmp_path / "tiny", seed=6), "asking", prompts={"query": "quantum: "})
    encoder.forget()
    assert not np.allclose(vectors_cache.encode(["robot"], name, path), before)


def test_a_place_is_shared_by_equal_scores() -> None:
    case = Case(np.array([0]), np.array([1, 2, 3]))
    assert readers.judge(case, np.array([1.0, 1.0, 0.0])) == {
        "mrr": (1 / 1.5, 1.0),
        "ndcg10": (pytest.approx(1 / np.log2(2.5)), 1.0),
        "percentile": (0.25, 1.0),
    }


def test_far_down_nothing_is_gained() -> None:
    case = Case(np.array([0]), np.arange(1, 13))
    assert readers.judge(case, np.arange(12.0))["ndcg10"][0] == 0


def test_pairs_in_wrong_order_are_weighted_by_the_difference() -> None:
    case = Case(np.array([0]), np.array([1, 2, 3]), np.array([5.0, 3.0, 1.0]))
    assert reviewers.judge(case, np.array([3.0, 2.0, 1.0]))["loss"] == (0, 8)
    assert reviewers.judge(case, np.array([1.0, 2.0, 3.0]))["loss"] == (8, 8)
    assert reviewers.judge(case, np.array([2.0, 2.0, 1.0]))["loss"] == (1, 8)


def test_ours_is_compared_on_the_same_people() -> None:
    cases = [Case(np.array([0]), np.array([1, 2]))] * 20
    good, bad = [np.array([1.0, 0.0])] * 20, [np.array([0.0, 1.0])] * 20
    found = table.result(cases, {"ours": good, "peer": bad}, readers.judge, ("peer", "mrr"))
    assert (found.paired.ratio, found.paired.low, found.paired.high) == (2, 2, 2)


def test_zotero_weighs_the_newest_most() -> None:
    vectors = np.eye(3, dtype=np.float32)[[0, 1, 0, 1]]
    score = METHODS["zotero-arxiv-daily"](Corpus([Text("", "")] * 4, vectors))
    newest, oldest = score(Case(np.array([0, 1]), np.array([3, 2])))
    assert newest / oldest == pytest.approx(1 + np.log10(2))


@pytest.mark.parametrize(
    ("word", "stem"), [("queries", "query"), ("models", "model"), ("loss", "loss"), ("corpus", "corpus"), ("as", "as")]
)
def test_plurals_are_the_same_word(word: str, stem: str) -> None:
    assert singular(word) == stem
