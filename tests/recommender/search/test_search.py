from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from papers.models import Alias, Paper, Topic
from recommender.embedding import embed
from recommender.encoding import encoder, query_encoder
from recommender.index import lexical
from recommender.models import PaperTopic
from recommender.search import finding, hits
from recommender.search.filters import Filters
from recommender.search.topics import TopicListing
from tests.recommender.conftest import TODAY

pytestmark = pytest.mark.django_db
MakePaper = Callable[..., Paper]


@pytest.fixture
def listening(socket_path: object, tiny_model: str, settings: Settings) -> Iterator[None]:
    """A query encoder in a thread of this process."""
    settings.QUERY_ENCODER_TIMEOUT = 10.0
    encoder.load(tiny_model)
    with query_encoder.Server(settings.QUERY_ENCODER_SOCKET) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.fixture
def papers(make_paper: MakePaper, tiny_model: str) -> dict[str, Paper]:
    made = {
        "robot": make_paper(1, "Robot grasping", abstract="Robot grasping and robot learning.", categories=["cs.RO"]),
        "speech": make_paper(2, "Speech", abstract="Language and speech.", categories=["cs.CL", "eess.AS"]),
        "protein": make_paper(3, "Protein folding", abstract="Protein folding, at last.", categories=["q-bio.BM"]),
        "old": make_paper(4, "Robot errors", abstract="Robot grasping.", day=TODAY - timedelta(days=400)),
    }
    embed.embed_missing(tiny_model)
    return made


def found(query: str, limit: int = 20, offset: int = 0, **filters: object) -> list[Paper]:
    results = finding.search(query, limit=limit, offset=offset, filters=Filters(**filters))
    return [hit.paper for hit in results.hits]


@pytest.mark.parametrize("query", ["2606.00003", "arXiv:2606.00003v2", "https://arxiv.org/abs/2606.00003"])
def test_an_arxiv_id_finds_its_paper(papers: dict[str, Paper], query: str) -> None:
    results = finding.search(query)
    assert (results.how, [hit.paper for hit in results.hits]) == ("id", [papers["protein"]])


def test_an_unknown_arxiv_id_finds_nothing_and_says_so(papers: dict[str, Paper]) -> None:
    results = finding.search("2001.00001")
    assert (results.how, results.hits) == ("id", [])
    assert "2001.00001" in results.note


def test_search_by_meaning_has_similarities_and_no_note(papers: dict[str, Paper], listening: None) -> None:
    results = finding.search("protein folding")
    assert (results.how, results.note) == ("meaning", "")
    assert all(-1 <= hit.similarity <= 1.001 for hit in results.hits)
    assert len(results.hits) == 4


def test_the_words_of_a_query_move_a_paper_up(
    papers: dict[str, Paper], make_paper: MakePaper, tiny_model: str, listening: None
) -> None:
    for number in range(10, 60):
        make_paper(number, "Speech")
    target = make_paper(60, "Zebra")
    embed.embed_missing(tiny_model)
    assert found("zebra")[0] == target


def test_a_paper_that_is_not_embedded_yet_is_found_by_its_words(
    papers: dict[str, Paper], make_paper: MakePaper, tiny_model: str, listening: None
) -> None:
    for number in range(10, 60):
        make_paper(number, "Speech")
    embed.embed_missing(tiny_model)
    new = make_paper(60, "Zebra")
    [first, *_] = finding.search("zebra").hits
    assert (first.paper, first.similarity) == (new, None)


def test_search_is_narrowed_by_date_and_category(papers: dict[str, Paper], listening: None) -> None:
    assert papers["old"] not in found("robot", since=TODAY - timedelta(days=30))
    assert found("robot", category="eess.AS") == [papers["speech"]]
    assert found("robot", category="eess") == [papers["speech"]]
    assert found("robot", category="econ") == []


def test_pages_follow_each_other_without_gap_or_repeat(papers: dict[str, Paper], listening: None) -> None:
    pages = found("robot", limit=2) + found("robot", limit=2, offset=2)
    assert pages == found("robot")
    assert found("robot", limit=2, offset=4) == []


