"""The benchmark of the search, on few papers."""

import json
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from papers.models import Paper
from recommender.benchmarks import corpus, search
from recommender.encoding import encoder


def test_whole_requests_are_measured_and_nothing_is_left(
    folder: Path, unblocked: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, few in [("WARM_UP", 1), ("ASKED", 5), ("NARROWED", 2)]:
        monkeypatch.setattr(search, name, few)
    before = connection.settings_dict["NAME"]
    call_command("bench", "search", "--papers", "40", "--data", str(folder), "--json")
    median, slowest = map(json.loads, capsys.readouterr().out.splitlines())
    assert (median["bench"], median["unit"], median["papers"], median["index"]) == (
        "search, median", "ms", 40, "memory"
    )  # fmt: skip
    assert 0 < median["value"] <= slowest["value"]
    assert median["ratio"] == pytest.approx(median["value"] / median["limit"])
    assert median["recall_at_10"] > 0.9
    assert connection.settings_dict["NAME"] == before
    assert not list(folder.rglob("paper_round_scratch*"))


@pytest.mark.django_db
def test_without_papers_the_remedy_is_named() -> None:
    with pytest.raises(CommandError, match="--data"):
        call_command("bench", "search")


@pytest.mark.django_db
def test_papers_are_mixed_alike_every_time_and_grow_in_number(folder: Path) -> None:
    models = corpus.from_folder(folder)
    model = corpus.grow(models, 10)
    first = list(Paper.objects.order_by("pk").values_list("title", "abstract"))
    assert corpus.grow(models, 15) == model
    assert Paper.objects.count() == 15
    again = [(paper.title, paper.abstract) for paper in corpus.mixed(models, range(10))]
    assert again == first
    vectors, ids = search.everything(model, 15)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(15), abs=1e-3)
    assert len(set(ids.tolist())) == 15
    assert encoder.load(model.name).dimension == vectors.shape[1]
