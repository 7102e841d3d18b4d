from datetime import date

import pytest

from recommender.index.lexical import Read
from recommender.search.queries import understood


@pytest.mark.parametrize("asked", ["2606.00003", " arXiv:2606.00003v2 ", "https://arxiv.org/abs/2606.00003"])
def test_an_arxiv_id_is_known_however_it_is_written(asked: str) -> None:
    assert understood(asked).arxiv_id == "2606.00003"


def demands(asked: str) -> list[tuple[str, str]]:
    """What a query demands: kind and value of each condition, a minus before what is unwanted."""
    return [("-" * one.unwanted + one.kind, one.value) for one in understood(asked).conditions]


def test_phrases_in_quotes_are_demanded_and_stay_part_of_the_text() -> None:
    asked = 'fast “graph neural” networks "in memory"'
    assert demands(asked) == [("words", "graph neural"), ("words", "in memory")]
    assert understood(asked).text == "fast graph neural networks in memory"


@pytest.mark.parametrize("asked", ['a lone " quote', '""', '"?!"', "", "a - b", "-", "--", "C++ - why?"])
def test_signs_around_nothing_ask_for_nothing(asked: str) -> None:
    query = understood(asked)
    assert (query.conditions, query.misread) == ((), ())


@pytest.mark.parametrize(
    ("asked", "wanted", "text"),
    [
        ("author:Lovelace", [("author", "Lovelace")], ""),
        ('author:"Ada Lovelace" engines', [("author", "Ada Lovelace")], "engines"),
        ("AUTHOR:Lovelace", [("author", "Lovelace")], ""),
        ("-author:Lovelace", [("-author", "Lovelace")], ""),
        ("title:diffusion", [("title", "diffusion")], "diffusion"),
        ('title:"large language models"', [("title", "large language models")], "large language models"),
        ("cat:cs.RO category:stat", [("category", "cs.RO"), ("category", "stat")], ""),
        ("-survey robots", [("-words", "survey")], "robots"),
        ('robots -"human-robot interaction"', [("-words", "human-robot interaction")], "robots"),
        ("self-attention", [], "self-attention"),
        ("has:code", [("code", "")], ""),
        ("-has:code robots", [("-code", "")], "robots"),
        ("«mots français»", [("words", "mots français")], "mots français"),
    ],
)
def test_operators_are_taken_out_of_a_query(asked: str, wanted: list[tuple[str, str]], text: str) -> None:
    assert (demands(asked), understood(asked).text, understood(asked).misread) == (wanted, text, ())


@pytest.mark.parametrize(
    ("asked", "since", "until"),
    [
        ("after:2026-06-15", date(2026, 6, 15), None),
        ("after:2026-06 before:2026-07", date(2026, 6, 1), date(2026, 6, 30)),
        ("after:2025 before:2026-1-5", date(2025, 1, 1), date(2026, 1, 4)),
        ("after:2025 after:2026 before:2028 before:2027", date(2026, 1, 1), date(2026, 12, 31)),
        ("before:0001-01-01", None, None),
    ],
)
def test_days_narrow_a_query(asked: str, since: date | None, until: date | None) -> None:
    query = understood(asked)
    assert (query.since, query.until, query.text, query.misread) == (since, until, "", ())


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("author:", "“author:” was left out: write what to look for right behind it"),
        ("author: Lovelace", "“author:” was left out"),
        ('title:"?!"', "was left out"),
        ("cat:?", "was left out"),
        ("after:yesterday", "write after:2026-06-30 or after:2026-06 or after:2026"),
        ("before:2026-13", "write before:2026-06-30"),
        ("after:2026-02-30", "write after:"),
        ("-after:2026", "write after:"),
        ("after:99999", "write after:"),
        ("has:video", "only has:code can be asked for"),
        ("-the robots", "nearly every abstract has that word"),
        ("auther:Lovelace", "auther: is none of the operators, so “auther:Lovelace” was searched as words."),
        ("x -" + " -".join(f"word{number}" for number in range(20)), "Only the first 12 phrases and operators"),
    ],
)
def test_what_is_not_understood_is_said_in_words(asked: str, words: str) -> None:
    (told,) = understood(asked).misread
    assert words in told


@pytest.mark.parametrize(
    "asked", ["BERT: pre-training", "https://arxiv.org/list/cs", "doi:10.1101/12", "GAN:why", "a:b"]
)
def test_titles_and_addresses_hold_no_operators(asked: str) -> None:
    query = understood(asked)
    assert (query.conditions, query.misread) == ((), ())
    assert query.text == asked


def is_met(asked: str, title: str = "", abstract: str = "", authors: tuple[str, ...] = ()) -> bool:
    paper = Read(1, title, f"{title}. {abstract}", list(authors))
    return all(one.is_met_by(paper) for one in understood(asked).conditions if one.is_looked_up)


@pytest.mark.parametrize("text", ["A Graph-Neural model", "graph\nneural", "GRAPH NEURAL", "Gráph (neural)"])
def test_a_phrase_is_found_whatever_stands_between_its_words(text: str) -> None:
    assert is_met('"graph neural"', text)
    assert not is_met('-"graph neural"', text)


@pytest.mark.parametrize("text", ["neural graph", "graph of neural", "subgraph neural", "graph neurally", ""])
def test_a_phrase_is_not_found_in_pieces(text: str) -> None:
    assert not is_met('"graph neural"', text)


def test_every_phrase_has_to_occur() -> None:
    assert is_met('"one two" "three"', "Three, one two")
    assert not is_met('"one two" "three"', "one two")


def test_a_phrase_of_a_title_is_not_looked_for_in_the_abstract() -> None:
    assert is_met('title:"graph neural"', "Graph neural")
    assert not is_met('title:"graph neural"', "Graphs", "graph neural")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Ada Lovelace", "Lovelace, Ada"),
        ("A. Lovelace", "Ada Lovelace"),
        ("Jörg Müller", "Jorg Muller"),
        ("Ørsted, Hans", "Hans C. Ørsted"),
        ("Ada Lovelace", "Ada Lovelace (London)"),
    ],
)
def test_an_author_is_known_however_the_name_is_written(typed: str, printed: str) -> None:
    assert is_met(f'author:"{typed}"', authors=("Somebody Else", printed))


def test_another_person_of_the_name_is_not_the_author() -> None:
    assert not is_met('author:"Ada Lovelace"', authors=("Grace Lovelace", "Ada Byron"))
