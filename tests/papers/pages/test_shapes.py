"""Templates that are rendered once for each set of words they have, and filled."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.template.loader import render_to_string

from papers.models import Paper
from papers.pages import shapes
from papers.pages.card_html import Passage, written
from papers.pages.cards import Card
from papers.pages.curves import Curve

PAPER = Paper(
    identifier="2606.00001",
    title="<b>\"Robots\" & 'cats'</b>",
    abstract="One & two. They < three.",
    authors=["Ada <i>Lovelace</i>", "שרה כהן", "Bo Li", "Cy Do", "Di Fu"],
    categories=["cs.LG", "a<b", "math.CO", "stat.ML"],
    github_repo="ada/robots",
    field="cs",
    created_at=datetime(2026, 6, 2, tzinfo=UTC),
    announced_on=date(2026, 6, 3),
)
CURVE = Curve("stars", "2,14 54,2", "GitHub stars 1 → 2,000 in 3 days")
CARDS = {
    "plain": Card(PAPER),
    "counted": Card(PAPER, upvotes=0, stars=12_345, curve=CURVE),
    "one": Card(PAPER, upvotes=1, curve=CURVE),
    "up": Card(PAPER, rise=3),
    "down": Card(PAPER, rise=-2, is_new=True),
    "new": Card(PAPER, is_new=True),
    "featured": Card(PAPER, featured=True, note="Look <here>"),
    "bare": Card(Paper(identifier="doi:x", title="T", created_at=datetime(2026, 6, 2, tzinfo=UTC))),
}


def rendered(template: str, **words: Any) -> str:
    return render_to_string(template, words)


@pytest.mark.parametrize("title", ["Robots", "<b>\"Robots\" & 'cats'</b>", "title", "identifier\0", ""])
def test_a_filled_template_is_what_django_renders(title: str) -> None:
    words = {"identifier": "math/06&<01", "title": title, "here": "/search/"}
    assert shapes.filled("recommender/_lead.html", **words) == rendered("recommender/_lead.html", **words)


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("quoted", [None, Passage("Before. ", "It <is>.", " …"), Passage("Only & this")])
def test_a_card_is_what_django_renders(name: str, quoted: Passage | None, monkeypatch: pytest.MonkeyPatch) -> None:
    card = written(CARDS[name], quoted)
    again = written(CARDS[name], quoted)
    monkeypatch.setattr("papers.pages.card_html.filled", rendered)
    assert card == again == written(CARDS[name], quoted)


def test_what_a_card_says_of_attention() -> None:
    counted, one, bare = (written(CARDS[name]) for name in ("counted", "one", "bare"))
    assert "<li>0 upvotes</li>" in counted
    assert "<li>12k stars<svg" in counted.replace("\n", "")
    assert CURVE.words in counted
    assert "<li>1 upvote</li>" in one
    assert CURVE.words not in one  # it is that of a count which is not shown
    assert "<li>attention unknown</li>" in bare
    assert "attention unknown" not in counted


def test_a_paper_that_moves_up_is_not_called_new() -> None:
    assert "Up 3 since yesterday" in written(CARDS["up"])
    assert "Down 2 since yesterday" in written(CARDS["down"])
    assert "new<span" not in written(CARDS["down"])
    assert "new<span" in written(CARDS["new"])


def test_lists_of_another_length_and_words_that_are_missing_are_other_shapes() -> None:
    for count in (0, 1, 3, 2):
        card = written(Card(Paper(identifier="a:1", title="T", categories=["x"] * count, created_at=PAPER.created_at)))
        assert card.count(">x</li>") == count
    assert "[]" not in card
