"""A paper without a word of what a reader wrote must be nearer, and every paper for what much sounds like."""

import json
from dataclasses import replace

import numpy as np
import pytest

from recommender.cosines import SAME, Calibration, CosineScale
from recommender.encoding.encoder import PACKAGED, load, paper_text
from recommender.models import EmbeddingModel
from recommender.ranking import evidence
from recommender.ranking.breakdown import breakdown
from recommender.ranking.fusion import (
    CROWD,
    ENOUGH_WORDS,
    MOST_FOR_CROWD,
    OF_TEXT,
    USUAL_COUNTS,
    WORDLESS,
    bent,
    of_text,
    support,
)
from recommender.ranking.interest_clusters import Background, of_texts
from recommender.ranking.picks import rank, relevance, rows_of
from recommender.ranking.reader import Candidates, Reader, ReaderInterest
from recommender.words import lexicon
from recommender.words.terms import Texts
from tests.recommender.conftest import candidates, leaning, unmeasured
from tests.services import ROOT

TEXT, FOREIGN = "robot grasping", "greifende Hände"
ABOUT, APART = "Robot grasping by touch, a study of robot hands", "Sorting of parcels in a warehouse at night"
VOCABULARY = lexicon.learn([ABOUT, APART] * 2)
SCALED = CosineScale(2.0, -1.0)  # a model whose cosines lie twice as close, near 1


def papers(*found: tuple[float, str], scale: CosineScale | None = None) -> Candidates:
    """Papers with these measured cosines to the first axis and these texts."""
    cosines = [(one - scale.shift) / scale.slope if scale else one for one, _ in found]
    texts = [text for _, text in found]
    pool = candidates([leaning(0, cosine, 20 + at) for at, cosine in enumerate(cosines)])
    words = evidence.paper_terms(lexicon.stored(lexicon.unit_rows(texts, VOCABULARY), VOCABULARY))
    scales = Calibration(texts=scale).as_data() if scale else None
    model = EmbeddingModel(name="other", dimension=64, calibration=scales)
    return replace(pool, words=words, texts=Texts(texts), model=model)


def interest(text: str = TEXT, kind: str = "text", scale: CosineScale | None = None) -> ReaderInterest:
    axis = np.eye(64, dtype=np.float32)[:1]
    scales = Calibration(texts=scale) if scale else Calibration()
    return ReaderInterest(1, kind, text, tuple(of_texts([text], axis, unmeasured(VOCABULARY, 64, scales))))


def reader(one: ReaderInterest) -> Reader:
    return Reader(1, (one,), frozenset(), 10, 0.0, 0.35)


def picked(one: ReaderInterest, pool: Candidates) -> list[int]:
    return sorted(pick.paper_id for pick in rank([reader(one)], pool)[0].picks)


def test_a_paper_without_a_word_of_the_text_must_be_nearer_than_the_floor() -> None:
    pool = papers((0.36, ABOUT), (0.42, APART), (0.46, APART))
    assert picked(interest(), pool) == [100, 102]
    assert [miss.paper_id for miss in rank([reader(interest())], pool)[0].near_misses] == [101]


@pytest.mark.parametrize("kind", ["topic", "papers", "feedback"])
def test_other_interests_are_judged_as_before(kind: str) -> None:
    pool = papers((0.46, APART))
    assert picked(interest(kind=kind), pool) == [100]
    without_words = replace(pool, words=evidence.paper_terms([]))
    assert rows_of(interest(kind=kind), pool) == pytest.approx(rows_of(interest(kind=kind), without_words))


def test_few_words_are_better_than_none_and_many_are_no_reason_for_more() -> None:
    words = np.array([0, ENOUGH_WORDS / 2, ENOUGH_WORDS, 0.5], dtype=np.float32)
    assert support(words).tolist() == pytest.approx([-WORDLESS, -WORDLESS / 2, 0, 0], abs=1e-6)
    pool = papers((0.4, APART), (0.4, ABOUT))
    cosines = evidence.words(evidence.stacked(interest().subjects), pool.words)
    expected = bent(0.4 + 0.5 * cosines + support(cosines))
    assert rows_of(interest(), pool) == pytest.approx(expected, abs=1e-5)


def test_a_text_in_another_language_is_judged_by_its_meaning() -> None:
    assert picked(interest(FOREIGN), papers((0.36, APART))) == [100]
    mixed = interest(f"{FOREIGN} at night in warehouse zwei drei")
    assert picked(mixed, papers((0.36, ABOUT))) == [100]
    assert not len(mixed.subjects[0].terms.keys)


def test_before_words_were_learned_texts_are_judged_by_their_meaning() -> None:
    unread = replace(papers((0.36, APART)), words=evidence.paper_terms([]))
    assert picked(interest(), unread) == [100]


def test_a_model_with_other_cosines_is_asked_for_words_alike() -> None:
    measured = [(0.36, ABOUT), (0.42, APART), (0.46, APART)]
    same = interest(scale=SCALED)
    assert picked(same, papers(*measured, scale=SCALED)) == [100, 102]
    told = rows_of(same, papers(*measured, scale=SCALED))
    assert told == pytest.approx(rows_of(interest(), papers(*measured)), abs=1e-4)


