"""The benchmark of ranking a batch: on people and papers of its own, which are gone afterwards."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from papers.models import Paper
from subscriptions.benchmarks import batch, crowd
from subscriptions.models import Subscriber


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BATCHES", 2)
    monkeypatch.setattr(crowd, "LIBRARIES", 5)


def bench(subscribers: int, papers: int) -> dict[str, float]:
    out = StringIO()
    counts = ["--subscribers", str(subscribers), "--papers", str(papers)]
    call_command("bench", "batch", "--json", *counts, stdout=out)
    figure: dict[str, float] = json.loads(out.getvalue())
    return figure


@pytest.mark.django_db(transaction=True)
def test_a_batch_is_told_beside_the_bare_product_and_nothing_stays(few: None) -> None:
    figure = bench(60, 1_500)
    assert (figure["bench"], figure["readers_a_batch"], figure["candidates"]) == ("batch", 50, 1_400)
    assert figure["picks_a_reader"] > 5
    assert figure["ratio"] == pytest.approx(figure["value"] / figure["limit"])
    assert not Subscriber.objects.exists()
    assert not Paper.objects.exists()


@pytest.mark.parametrize(("subscribers", "papers"), [(49, 200), (50, 199)])
def test_too_few_to_measure_are_refused_in_one_line(subscribers: int, papers: int) -> None:
    with pytest.raises(CommandError, match="at least 50 subscribers and 200 papers"):
        bench(subscribers, papers)
