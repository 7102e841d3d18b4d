"""Papers that a curator names move a topic's vector, and stand under it or never do."""

from collections.abc import Callable

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from papers.editions import topics
from papers.models import Paper, Topic
from recommender.embedding import embed, topic_examples
from recommender.embedding.topic_assignment import Shelves
from recommender.embedding.topic_examples import Known
from recommender.models import EmbeddingModel, PaperTopic, TopicVector
from recommender.vectors import unit

pytestmark = pytest.mark.django_db
MakePaper = Callable[..., Paper]
MakeTopic = Callable[..., Topic]
TEXT = unit(np.array([1.0, 0.0, 0.0]))
NEAR, FAR = Known(unit(np.array([1.0, 1.0, 0.0])), b"a"), Known(unit(np.array([0.0, 0.0, 1.0])), b"b")


def topic(**fields: object) -> Topic:
    return Topic(name="Robots", description="They move.", **fields)


def test_a_topic_without_examples_is_its_text() -> None:
    assert topic_examples.vector(topic(), TEXT, {"n": NEAR}).tolist() == TEXT.tolist()
    assert topic_examples.mark(topic(), {}) == topic_examples.text_hash("Robots. They move.")


def test_it_is_drawn_towards_those_that_belong_and_pushed_off_those_that_do_not() -> None:
    papers = {"n": NEAR, "f": FAR}
    moved = topic_examples.vector(topic(examples=["n"], counterexamples=["f"]), TEXT, papers)
    assert moved @ NEAR.vector > TEXT @ NEAR.vector
    assert moved @ FAR.vector < TEXT @ FAR.vector
    assert np.linalg.norm(moved) == pytest.approx(1)


def test_the_text_weighs_most_whatever_is_named() -> None:
    opposite = Known(-TEXT, b"c")
    moved = topic_examples.vector(topic(examples=["o"] * 20, counterexamples=["t"]), TEXT, {"o": opposite, "t": NEAR})
    assert moved @ TEXT > 0.5


def test_examples_that_are_not_here_count_from_when_they_come(
    make_paper: MakePaper, make_topic: MakeTopic, tiny_model: str
) -> None:
    one = make_topic("Robot grasping", examples=["2606.00001"])
    embed.embed_missing(tiny_model)
    before = TopicVector.objects.get()
    make_paper(1, "Protein folding")
    embed.embed_missing(tiny_model)
    assert embed.embed_missing(tiny_model) == 1  # the topic, once more
    after = TopicVector.objects.get()
    assert not np.allclose(before.vector, after.vector)
    assert PaperTopic.objects.filter(topic=one, paper__identifier="2606.00001").exists()
    assert embed.embed_missing(tiny_model) == 0


def test_what_never_belongs_is_not_shown_and_what_belongs_is_however_far(
    make_paper: MakePaper, make_topic: MakeTopic, tiny_model: str
) -> None:
    near, far = make_paper(1, "Robot grasping", abstract="Robot grasping."), make_paper(2, "Protein folding quantum")
    one = make_topic("Robot grasping", description="Robot grasping.")
    embed.embed_missing(tiny_model)
    assert near in {row.paper for row in one.paper_topics.all()}
    one.examples, one.counterexamples = [far.identifier], [near.identifier]
    one.save()
    embed.embed_missing(tiny_model)
    assert {row.paper for row in one.paper_topics.all()} == {far}


def test_what_was_named_goes_before_three_nearer_topics(as_measured: EmbeddingModel) -> None:
    others = [Topic(pk=number, name=str(number), categories=[]) for number in range(3)]
    named = Topic(pk=9, name="named", categories=[], examples=["2606.00001"])
    shelves = Shelves.holding([*((one, TEXT) for one in others), (named, NEAR.vector)], as_measured)
    filed = shelves.file("2606.00001", [], np.array([0.9, 0.8, 0.7, 0.1], dtype=np.float32))
    assert [shelves.topics[one.topic].name for one in filed] == ["named", "0", "1"]


def test_papers_are_found_anew_when_a_topic_is_retired_and_offered_again(
    make_paper: MakePaper, make_topic: MakeTopic, tiny_model: str
) -> None:
    one = make_topic("Robot grasping", description="Robot grasping.")
    make_paper(1, "Robot grasping", abstract="Robot grasping.")
    embed.embed_missing(tiny_model)
    topics.retire([one.pk])
    assert embed.embed_missing(tiny_model) == 1
    assert not PaperTopic.objects.exists()
    assert TopicVector.objects.get().topic == one  # its followers are served on
    topics.offer_again([one.pk])
    assert embed.embed_missing(tiny_model) == 1
    assert PaperTopic.objects.get().topic == one


def test_examples_cost_one_query_however_many(
    make_paper: MakePaper, make_topic: MakeTopic, tiny_model: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    papers = [make_paper(number) for number in range(4)]
    for number, paper in enumerate(papers):
        make_topic(f"Robot {number}", examples=[paper.identifier], counterexamples=[papers[number - 1].identifier])
    while embed.embed_missing(tiny_model):
        pass
    with django_assert_num_queries(6):
        embed.embed_missing(tiny_model)
