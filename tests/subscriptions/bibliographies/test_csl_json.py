"""CSL-JSON is read as several programs write it, and what is damaged in it loses nothing else."""

import json

import pytest

from subscriptions.bibliographies.files import read
from subscriptions.bibliographies.reading import Reading

WHALES = {
    "id": "a",
    "type": "article-journal",
    "title": "Whale song",
    "author": [{"family": "Vries", "non-dropping-particle": "de", "given": "Ada"}, {"literal": "The Whale Team"}],
    "DOI": "10.1234/WHALE",
    "issued": {"date-parts": [[2026, 6, 1]]},
}
SONAR = {"id": "b", "type": "article", "title": "On sonar", "number": "arXiv:2606.00001"}
BOTH = [WHALES, SONAR]


def titles(reading: Reading) -> list[tuple[str, int]]:
    return [(entry.title, entry.line) for entry in reading.entries]


def test_its_fields_are_read() -> None:
    whales, sonar = read(json.dumps(BOTH).encode()).entries
    assert whales.authors == ("de Vries, Ada", "The Whale Team")
    assert (whales.doi, sonar.arxiv_id) == ("10.1234/whale", "2606.00001")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(BOTH),
        json.dumps(BOTH, indent=2),
        "\ufeff" + json.dumps(BOTH),
        json.dumps({"config": {"a": 1}, "items": BOTH}),
        json.dumps({"status": "ok", "message": {"total-results": 2, "items": BOTH}}),
        "\n".join(map(json.dumps, BOTH)),
        json.dumps([{"key": item["id"], "data": item} for item in BOTH]),
        json.dumps(BOTH)[:-1] + ",]",
        json.dumps(BOTH)[:-1],
    ],
    ids=["array", "indented", "mark", "wrapped", "Crossref", "lines", "Zotero", "a comma too many", "end cut off"],
)
def test_it_is_read_however_it_is_wrapped(text: str) -> None:
    assert [entry.title for entry in read(text.encode()).entries] == ["Whale song", "On sonar"]


def test_a_title_may_be_a_list_and_creators_have_their_kind() -> None:
    people = [
        {"creatorType": "editor", "lastName": "Turing"},
        {"creatorType": "author", "firstName": "Ada", "lastName": "Lovelace"},
    ]
    [entry] = read(json.dumps([{"title": ["Whale song"], "creators": people}]).encode()).entries
    assert (entry.title, entry.authors) == ("Whale song", ("Lovelace, Ada",))


@pytest.mark.parametrize(
    "damage",
    [
        ('"id": "a"', '"id" "a"'),
        ('"Whale song"', '"Whale song'),
        ('"Whale song"', 'Whale "song'),
        ("[[2026, 6, 1]]", "[[2026, 6, 1]"),
        ("[[2026, 6, 1]]}\n", "[[2026, 6, 1]]\n"),
    ],
    ids=["a colon", "a quote", "another", "a bracket", "a brace"],
)
def test_a_damaged_one_is_told_by_its_line_and_the_others_are_read(damage: tuple[str, str]) -> None:
    lines = [json.dumps(item) for item in ({"id": "0", "title": "First"}, WHALES, SONAR)]
    text = "[\n" + ",\n".join(lines).replace("]]}},\n", "]]}\n},\n").replace(*damage) + "\n]"
    reading = read(text.encode())
    assert [title for title, _ in titles(reading)] == ["First", "On sonar"]
    assert [found.line for found in reading.unreadable] == [3]


def test_an_item_that_is_cut_off_is_told() -> None:
    reading = read((json.dumps([WHALES])[:-1] + ',\n {"id": "b", "title": "On so').encode())
    assert titles(reading) == [("Whale song", 1)]
    assert [(found.line, found.reason) for found in reading.unreadable] == [(2, "it never ends")]


@pytest.mark.parametrize("piece", ['{"title":', "[", '{"id":', '{"title": 1 1},', '"', "{},"])
def test_hostile_json_is_read_once(piece: str) -> None:
    text = '[{"title": "Whale song"},' + piece * (4_000 if piece.endswith(",") else 100_000)
    assert titles(read(text.encode()))[:1] == [("Whale song", 1)]
