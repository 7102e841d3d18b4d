"""What an edit of a topic would do is what saving it does."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from papers.models import Paper, Topic
from recommender.embedding import embed, topic_drafts, topic_overlaps
from recommender.embedding.topic_drafts import NoModel
from recommender.encoding import query_encoder
from recommender.encoding.query_encoder import EncoderAway
from recommender.models import EmbeddingModel, PaperTopic
from tests.recommender.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("exact")]
MakePaper = Callable[..., Paper]
MakeTopic = Callable[..., Topic]
WORDS = ("robot grasping", "quantum error correction", "protein folding", "speech language learning")


@pytest.fixture
def answers(settings: Settings, socket_path: Path) -> Iterator[None]:
    settings.QUERY_ENCODER_TIMEOUT = 60.0
    with query_encoder.Server(socket_path) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.fixture
def world(make_paper: MakePaper, make_topic: MakeTopic, tiny_model: str, as_measured: EmbeddingModel) -> list[Topic]:
    for number in range(24):
        words = WORDS[number % 4]
        make_paper(number, f"{words} {number}", abstract=f"{words} {WORDS[number % 3]}.", categories=["cs.LG"])
    made = [make_topic(words.capitalize(), description=f"{words}.", categories=["cs.LG"]) for words in WORDS]
    while embed.embed_missing(tiny_model):
        pass
    return made


def under(topic: Topic) -> set[int]:
    return set(PaperTopic.objects.filter(topic=topic).values_list("paper", flat=True))


def test_what_it_would_win_and_lose_is_what_saving_it_does(world: list[Topic], answers: None, tiny_model: str) -> None:
    topic, before = world[0], under(world[0])
    topic.description, topic.examples = "quantum correction of a robot.", ["2606.00002"]
    topic.counterexamples = ["2606.00000"]
    told = topic_drafts.effect(topic, NOW)
    assert told.papers == 24
    assert under(topic) == before, "nothing is saved"
    topic.save()
    embed.embed_missing(tiny_model)
    after = under(topic)
    assert (told.before, told.after) == (len(before), len(after))
    assert (told.won, told.lost) == (len(after - before), len(before - after))
    assert {row.paper.pk for row in told.wins} <= after - before
    assert {row.paper.pk for row in told.losses} <= before - after
    assert told.lost
    assert all(row.named == "does not belong" for row in told.losses if row.paper.identifier == "2606.00000")


def test_without_an_edit_nothing_changes(world: list[Topic], answers: None) -> None:
    told = topic_drafts.effect(world[1], NOW)
    assert (told.won, told.lost, told.before) == (0, 0, told.after)
    assert told.after == len(under(world[1]))


def test_a_topic_that_is_not_stored_only_wins(world: list[Topic], answers: None) -> None:
    told = topic_drafts.effect(
        Topic(name="Robot grasping", description="Robot grasping.", examples=["2606.00001"]), NOW
    )
    assert (told.before, told.lost) == (0, 0)
    assert told.won == told.after > 0
    assert all(row.before is None for row in told.wins)


def test_a_retired_topic_is_compared_as_if_it_were_offered(world: list[Topic], answers: None) -> None:
    Topic.objects.filter(pk=world[0].pk).update(is_active=False)
    told = topic_drafts.effect(Topic.objects.get(pk=world[0].pk), NOW)
    assert told.before == told.after > 0


def test_many_papers_and_topics_cost_as_many_queries_as_few(
    world: list[Topic], answers: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    world[0].description = "protein folding."
    topic_drafts.effect(world[0], NOW)  # which reads the papers
    with django_assert_num_queries(6):
        topic_drafts.effect(world[0], NOW)


def test_without_the_query_encoder_it_says_so(world: list[Topic], socket_path: Path) -> None:
    with pytest.raises(EncoderAway):
        topic_drafts.effect(world[0], NOW)


def test_without_a_model_it_says_so(make_topic: MakeTopic) -> None:
    with pytest.raises(NoModel):
        topic_drafts.effect(make_topic("Robots"), NOW)


class TestOverlaps:
    def test_shares_are_of_ones_own_papers(self, world: list[Topic]) -> None:
        found = topic_overlaps.standings(NOW)
        sets = {topic.pk: under(topic) for topic in world}
        for topic in world:
            own = sets[topic.pk]
            assert found[topic.pk].papers == len(own)
            for one in found[topic.pk].overlaps:
                assert one.share == pytest.approx(len(own & sets[one.topic]) / len(own) if own else 0)
                assert one.cosine is not None
                assert -1 <= one.cosine <= 1.001

    def test_it_costs_as_many_queries_for_many_topics(
        self, world: list[Topic], django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(5):
            topic_overlaps.standings(NOW)

    def test_between_two(self, world: list[Topic]) -> None:
        both, cosine = topic_overlaps.between(world[0].pk, world[1].pk, NOW)
        assert both == len(under(world[0]) & under(world[1]))
        assert cosine is not None
