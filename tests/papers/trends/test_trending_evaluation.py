"""How the formula is measured, and that it is good enough."""

import gzip
import json
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata
from sklearn.metrics import ndcg_score, roc_auc_score

from papers.evaluation import metrics
from papers.evaluation.rows import DataUnusable
from papers.evaluation.trending import evaluate
from tests.packed_rows import write

values = st.lists(st.integers(0, 6), min_size=2, max_size=30)


def run(data: Path, *options: str) -> str:
    out = StringIO()
    call_command("evaluate", "trending", "--data", str(data), *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Twenty papers whose stars grow at even paces, and ten days on each of which the second paper is picked."""
    at = [f"2026-06-{day}T08:00:00Z" for day in (20, 21, 22)]
    watched = [
        {
            "arxiv_id": f"2606.{n:05d}",
            "listed_on": "2026-06-20",
            "observations": [{"at": one, "github_stars": 100 - n + n * day} for day, one in enumerate(at)],
        }
        for n in range(20)
    ]
    listed = [
        {
            "arxiv_id": f"2605.{10 * day + n:05d}",
            "listed_on": f"2026-05-{10 + day}",
            "published_at": f"2026-05-{9 + day:02d}T00:00:00Z",
            "observations": [
                {"captured_at": f"2026-05-{10 + day}T09:00:00Z", "upvotes": n, "num_comments": 1, "github_stars": None}
            ],
        }
        for day in range(10)
        for n in range(3)
    ]
    write(tmp_path, "eval/star_history.jsonl.gz", watched)
    write(tmp_path, "papers/hf_daily.jsonl.gz", listed)
    write(tmp_path, "eval/papers_of_the_week.jsonl.gz", [{"arxiv_id": f"2605.{10 * d + 1:05d}"} for d in range(10)])
    return tmp_path


def test_even_paces_are_foretold_and_levels_are_not(data: Path) -> None:
    found = evaluate(data, all_rows=True)
    assert (found.n, found.n_picks) == (20, 10)
    assert found.methods["ours"]["spearman"] == pytest.approx(1)
    assert found.methods["latest_count"]["spearman"] == 0
    assert found.methods["ours"]["auc"] == found.methods["early_upvotes"]["auc"] == 0.5
    assert found.methods["early_upvotes"]["auc_se"] == 0


@pytest.mark.parametrize("options", [[], ["--all"]])
def test_the_json_has_a_figure_and_its_error_for_each_method(data: Path, options: list[str]) -> None:
    found = json.loads(run(data, "--json", *options))
    assert (found["n"], found["n_picks"]) == (20, 10)
    assert found["methods"]["ours"].keys() == {"spearman", "spearman_se", "ndcg10", "ndcg10_se", "auc", "auc_se"}
    baselines = {"latest_count", "last_gain", "gain_per_hour", "hacker_news", "early_upvotes"}
    assert found["methods"].keys() == {"ours", *baselines}


def test_the_table_is_for_people(data: Path) -> None:
    assert "20 papers with star counts, 10 picks; ± is one standard error." in run(data)
    assert "Used: K = 24 hours, level × 0.05, comments × 0.25." in run(data, "--all")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.unlink(), "star_history.jsonl.gz is missing. Name a folder that holds"),
        (lambda path: path.write_bytes(b"not packed"), "is damaged after line 0 .* Fetch it again"),
        (lambda path: path.write_bytes(path.read_bytes()[:-20]), "is damaged after line"),
        (lambda path: path.write_bytes(gzip.compress(b'{"arxiv_id": 1}\n')), "is damaged after line 0 .KeyError"),
        (lambda path: path.write_bytes(gzip.compress(b"[]\n")), "is damaged after line 0"),
        (lambda path: path.write_bytes(gzip.compress(b"")), "is empty"),
    ],
)
def test_a_missing_or_damaged_file_is_named_with_the_remedy(data: Path, damage: Any, words: str) -> None:
    damage(data / "eval" / "star_history.jsonl.gz")
    with pytest.raises(CommandError, match=words):
        run(data)


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is missing"):
        run(tmp_path / "nowhere", "--json")


def test_too_little_data_is_told(data: Path) -> None:
    shutil.copy(data / "eval" / "star_history.jsonl.gz", data / "eval" / "papers_of_the_week.jsonl.gz")
    with pytest.raises(DataUnusable, match="too few papers"):
        evaluate(data, all_rows=True)


def test_on_real_data_the_formula_is_not_behind_any_simpler_one_and_twice_the_same(shared_data: Path) -> None:
    first, chosen = run(shared_data, "--json", "--all"), json.loads(run(shared_data, "--json"))
    for found in (json.loads(first), chosen):
        methods = found["methods"]
        assert (found["n"], found["n_picks"]) == (222, 103)
        assert methods["ours"]["spearman"] > max(methods[name].get("spearman", 0) for name in methods if name != "ours")
        assert methods["ours"]["auc"] > 0.7 > methods["early_upvotes"]["auc"]
    assert run(shared_data, "--json", "--all") == first


@given(values)
def test_ranks_and_shares_are_the_textbook_ones(numbers: list[int]) -> None:
    found = np.array(numbers, dtype=np.float64)
    assert metrics.ranks(found).tolist() == rankdata(found).tolist()
    if len(set(numbers)) > 1:
        truth = np.array([value == max(numbers) for value in numbers])
        shares = [metrics.share_below(score, found[~truth]) for score in found[truth]]
        assert np.mean(shares) == pytest.approx(roc_auc_score(truth, found))


@given(st.permutations(range(14)), st.lists(st.integers(0, 99), min_size=14, max_size=14))
def test_gain_is_discounted_as_in_the_textbook(order: list[int], gains: list[int]) -> None:
    scores, gained = np.array(order, dtype=np.float64), np.array(gains, dtype=np.float64)
    expected = ndcg_score([gained], [scores], k=10) if any(gains) else 0
    assert metrics.ndcg(scores, gained) == pytest.approx(expected)


def test_a_constant_says_nothing() -> None:
    assert metrics.spearman(np.ones(3), np.arange(3.0)) == 0


def test_the_error_of_a_mean_shrinks_with_the_number() -> None:
    spread = np.tile([0.0, 1.0], 200)
    found = [metrics.standard_error(lambda drawn: float(spread[drawn].mean()), n) for n in (100, 400)]
    assert found == [pytest.approx(0.05, rel=0.1), pytest.approx(0.025, rel=0.1)]
