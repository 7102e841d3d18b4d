"""What comes of texts and encoders that are not as they should be: something clear, and never a crash of the rest."""

from collections.abc import Callable

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from papers.models import Paper
from recommender import tasks
from recommender.embedding import embed, sentence_vectors
from recommender.encoding import encoder
from recommender.models import EmbeddingModel, PaperSentences, PaperVector
from recommender.vectors import unit_or_nan
from tests.recommender.conftest import TODAY

MakePaper = Callable[..., Paper]
ODD = {
    "nothing": "",
    "blanks": " \n\t ",
    "a megabyte": "robot grasping " * 70_000,
    "a word of a megabyte": "a" * 1_000_000,
    "another language": "Грамматика русского языка. 我们研究机器人的抓取。",
    "signs alone": "\0\x07 \u200b\ufeff … \U0001f916 \ud7ff",
    "TeX": r"$\frac{a}{b}$ \begin{equation}",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("name", ["tiny_model", encoder.PACKAGED])
def test_any_text_becomes_a_unit_vector(text: str, name: str, request: pytest.FixtureRequest) -> None:
    name = request.getfixturevalue(name) if name == "tiny_model" else name
    vectors = encoder.load(name).encode([text, "robot"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
@pytest.mark.django_db
def test_an_odd_abstract_is_embedded_with_its_sentences_like_any_other(
    text: str, make_paper: MakePaper, tiny_model: str
) -> None:
    text = text.replace("\0", "")  # which no database stores
    make_paper(1, abstract=text), make_paper(2)
    assert embed.embed_missing(tiny_model) == 2
    assert sentence_vectors.embed_missing(TODAY, 7) == 2
    texts = list(PaperSentences.objects.order_by("paper").values_list("texts", flat=True))
    assert len(texts) == 2
    assert texts[1]  # of the paper beside it, whose abstract is an ordinary one
    assert all(len(sentence) <= 400 for of_paper in texts for sentence in of_paper)


def test_a_text_is_read_no_further_than_its_beginning(tiny_model: str) -> None:
    start = "robot " * 10_000
    vectors = encoder.load(tiny_model).encode([start, f"{start} quantum error correction"])
    assert np.array_equal(vectors[0], vectors[1])


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_a_row_without_a_direction_is_told_from_the_others(bad: float) -> None:
    rows = unit_or_nan(np.array([[3.0, 4.0], [bad, bad]]))
    assert rows[0] == pytest.approx([0.6, 0.8])
    assert np.isnan(rows[1]).all()


def test_an_encoder_that_gives_no_direction_names_the_remedy(poisoned_model: str) -> None:
    with pytest.raises(encoder.ModelUnfit, match=r"zero or not finite\. Set EMBEDDING_MODEL"):
        encoder.load(poisoned_model).encode(["quantum robot", "robot"])


@pytest.mark.django_db
def test_a_paper_without_a_usable_vector_is_named_and_holds_up_no_other(
    make_paper: MakePaper, poisoned_model: str, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = make_paper(1, "Quantum robot"), make_paper(2, "Robot")
    embed.embed_missing(poisoned_model)
    assert PaperVector.objects.get().paper == good
    assert bad.identifier in caplog.text


@pytest.mark.django_db
def test_an_encoder_that_is_no_good_for_any_paper_stores_nothing_and_is_told_in_one_line(
    make_paper: MakePaper, poisoned_model: str
) -> None:
    make_paper(1, "Quantum robot"), make_paper(2, "Quantum learning")
    with pytest.raises(CommandError, match=r"no usable vector for .* Set EMBEDDING_MODEL"):
        call_command("embed", model=poisoned_model)
    assert not PaperVector.objects.exists()


@pytest.mark.django_db
def test_a_sentence_without_a_usable_vector_is_never_the_nearest(make_paper: MakePaper, poisoned_model: str) -> None:
    told = "Robot grasping by learning language."
    paper = make_paper(1, "Robot", abstract=f"Robot learning. {told}")
    embed.embed_missing(poisoned_model)
    Paper.objects.update(abstract=f"Quantum error correction is the first sentence. {told}")
    sentence_vectors.embed_missing(TODAY, 7)
    [vector] = encoder.load(poisoned_model).encode([told])
    assert sentence_vectors.nearest([(paper.pk, vector)], EmbeddingModel.objects.get()) == [told]


@pytest.fixture
def stored_otherwise(make_paper: MakePaper, tiny_model: str) -> EmbeddingModel:
    """Vectors of 16 dimensions are stored under the name of a model that has 32 now."""
    model = EmbeddingModel.objects.create(name=tiny_model, dimension=16, serving=True)
    vector = np.full(16, 0.25, dtype=np.float32)
    paper = make_paper(1)
    text = embed.text_hash(embed.paper_text(paper))
    PaperVector.objects.create(
        paper=paper, model=model, vector=vector, text_hash=text, paper_updated_at=paper.updated_at
    )
    make_paper(2)
    return model


@pytest.mark.django_db
def test_a_model_that_changed_its_dimension_under_its_name_is_refused_with_the_remedy(
    stored_otherwise: EmbeddingModel, tiny_model: str
) -> None:
    with pytest.raises(CommandError, match=r"32 dimensions now, but .* 16, .* a folder of its own"):
        call_command("embed", model=tiny_model)
    assert {len(row.vector) for row in PaperVector.objects.all()} == {16}


@pytest.mark.django_db
def test_its_worker_goes_on_and_mixes_nothing(
    stored_otherwise: EmbeddingModel, tiny_model: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMBEDDING_MODEL = tiny_model
    tasks.embed_missing()
    assert "dimensions now" in caplog.text
    assert {len(row.vector) for row in PaperVector.objects.all()} == {16}
    assert not PaperSentences.objects.exists()
