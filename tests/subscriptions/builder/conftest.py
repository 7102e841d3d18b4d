"""A small world for previews: papers of some days with a tiny real model, topics, and a query encoder that answers."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Thread

import pytest
from pytest_django import Settings

from papers.models import Edition, EditionEntry, Paper, Topic
from recommender.candidates import background
from recommender.cosines import AS_MEASURED
from recommender.embedding import embed, sentence_vectors
from recommender.encoding import query_encoder
from recommender.models import EmbeddingModel
from tests import tiny_model as tiny
from tests.subscriptions.conftest import MORNING, TODAY

PAPERS, DAYS = 120, 12
SUBJECTS = (
    "robot grasping learning with a gripper hand and camera",
    "quantum error correction code for a noisy processor",
    "protein folding and the language of proteins",
    "speech and language learning from audio recordings",
)
FILLING = ("new", "large", "method", "works", "better", "many", "hard", "cases", "earlier", "ones", "scale", "prove")
PEOPLE = ("Ada Lovelace", "Mary Somerville", "Émilie du Châtelet", "Grace B. Hopper", "Maria Agnesi", "Y. LeCun")


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny.build(tmp_path_factory.mktemp("tiny")))


@pytest.fixture
def encoder_answers(settings: Settings) -> Iterator[None]:
    """A query encoder in a thread of this process, behind its real socket."""
    with tempfile.TemporaryDirectory(prefix="pr") as folder:
        settings.QUERY_ENCODER_SOCKET = Path(folder) / "encoder.sock"
        settings.QUERY_ENCODER_TIMEOUT = 60.0
        with query_encoder.Server(settings.QUERY_ENCODER_SOCKET) as server:
            thread = Thread(target=server.serve_forever, daemon=True)
            thread.start()
            yield
            server.shutdown()
            thread.join()


@pytest.fixture
def world(db: None, tiny_model: str, settings: Settings) -> list[Paper]:
    """Papers of twelve days, ten a day: four subjects in other words each time, some noticed, some featured."""
    settings.EMBEDDING_PRECISION = "float32"
    EmbeddingModel.objects.create(
        name=tiny_model, dimension=tiny.DIMENSION, serving=True, calibration=AS_MEASURED.as_data()
    )
    papers = _papers(Random(7))
    for number, words in enumerate(SUBJECTS):
        name = words.split()[0].capitalize()
        Topic.objects.create(slug=f"topic-{number}", name=name, field="cs", description=words, categories=["cs.LG"])
    embed.embed_missing(tiny_model)
    background.refresh(MORNING)
    sentence_vectors.embed_missing(TODAY, 7)
    return papers


def _papers(random: Random) -> list[Paper]:
    made = [_paper(number, random) for number in range(PAPERS)]
    Paper.objects.bulk_create(made)
    editions = [Edition.objects.create(date=TODAY - timedelta(days=ago)) for ago in range(DAYS)]
    EditionEntry.objects.bulk_create(
        EditionEntry(edition=editions[number % DAYS], paper=paper, featured=number % 40 == 0, hidden=number % 37 == 36)
        for number, paper in enumerate(made)
    )
    # Papers that took off days after they were announced, one of them hidden then and one now.
    EditionEntry.objects.bulk_create(
        EditionEntry(edition=editions[day], paper=made[number], reason="took off", hidden=number == 18)
        for day, number in ((0, 9), (1, 21), (0, 18), (2, 36))
    )
    return made


def _paper(number: int, random: Random) -> Paper:
    own = SUBJECTS[number % len(SUBJECTS)].split() + random.sample(FILLING, 8)
    random.shuffle(own)
    title = " ".join(own[:6]) + (f", part {1 + number // 60}" if number % 30 == 3 else "")
    return Paper(
        identifier=f"2606.{number:05d}",
        title=title,
        abstract=f"We study {' '.join(own)}. It {' '.join(random.sample(FILLING, 6))}. We name it {number}.",
        authors=random.sample(PEOPLE, 2),
        organization="Deep Robots Lab" if number % 11 == 0 else "",
        categories=["cs.LG"],
        trend=random.choice([None, round(random.random(), 2), 0.95]),
    )
