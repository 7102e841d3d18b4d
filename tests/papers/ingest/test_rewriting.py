"""What a new version's abstract says that the one before did not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.ingest.rewriting import first_new_sentence

KNOWN = "Large models are slow to train. We prune them, and lose nothing on five tasks. Code is at https://a.example/b."
NEW = "We also show that pruned models forget what they learnt first."


def test_the_first_new_sentence_is_found() -> None:
    assert first_new_sentence(KNOWN, f"{KNOWN} {NEW} In the end we ask what else may be forgotten so.") == NEW
    assert first_new_sentence(KNOWN, KNOWN.replace("Code", f"{NEW} Code")) == NEW


SAME = {
    "blanks": KNOWN.replace(" ", "\n  "),
    "a typo": KNOWN.replace("nothing", "noting"),
    "a number": KNOWN.replace("five", "six"),
    "hyphens and case": KNOWN.replace("five tasks", "FIVE-tasks"),
    "dollars and backslashes": KNOWN.replace("five", r"$\five$"),
    "the order of sentences": "We prune them, and lose nothing on five tasks. Large models are slow to train.",
    "two sentences in one": "Large models are slow to train, so we prune them, and lose nothing on five tasks.",
    "one sentence in two": KNOWN.replace(", and lose", ". And we lose"),
    "less": "Large models are slow to train.",
    "an address": KNOWN.replace("https://a.example/b", "https://another.example/of/more/words/than/before"),
    "a short remark": f"{KNOWN} It is so!",
    "nothing": "",
}


@pytest.mark.parametrize("after", SAME.values(), ids=SAME)
def test_what_is_only_written_otherwise_is_not_new(after: str) -> None:
    assert first_new_sentence(KNOWN, after) == ""


def test_where_there_was_no_text_before_nothing_is_new() -> None:
    assert first_new_sentence("", KNOWN) == ""
    assert first_new_sentence("…", KNOWN) == ""


@given(st.text(), st.text())
def test_any_text_may_come(before: str, after: str) -> None:
    found = first_new_sentence(before, after)
    assert found in " ".join(after.split())
    assert first_new_sentence(before, before) == ""
