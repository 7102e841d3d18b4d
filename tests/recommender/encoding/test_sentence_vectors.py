"""Sentences of today's candidates: embedded once, after the papers, and gone when the paper cannot be sent any more."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import numpy as np
import pytest
import time_machine
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries, Settings

from papers.models import Paper
from recommender import tasks
from recommender.cosines import AS_MEASURED
from recommender.embedding import embed, sentence_vectors
from recommender.encoding import encoder
from recommender.models import EmbeddingModel, PaperSentences, PaperVector
from recommender.vectors import pack
from tests.recommender.conftest import TODAY, leaning

pytestmark = pytest.mark.django_db
MakePaper = Callable[..., Paper]
GRASPING, PROTEINS = "Robot grasping, learning robot grasping.", "Protein folding by language."


@pytest.fixture
def paper(make_paper: MakePaper, tiny_model: str) -> Paper:
    """A candidate with a vector of its own, whose sentences are not embedded yet."""
    paper = make_paper(1, abstract=f"{GRASPING} {PROTEINS}")
    embed.embed_missing(tiny_model)
    return paper


def serving() -> EmbeddingModel:
    return EmbeddingModel.objects.get(serving=True)


def nearest(paper: Paper, words: str) -> str:
    [vector] = encoder.load(serving().name).encode([words])
    return sentence_vectors.nearest([(paper.pk, vector)], serving())[0]


def test_the_sentence_nearest_to_an_interest_is_told(paper: Paper) -> None:
    assert sentence_vectors.embed_missing(TODAY, 7) == 1
    assert nearest(paper, GRASPING) == GRASPING
    assert nearest(paper, PROTEINS) == PROTEINS


def test_a_batch_is_answered_in_its_order_by_two_queries_and_the_next_by_one(
    paper: Paper,
    make_paper: MakePaper,
    tiny_model: str,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bare = make_paper(2, abstract="")
    embed.embed_missing(tiny_model)
    sentence_vectors.embed_missing(TODAY, 7)
    robots, proteins = encoder.load(tiny_model).encode([GRASPING, PROTEINS])
    model = serving()
    wanted = [(paper.pk, proteins), (bare.pk, robots), (paper.pk, robots), (12345, robots)]
    monkeypatch.setattr(sentence_vectors, "kept", {})
    for queries in (2, 1):
        with django_assert_num_queries(queries):
            assert sentence_vectors.nearest(wanted, model) == [PROTEINS, "", GRASPING, ""]


def test_what_a_process_keeps_in_memory_is_bounded(
    paper: Paper, make_paper: MakePaper, tiny_model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_paper(2, abstract=GRASPING)
    embed.embed_missing(tiny_model)
    sentence_vectors.embed_missing(TODAY, 7)
    monkeypatch.setattr(sentence_vectors, "kept", {})
    monkeypatch.setattr(sentence_vectors, "KEPT", 1)
    assert [nearest(one, GRASPING) for one in (paper, other, paper)] == [GRASPING] * 3
    assert len(sentence_vectors.kept) == 1


def test_sentences_are_as_people_read_them(make_paper: MakePaper, tiny_model: str) -> None:
    paper = make_paper(1, abstract=r"K\"ahler manifolds are smooth.", plain_abstract="Kähler manifolds are smooth.")
    embed.embed_missing(tiny_model)
    sentence_vectors.embed_missing(TODAY, 7)
    assert nearest(paper, "learning") == "Kähler manifolds are smooth."


def test_a_paper_is_done_once_even_if_it_has_no_abstract(paper: Paper, make_paper: MakePaper, tiny_model: str) -> None:
    make_paper(2, abstract="")
    embed.embed_missing(tiny_model)
    assert sentence_vectors.embed_missing(TODAY, 7) == 2
    assert sentence_vectors.embed_missing(TODAY, 7) == 0


def test_only_candidates_of_today_are_done_newest_first_within_the_limit(
    make_paper: MakePaper, tiny_model: str
) -> None:
    make_paper(1, day=TODAY - timedelta(days=8))
    _, newest = make_paper(2), make_paper(3)
    embed.embed_missing(tiny_model)
    assert sentence_vectors.embed_missing(TODAY, 7, limit=1) == 1
    assert PaperSentences.objects.get().paper == newest
    assert sentence_vectors.embed_missing(TODAY, 7) == 1


def test_a_paper_without_a_vector_of_its_own_waits_for_it(paper: Paper, make_paper: MakePaper) -> None:
    make_paper(2)
    assert sentence_vectors.embed_missing(TODAY, 7) == 1
    assert PaperSentences.objects.get().paper == paper


def test_sentences_go_when_the_paper_is_a_candidate_no_more(paper: Paper) -> None:
    sentence_vectors.embed_missing(TODAY, 7)
    sentence_vectors.embed_missing(TODAY + timedelta(days=6), 7)
    assert PaperSentences.objects.exists()
    sentence_vectors.embed_missing(TODAY + timedelta(days=7), 7)
    assert not PaperSentences.objects.exists()


def test_a_revised_abstract_is_split_and_embedded_again(paper: Paper, tiny_model: str) -> None:
    sentence_vectors.embed_missing(TODAY, 7)
    paper.abstract = "Quantum error correction is the new subject."
    paper.save()
    embed.embed_missing(tiny_model)
    assert not PaperSentences.objects.exists()
    sentence_vectors.embed_missing(TODAY, 7)
    assert nearest(paper, GRASPING) == paper.abstract


def test_a_new_model_has_no_sentence_until_it_serves(paper: Paper, tiny_model: str, other_model: str) -> None:
    sentence_vectors.embed_missing(TODAY, 7)
    embed.embed_missing(other_model)
    new = EmbeddingModel.objects.get(name=other_model)
    assert sentence_vectors.nearest([(paper.pk, np.ones(16, np.float32))], new) == [""]
    embed.promote(new)
    assert sentence_vectors.embed_missing(TODAY, 7) == 1
    assert set(PaperSentences.objects.values_list("model", flat=True)) == {new.pk}


def test_before_anything_is_embedded_there_is_nothing_to_do() -> None:
    assert sentence_vectors.embed_missing(TODAY, 7) == 0


@time_machine.travel(TODAY)
def test_the_task_does_the_papers_first_and_then_the_sentences(
    make_paper: MakePaper, tiny_model: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMBEDDING_MODEL = tiny_model
    monkeypatch.setattr(embed, "AT_ONCE", 2)
    for number in range(3):
        make_paper(number)
    tasks.embed_missing()
    assert (PaperVector.objects.count(), PaperSentences.objects.count()) == (2, 0)
    tasks.embed_missing()
    assert (PaperVector.objects.count(), PaperSentences.objects.count()) == (3, 3)


def test_an_encoder_that_cannot_be_loaded_is_a_line_in_the_log(
    paper: Paper, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    EmbeddingModel.objects.update(name="/no/such/folder")
    assert sentence_vectors.feed(TODAY, 7) == 0


@time_machine.travel(TODAY)
def test_the_command_embeds_sentences_too_and_says_so(make_paper: MakePaper, tiny_model: str) -> None:
    make_paper(1), make_paper(2)
    out = StringIO()
    call_command("embed", model=tiny_model, stdout=out)
    assert "the sentences of 2 papers" in out.getvalue()


@pytest.mark.parametrize(("known_before", "told"), [(0.70, "We make grippers."), (0.90, "Robots grasp.")])
def test_what_a_paper_says_of_itself_is_told_unless_what_was_known_is_much_nearer(
    paper: Paper, known_before: float, told: str
) -> None:
    EmbeddingModel.objects.update(calibration=AS_MEASURED.as_data())
    texts = ["Robots grasp.", "We make grippers.", "They hold."]
    vectors = np.stack([leaning(0, weight, 5 + at, 32) for at, weight in enumerate([known_before, 0.62, 0.3])])
    row = {"texts": texts, "vectors": pack(vectors), "text_hash": f"{known_before:016}".encode()}
    PaperSentences.objects.create(paper=paper, model=serving(), **row)
    assert sentence_vectors.nearest([(paper.pk, np.eye(32, dtype=np.float32)[0])], serving()) == [told]
