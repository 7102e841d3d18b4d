import json
from dataclasses import replace

import numpy as np

from recommender.ranking import evidence
from recommender.ranking.interest_clusters import Subject, of_texts
from recommender.ranking.pick_reason import reason
from recommender.ranking.reader import Pick, Reader, ReaderInterest
from recommender.words import lexicon
from tests.recommender.conftest import candidates, unmeasured

TEXT = "LoRA makes Reward Hacking worse. Reward hacking is bad."
POOL = candidates([np.eye(2)[0]], texts=[TEXT])
VOCABULARY = lexicon.learn([TEXT, TEXT.lower()])
LEARNED = unmeasured(VOCABULARY, 2)
TOPIC = ReaderInterest(4, "topic", "Robots <3", tuple(of_texts([TEXT], np.eye(2)[:1], LEARNED)))
WORDS = ReaderInterest(6, "text", "reward hacking", tuple(of_texts(["reward hacking, LORA"], np.eye(2)[:1], LEARNED)))
TWO_SUBJECTS = ReaderInterest(
    5, "papers", "papers you named", (Subject(np.eye(2)[0], papers=("2606.00001",)), Subject(np.eye(2)[1]))
)
READER = Reader(1, (TOPIC, TWO_SUBJECTS, WORDS), frozenset(), 10, 0.5, 0.35)


def pick(**fields: object) -> Pick:
    known = {"paper_id": 9, "score": 0.6, "relevance": 0.512, "trend": 0.964, "interest_id": 4, "interest_at": 0}
    return Pick(**{**known, "subject_at": 0, "at": 0, **fields})


def test_a_reason_names_the_interest_the_closeness_and_the_trend() -> None:
    found = reason(pick(), READER, POOL)
    assert (found["kind"], found["label"]) == ("topic", "Robots <3")
    assert (found["closeness"], found["closeness_words"]) == (0.51, "very close")
    assert (found["trend"], found["trend_words"]) == (0.96, "among the most noticed")
    assert not found["cold_start"]


def test_the_papers_of_the_subject_are_told() -> None:
    assert reason(pick(interest_id=5, interest_at=1), READER, POOL)["papers"] == ["2606.00001"]
    assert reason(pick(interest_id=5, interest_at=1, subject_at=1), READER, POOL)["papers"] == []
    assert reason(pick(), READER, POOL)["papers"] == []


def test_words_in_common_are_told_as_the_paper_writes_them_and_once() -> None:
    assert reason(pick(interest_id=6, interest_at=2), READER, POOL)["terms"] == ["Reward Hacking", "LoRA"]


def test_the_words_of_a_topics_description_are_no_reason() -> None:
    assert reason(pick(), READER, POOL)["terms"] == []


def test_words_that_every_tenth_paper_of_these_days_has_are_no_reason() -> None:
    others = ["Reward hacking again."] * 12 + ["Something else."] * 20
    crowded = replace(
        candidates([np.eye(2)[0]] * 33, texts=[TEXT, *others]),
        words=evidence.paper_terms(lexicon.stored(lexicon.unit_rows([TEXT, *others], VOCABULARY), VOCABULARY)),
    )
    assert reason(pick(interest_id=6, interest_at=2), READER, crowded)["terms"] == ["LoRA"]


def test_an_unknown_trend_is_not_put_into_words() -> None:
    found = reason(pick(trend=None), READER, POOL)
    assert found["trend"] is None
    assert found["trend_words"] == ""


def test_a_cold_start_is_marked() -> None:
    found = reason(pick(interest_id=None, interest_at=None, relevance=0.0), READER, POOL)
    assert found["cold_start"]
    assert found["label"] == found["closeness_words"] == ""


def test_a_paper_from_outside_is_marked_and_no_cold_start() -> None:
    found = reason(pick(interest_id=None, interest_at=None, explored=True), READER, POOL)
    assert found["explored"]
    assert not found["cold_start"]


def test_a_reason_can_be_stored_as_json() -> None:
    found = reason(pick(folded=(3, 4)), READER, POOL)
    assert json.loads(json.dumps(found)) == found
