"""The shipped formulas on real data, beside the peers: only where PAPER_ROUND_EVALUATE is set, for it takes minutes."""

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "PAPER_ROUND_EVALUATE" not in os.environ, reason="set PAPER_ROUND_EVALUATE=1 to encode real data"
    ),
]


def found(test: str, folder: Path) -> dict[str, Any]:
    out = StringIO()
    call_command("evaluate", test, data=folder, json=True, stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def test_readers_next_papers_stand_higher_than_by_any_peer(shared_data: Path) -> None:
    result = found("readers", shared_data)
    methods = {name: figures["ndcg10"] for name, figures in result["methods"].items()}
    assert max(methods, key=methods.__getitem__) == "ours"
    assert methods["ours"] >= 1.05 * methods["arxiv-sanity-lite"]
    assert result["paired"]["low"] > 1


def test_reviewers_papers_are_ordered_better_than_by_any_peer(shared_data: Path) -> None:
    methods = {name: figures["loss"] for name, figures in found("reviewers", shared_data)["methods"].items()}
    assert min(methods, key=methods.__getitem__) == "ours"
    assert methods["ours"] <= 0.210


def test_search_by_words_and_meaning_beats_words_alone(shared_data: Path) -> None:
    methods = {name: figures["ndcg10"] for name, figures in found("search", shared_data)["methods"].items()}
    assert methods["site"] >= methods["bm25"] + 0.03
