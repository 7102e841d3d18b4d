import json

import numpy as np

from recommender.explain import reason
from recommender.ranking import Pick, Reader, ReaderInterest

TWO_PAPERS = ReaderInterest(5, "papers", "papers you named", np.eye(2, dtype=np.float32), ("2606.00001", "2606.00002"))
READER = Reader(1, (ReaderInterest(4, "topic", "Robots <3", np.eye(2)[:1]), TWO_PAPERS), frozenset(), 10, 0.5, 0.35)


def pick(**fields: object) -> Pick:
    known = {"paper_id": 9, "score": 0.6, "relevance": 0.512, "trend": 0.964, "interest_id": 4, "interest_at": 0}
    return Pick(**{**known, "nearest": 0, **fields})


def test_a_reason_names_the_interest_the_closeness_and_the_trend() -> None:
    found = reason(pick(), READER)
    assert (found["kind"], found["label"]) == ("topic", "Robots <3")
    assert (found["closeness"], found["closeness_words"]) == (0.51, "very close")
    assert (found["trend"], found["trend_words"]) == (0.96, "among the most noticed")
    assert not found["cold_start"]


def test_the_nearest_named_paper_is_told_where_it_is_known() -> None:
    assert reason(pick(interest_id=5, interest_at=1, nearest=1), READER)["nearest_paper"] == "2606.00002"
    assert reason(pick(interest_id=5, interest_at=1, nearest=7), READER)["nearest_paper"] == ""
    assert reason(pick(), READER)["nearest_paper"] == ""


def test_an_unknown_trend_is_not_put_into_words() -> None:
    found = reason(pick(trend=None), READER)
    assert found["trend"] is None
    assert found["trend_words"] == ""


def test_a_cold_start_is_marked() -> None:
    found = reason(pick(interest_id=None, interest_at=None, relevance=0.0), READER)
    assert found["cold_start"]
    assert found["label"] == found["closeness_words"] == ""


def test_a_reason_can_be_stored_as_json() -> None:
    found = reason(pick(folded=(3, 4)), READER)
    assert json.loads(json.dumps(found)) == found
