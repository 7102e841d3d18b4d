"""The benchmark of pages, on few papers and for a few seconds."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpRequest
from pytest_django import Settings

from subscriptions.benchmarks import bare, visitors, web
from subscriptions.benchmarks.visitors import Plan
from tests.services import free_port

FEW = ("--papers", "60", "--seconds", "2", "--rate", "8", "--typists", "1")


def test_pages_are_measured_beside_a_bare_view_and_nothing_is_left(
    folder: Path,
    unblocked: None,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EMBEDDING_MODEL", settings.EMBEDDING_MODEL)
    monkeypatch.setenv("WEB_CONCURRENCY", "1")
    monkeypatch.setattr(web, "WARM_UP", 1.0)
    before = connection.settings_dict["NAME"]
    call_command("bench", "web", "--json", "--data", str(folder), *FEW)
    figures = {figure["bench"]: figure for figure in map(json.loads, capsys.readouterr().out.splitlines())}
    assert list(figures) == [f"{kind}, 99 of 100" for kind in ("home", "topic", "paper", "search")] + [
        "preview, 95 of 100"
    ]
    for figure in figures.values():
        assert figure["value"] >= figure["median_ms"] > 0
        assert figure["requests"] > 0
        assert figure["ratio"] == pytest.approx(figure["value"] / figure["limit"])
    assert figures["home, 99 of 100"]["kb"] > 10
    assert connection.settings_dict["NAME"] == before
    assert not list(folder.rglob("paper_round_scratch*"))


@pytest.mark.django_db
def test_without_papers_the_remedy_is_named() -> None:
    with pytest.raises(CommandError, match="--data"):
        call_command("bench", "web")


def test_the_bare_view_answers_ten_kilobytes() -> None:
    assert len(bare.bare(HttpRequest()).content) == pytest.approx(10_240, rel=0.02)


def test_who_gets_no_answer_is_counted() -> None:
    plan = Plan(port=free_port(), host="papers.example.org", seconds=0.5, rate=20, pages={"home": ["/"]})
    seen = visitors.visit(plan)
    assert seen
    assert {(each.kind, each.status) for each in seen} == {("home", 0)}