def crowd(near: float, share: float, scale: CosineScale = SAME, count: int = 1000) -> float:
    """What a text loses of which that share of a background has this measured cosine, and the rest none."""
    cosines = np.zeros(count, dtype=np.float32)
    cosines[: round(share * count)] = near
    raw = ((cosines - scale.shift) / scale.slope).astype(np.float32)
    return OF_TEXT.by(scale).constant - of_text(raw, np.zeros(count, dtype=np.float32), scale).constant


@pytest.mark.parametrize("scale", [SAME, SCALED], ids=["packaged", "other"])
def test_a_text_that_many_papers_are_near_to_asks_for_nearer_ones(scale: CosineScale) -> None:
    counted = 1000 / (1000 + USUAL_COUNTS)
    assert crowd(0.41, 2 * CROWD, scale) == pytest.approx(0.06 * counted, abs=1e-5)
    assert crowd(0.41, CROWD / 2, scale) == pytest.approx(0), "no more papers than many a text has"
    assert crowd(0.34, 1, scale) == pytest.approx(0), "none of them is near enough to be sent"
    assert crowd(0.9, 1, scale) == pytest.approx(MOST_FOR_CROWD * counted, abs=1e-5)


def test_a_small_background_says_little_of_the_crowd_and_none_says_nothing() -> None:
    assert crowd(0.45, 1, count=USUAL_COUNTS) == pytest.approx(MOST_FOR_CROWD / 2, abs=1e-5)
    assert crowd(0.45, 1, count=0) == 0


def test_words_in_common_make_a_crowd_as_well() -> None:
    cosines, words = np.full(1000, 0.3, dtype=np.float32), np.full(1000, 0.2, dtype=np.float32)
    assert of_text(cosines, words, SAME).constant == pytest.approx(-0.05 * 1000 / (1000 + USUAL_COUNTS), abs=1e-5)


def test_a_text_is_measured_against_the_background_and_what_falls_out_is_a_near_miss() -> None:
    axis = np.eye(64, dtype=np.float32)[:1]
    near = np.stack([leaning(0, 0.41, 20 + at % 40) for at in range(1000)])
    learned = Background(1, VOCABULARY, near, lexicon.unit_rows([APART] * 1000, VOCABULARY))
    crowded = ReaderInterest(1, "text", TEXT, tuple(of_texts([TEXT], axis, learned)))
    pool = papers((0.36, ABOUT), (0.36, APART), (0.42, ABOUT))
    few = replace(pool, words=evidence.paper_terms([]))
    assert picked(interest(), few) == [100, 101, 102]
    assert picked(crowded, few) == [102]
    assert {miss.paper_id for miss in rank([reader(crowded)], few)[0].near_misses} == {100, 101}


def test_the_breakdown_of_a_pick_adds_up() -> None:
    pool, asker = papers((0.5, APART), (0.5, ABOUT)), reader(interest())
    parts = {pick.paper_id: breakdown(pick, asker, pool) for pick in rank([asker], pool)[0].picks}
    assert parts[100].nearness
    assert parts[101].nearness
    assert parts[100].nearness.wordless == pytest.approx(-WORDLESS)
    assert parts[101].nearness.wordless == 0
    assert parts[100].nearness.total() == pytest.approx(parts[100].relevance, abs=1e-5)
    assert parts[100].relevance == pytest.approx(0.4, abs=1e-5)


def test_a_batch_is_judged_as_each_alone() -> None:
    pool = papers((0.36, ABOUT), (0.42, APART))
    mixed = [(one.subjects[0], one.kind) for one in (interest(kind="topic"), interest(), interest("sorting parcels"))]
    alone = np.concatenate([relevance([one], pool) for one in mixed])
    assert relevance(mixed, pool) == pytest.approx(alone, abs=1e-6)


def test_a_paper_on_embeddings_of_speech_is_not_sent_for_inference_over_long_contexts() -> None:
    """With the bundled sample and the packaged encoder; it was 39 % alike and shares no word but common ones."""
    rows = [json.loads(line) for line in (ROOT / "papers" / "sample" / "papers.jsonl").read_text().splitlines()]
    texts = [paper_text(row["title"], row["abstract"]) for row in rows]
    vocabulary, n = lexicon.learn(texts), len(rows)
    words = evidence.paper_terms(lexicon.stored(lexicon.unit_rows(texts, vocabulary), vocabulary))
    unknown = np.full(n, np.nan, dtype=np.float32)
    plain = (np.zeros(n, np.bool_), np.zeros(n, np.int64), Texts(texts), words)
    pool = Candidates(np.arange(n), load(PACKAGED).encode(texts), unknown, *plain)
    text = "efficient inference for long context language models"
    learned = Background(1, vocabulary, pool.vectors, lexicon.unit_rows(texts, vocabulary))
    subjects = of_texts([text], load(PACKAGED).encode_queries([text]), learned)
    titles = [rows[at]["title"] for at in picked(ReaderInterest(1, "text", text, tuple(subjects)), pool)]
    assert any("Long-Context" in title for title in titles)
    assert not any("Non-Sequential Embedding" in title for title in titles)