def test_a_search_costs_the_same_number_of_queries_for_more_hits(
    papers: dict[str, Paper], listening: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found("robot")
    with django_assert_num_queries(8):
        found("robot", limit=1)
    with django_assert_num_queries(8):
        found("robot", limit=4)


def test_without_the_encoder_papers_are_found_by_their_words_and_the_note_says_so(
    papers: dict[str, Paper], socket_path: object
) -> None:
    results = finding.search("ROBOT learning")
    assert (results.how, [hit.paper for hit in results.hits]) == ("words", [papers["robot"], papers["old"]])
    assert results.hits[0].similarity is None
    assert "away" in results.note


def test_without_the_encoder_the_rarer_words_decide(papers: dict[str, Paper], socket_path: object) -> None:
    assert found("robot protein")[0] == papers["protein"]
    assert found("robot protein", limit=1, offset=1) == found("robot protein")[1:2]


def test_words_are_found_in_their_other_forms(papers: dict[str, Paper], socket_path: object) -> None:
    assert found("Proteins folded") == [papers["protein"]]


def test_words_that_stand_everywhere_are_not_looked_for(papers: dict[str, Paper], socket_path: object) -> None:
    assert found("the language of the speech") == [papers["speech"]]
    assert found("of the") == []


def test_what_stands_in_quotes_has_to_occur_word_for_word(papers: dict[str, Paper], listening: None) -> None:
    assert found('"robot learning"') == [papers["robot"]]
    assert found('"learning robot"') == []
    assert set(found('speech "ROBOT  grasping"')) == {papers["robot"], papers["old"]}


def test_search_is_narrowed_by_topic_code_and_last_day(
    papers: dict[str, Paper], make_topic: Callable[..., Topic], listening: None
) -> None:
    topic = make_topic("Robots")
    PaperTopic.objects.all().delete()
    PaperTopic.objects.create(paper=papers["protein"], topic=topic, similarity=0.9)
    papers["robot"].github_repo = "https://github.com/a/b"
    papers["robot"].save()
    assert found("robot", topic=topic) == [papers["protein"]]
    assert found("robot", has_code=True) == [papers["robot"]]
    assert found("robot", until=TODAY - timedelta(days=30)) == [papers["old"]]
    assert found("robot", topic=topic, has_code=True) == []


def test_withdrawn_papers_are_found_by_their_id_alone(papers: dict[str, Paper], listening: None) -> None:
    Paper.objects.filter(pk=papers["robot"].pk).update(withdrawn_on=TODAY)
    assert papers["robot"] not in found("robot")
    assert papers["robot"] not in found("robot", since=TODAY)
    assert papers["robot"] not in [hit.paper for hit in finding.similar(papers["old"])]
    assert found(papers["robot"].identifier) == [papers["robot"]]


def test_withdrawn_papers_take_no_place_on_a_page(
    make_paper: MakePaper, monkeypatch: pytest.MonkeyPatch, socket_path: object
) -> None:
    monkeypatch.setattr(hits, "SPARE", 1)
    made = [make_paper(number, "Robot", withdrawn_on=TODAY if number > 5 else None) for number in range(1, 40)]
    assert found("robot", limit=2) + found("robot", limit=4, offset=2) == made[4::-1]


def test_a_paper_is_found_by_an_id_that_it_had_before(papers: dict[str, Paper]) -> None:
    Alias.objects.create(identifier="2606.00077", paper=papers["robot"])
    assert found("2606.00077") == [papers["robot"]]


@pytest.mark.parametrize("query", ["%", "'; --", "\\", "é" * 2000, "(((", "?"])
def test_strange_queries_are_only_queries(papers: dict[str, Paper], socket_path: object, query: str) -> None:
    assert finding.search(query).how == "words"


def test_an_empty_query_finds_nothing(papers: dict[str, Paper]) -> None:
    assert found("  ") == []


def test_search_works_before_anything_is_embedded(make_paper: MakePaper) -> None:
    paper = make_paper(1, "Robot grasping")
    assert found("robot") == [paper]


def test_similar_papers_are_the_nearest_others(papers: dict[str, Paper]) -> None:
    near = finding.similar(papers["robot"], n=2)
    assert near[0].paper == papers["old"]
    assert papers["robot"] not in [hit.paper for hit in near]
    assert near[0].similarity >= near[1].similarity


def test_a_paper_without_a_vector_has_no_similar_ones(papers: dict[str, Paper], make_paper: MakePaper) -> None:
    assert finding.similar(make_paper(9)) == []


def test_more_like_one_paper_and_less_like_another(papers: dict[str, Paper]) -> None:
    alone = [hit.paper for hit in finding.like([papers["robot"]])]
    less = [hit.paper for hit in finding.like([papers["robot"]], unlike=[papers["old"]])]
    assert alone[0] == papers["old"]
    assert set(less) == {papers["speech"], papers["protein"]}


def test_nothing_is_similar_before_anything_is_embedded(make_paper: MakePaper) -> None:
    assert finding.similar(make_paper(9)) == []


def test_a_topics_papers_are_nearest_first_and_recent(
    papers: dict[str, Paper], make_topic: Callable[..., Topic]
) -> None:
    topic = make_topic("Robots")
    PaperTopic.objects.all().delete()
    for name, similarity in [("old", 0.9), ("robot", 0.5), ("speech", 0.7)]:
        PaperTopic.objects.create(paper=papers[name], topic=topic, similarity=similarity)
    shown = TopicListing(topic, TODAY - timedelta(days=30))
    assert shown[:5] == [papers["speech"], papers["robot"]]
    assert shown[:1] == [papers["speech"]]
    assert len(shown) == 2


def test_papers_are_near_as_soon_as_they_have_a_vector_and_by_their_present_text(
    papers: dict[str, Paper], make_paper: MakePaper, tiny_model: str
) -> None:
    before = {hit.paper.pk: hit.similarity for hit in finding.similar(papers["old"])}
    new = make_paper(9)
    embed.embed_missing(tiny_model)
    assert new in [hit.paper for hit in finding.similar(papers["old"])]
    papers["robot"].title = "Protein"
    papers["robot"].save()
    embed.embed_missing(tiny_model)
    after = {hit.paper.pk: hit.similarity for hit in finding.similar(papers["old"])}
    assert after[papers["robot"].pk] != before[papers["robot"].pk]
    new.delete()
    assert new.pk not in [hit.paper.pk for hit in finding.similar(papers["old"])]


def test_a_search_by_meaning_does_not_wait_for_the_words(papers: dict[str, Paper], listening: None) -> None:
    with lexical.mirror._reading:
        results = finding.search("protein folding")
    assert {hit.paper for hit in results.hits} == set(papers.values())
    assert "still being read" in results.note


def test_the_words_of_new_revised_and_deleted_papers_are_known(
    papers: dict[str, Paper], make_paper: MakePaper, tiny_model: str, socket_path: object
) -> None:
    assert found("zebra") == []
    new = make_paper(9, "Zebra")
    assert found("zebra") == [new]
    papers["robot"].title = "Zebras"
    papers["robot"].save()
    embed.embed_missing(tiny_model)
    assert set(found("zebra")) == {new, papers["robot"]}
    new.delete()
    assert found("zebra") == [papers["robot"]]


def test_pages_stay_as_they_are_where_more_is_looked_at(
    make_paper: MakePaper, monkeypatch: pytest.MonkeyPatch, socket_path: object
) -> None:
    monkeypatch.setattr(hits, "DEPTH", 2)
    monkeypatch.setattr(hits, "SPARE", 0)
    made = [make_paper(number, "Robot " * (number % 3 + 1)) for number in range(1, 30)]
    pages = [found("robot", limit=4, offset=at) for at in range(0, 32, 4)]
    assert [paper for page in pages for paper in page] == found("robot", limit=40)
    assert len(found("robot", limit=40)) == len(made)
