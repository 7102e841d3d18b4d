import subprocess
import sys
from collections.abc import Callable
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries, Settings

from papers.models import Paper, Topic
from recommender import tasks
from recommender.embedding import embed
from recommender.encoding import encoder
from recommender.models import EmbeddingModel, PaperTopic, PaperVector, TopicVector

pytestmark = pytest.mark.django_db
MakePaper = Callable[..., Paper]
MakeTopic = Callable[..., Topic]


def model() -> EmbeddingModel:
    return EmbeddingModel.objects.get()


def test_every_paper_and_topic_gets_a_unit_vector(
    make_paper: MakePaper, make_topic: MakeTopic, tiny_model: str
) -> None:
    papers, topic = [make_paper(n) for n in range(3)], make_topic("Robots")
    assert embed.embed_missing(tiny_model) == 4
    assert {row.paper_id for row in PaperVector.objects.all()} == {paper.pk for paper in papers}
    assert TopicVector.objects.get().topic == topic
    assert np.linalg.norm(PaperVector.objects.first().vector) == pytest.approx(1, abs=1e-3)


def test_the_vector_is_that_of_title_and_abstract(make_paper: MakePaper, tiny_model: str) -> None:
    make_paper(1, "Robot grasping", abstract="With hands.")
    embed.embed_missing(tiny_model)
    [expected] = encoder.load(tiny_model).encode(["Robot grasping. With hands."])
    assert PaperVector.objects.get().vector == pytest.approx(expected, abs=1e-2)


def test_the_first_model_serves_at_once(make_paper: MakePaper, tiny_model: str) -> None:
    make_paper(1)
    embed.embed_missing(tiny_model)
    assert embed.serving_model() == model()
    assert embed.is_complete(model())


def test_a_second_run_finds_nothing_to_do(make_paper: MakePaper, make_topic: MakeTopic, tiny_model: str) -> None:
    make_paper(1), make_topic("Robots")
    embed.embed_missing(tiny_model)
    assert embed.embed_missing(tiny_model) == 0


def test_newest_papers_come_first_and_the_rest_in_the_next_run(make_paper: MakePaper, tiny_model: str) -> None:
    old, new = make_paper(1, announced_on="2026-06-01"), make_paper(2, announced_on="2026-06-29")
    assert embed.embed_missing(tiny_model, limit=1) == 1
    assert PaperVector.objects.get().paper == new
    assert not embed.is_complete(model())
    assert embed.embed_missing(tiny_model, limit=1) == 1
    assert PaperVector.objects.filter(paper=old).exists()


def test_a_revised_paper_is_embedded_again_under_a_new_key(make_paper: MakePaper, tiny_model: str) -> None:
    paper = make_paper(1, "Robot grasping")
    embed.embed_missing(tiny_model)
    before = PaperVector.objects.get()
    paper.title = "Quantum error correction"
    paper.save()
    assert embed.embed_missing(tiny_model) == 1
    after = PaperVector.objects.get()
    assert after.pk > before.pk
    assert float(after.vector @ before.vector) < 0.99


def test_a_paper_touched_without_a_new_text_is_not_embedded_again(make_paper: MakePaper, tiny_model: str) -> None:
    paper = make_paper(1)
    embed.embed_missing(tiny_model)
    before = PaperVector.objects.get()
    paper.trend = 0.5
    paper.save()
    assert embed.embed_missing(tiny_model) == 0
    assert PaperVector.objects.get().pk == before.pk
    assert embed.is_complete(model())


def test_an_edited_topic_is_embedded_again(make_topic: MakeTopic, tiny_model: str) -> None:
    topic = make_topic("Robots")
    embed.embed_missing(tiny_model)
    topic.description = "Quantum error correction."
    topic.save()
    assert embed.embed_missing(tiny_model) == 1
    assert TopicVector.objects.count() == 1


def test_papers_are_put_under_topics_they_are_near_to(
    make_paper: MakePaper, make_topic: MakeTopic, tiny_model: str
) -> None:
    topic = make_topic("Robot grasping", description="Robot grasping robot grasping.")
    near = make_paper(1, "Robot grasping", abstract="Robot grasping robot grasping.")
    embed.embed_missing(tiny_model)
    filed = PaperTopic.objects.get()
    assert (filed.paper, filed.topic) == (near, topic)
    assert filed.similarity > 0.9


def test_a_paper_is_under_three_topics_at_most(
    make_paper: MakePaper, make_topic: MakeTopic, tiny_model: str, as_measured: EmbeddingModel
) -> None:
    for name in ("Robot one", "Robot two", "Robot three", "Robot four"):
        make_topic(name, description="Robot grasping.")
    make_paper(1, "Robot", abstract="Robot grasping.")
    embed.embed_missing(tiny_model)
    assert PaperTopic.objects.count() == 3


def test_looking_for_missing_papers_costs_the_same_however_many_there_are(
    make_paper: MakePaper, tiny_model: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(5):
        make_paper(n)
    embed.embed_missing(tiny_model)
    with django_assert_num_queries(5):
        embed.embed_missing(tiny_model)


IDLE = """
import django, sys
from django.conf import settings
settings.MIGRATION_MODULES = {app: None for app in ("papers", "recommender", "subscriptions")}
django.setup()
from django.core.management import call_command
call_command("migrate", run_syncdb=True, verbosity=0)
from recommender import tasks
tasks.embed_missing()
print("torch" in sys.modules)
"""


def test_torch_is_not_imported_where_nothing_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IDLE],
        env={"DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
        timeout=360,
    )
    assert done.stdout.strip() == "False", done.stderr


def test_the_task_embeds_with_the_model_of_the_settings(
    make_paper: MakePaper, tiny_model: str, settings: Settings
) -> None:
    settings.EMBEDDING_MODEL = tiny_model
    make_paper(1)
    tasks.embed_missing()
    assert model().name == tiny_model


def test_the_command_says_in_one_line_what_it_did(make_paper: MakePaper, tiny_model: str) -> None:
    make_paper(1), make_paper(2)
    out = StringIO()
    call_command("embed", model=tiny_model, limit=1, stdout=out)
    assert out.getvalue() == f"Embedded 1 papers and topics with {tiny_model}.\n"
    assert PaperVector.objects.count() == 1


def test_the_command_names_the_remedy_for_a_missing_model(make_paper: MakePaper) -> None:
    make_paper(1)
    with pytest.raises(CommandError, match="EMBEDDING_MODEL"):
        call_command("embed", model="/no/such/folder")
    assert not EmbeddingModel.objects.exists()


def test_the_command_refuses_a_negative_limit() -> None:
    with pytest.raises(CommandError, match="--limit"):
        call_command("embed", limit=-1)
