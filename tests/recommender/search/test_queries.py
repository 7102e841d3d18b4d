import pytest

from recommender.search.queries import understood


@pytest.mark.parametrize("asked", ["2606.00003", " arXiv:2606.00003v2 ", "https://arxiv.org/abs/2606.00003"])
def test_an_arxiv_id_is_known_however_it_is_written(asked: str) -> None:
    assert understood(asked).arxiv_id == "2606.00003"


def test_phrases_in_quotes_are_taken_out_and_stay_part_of_the_text() -> None:
    query = understood('fast “graph neural” networks "in memory"')
    assert query.phrases == ("graph neural", "in memory")
    assert query.text == "fast graph neural networks in memory"


@pytest.mark.parametrize("asked", ['a lone " quote', '""', '"?!"', ""])
def test_quotes_around_nothing_ask_for_nothing(asked: str) -> None:
    assert understood(asked).phrases == ()


@pytest.mark.parametrize("text", ["A Graph-Neural model", "graph\nneural", "GRAPH NEURAL", "Gráph (neural)"])
def test_a_phrase_is_found_whatever_stands_between_its_words(text: str) -> None:
    assert understood('"graph neural"').is_met_by(text)


@pytest.mark.parametrize("text", ["neural graph", "graph of neural", "subgraph neural", "graph neurally", ""])
def test_a_phrase_is_not_found_in_pieces(text: str) -> None:
    assert not understood('"graph neural"').is_met_by(text)


def test_every_phrase_has_to_occur() -> None:
    assert understood('"one two" "three"').is_met_by("Three, one two")
    assert not understood('"one two" "three"').is_met_by("one two")
