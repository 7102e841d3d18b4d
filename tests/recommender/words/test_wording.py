"""The words that a paper shares with a reader, as the paper writes them."""

import numpy as np
import pytest

from recommender.words.lexicon import Terms, key
from recommender.words.wording import TELLING, of, shared


def reader(**weights: float) -> Terms:
    """Terms by their weights; an underscore stands for the space in a pair."""
    found = sorted((key(term.replace("_", " ")), weight) for term, weight in weights.items())
    keys, values = zip(*found, strict=True) if found else ((), ())
    return Terms(np.array(keys, dtype=np.uint32), np.array(values, dtype=np.float32))


TEXT = "Grasping with LoRA: a Self-Supervised Robot. The robot arms of hands, and grasping tools\nQuietly"


@pytest.mark.parametrize(
    ("weights", "names"),
    [
        ({"lora": 0.3, "grasping": 0.2}, ["LoRA", "Grasping"]),
        ({"lora": 0.2, "grasping": 0.3}, ["Grasping", "LoRA"]),
        ({"self_supervised": 0.3}, ["Self-Supervised"]),
        ({"supervised_robot": 0.3}, ["Supervised Robot"]),
        ({"arms_hands": 0.3}, ["arms hands"]),  # not "arms of hands", which the reader's papers need not say
        ({"robot_robot": 0.3}, ["Robot robot"]),  # over the end of a sentence
        ({"tools_quietly": 0.3}, ["tools Quietly"]),  # over the end of the title
        ({"robot": 0.3, "robot_arms": 0.2}, ["robot arms"]),  # the pair says more, and no word comes twice
        ({"robot": 0.3, "robot_arms": 0.1}, ["Robot"]),
        ({"lora": TELLING - 0.01}, []),
        ({"quantum": 0.9}, []),
        ({}, []),
    ],
)
def test_a_reason_quotes_the_words_that_weigh_most(weights: dict[str, float], names: list[str]) -> None:
    assert shared(reader(**weights), of(TEXT), 3) == names


def test_no_more_words_than_wanted_are_quoted() -> None:
    assert shared(reader(lora=0.3, grasping=0.2, hands=0.1), of(TEXT), 2) == ["LoRA", "Grasping"]


@pytest.mark.parametrize("text", ["", "a the of", "∑ × 7"])
def test_a_text_without_words_shares_none(text: str) -> None:
    assert shared(reader(lora=0.9), of(text), 3) == []
