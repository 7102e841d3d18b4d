"""Where the sentences of an abstract end."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.text.sentences import split
from recommender.embedding.sentences import LONGEST, MOST, excerpts, opening


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("We follow Smith et al. (2020), i.e. their method. It works very well.", 2),
        ("As Fig. 3 and Sec. 4 show, this holds. See Eq. (2) vs. Table 1 for more.", 2),
        ("The loss falls to 0.25. The error falls by 3.5 percent in all cases.", 2),
        ("A theorem by J. R. Doe and A. Turing is proved. We give a second proof.", 2),
        ("It is stated on p. 12 in vol. 3 of the collected works. It is wrong there.", 2),
        ("The model scores 7 out of 10. Reasoning adds two points to each of them.", 2),
        ("It is backed by the U.S. Treasury and others. We look at all of them.", 2),
        ("Does it generalise to robots? Yes, and faster than we thought! So we say.", 3),
        ("We ask two things (is it true? Is it new?) of each paper. Both are hard.", 2),
        ("1. First we learn the model. 2. Then we use it on data of another kind.", 2),
        ('They call it "solved." We do not believe that it is solved at all.', 2),
        ("Code is at https://example.org/code. https://example.org has the data too.", 2),
        ("The first part is long enough here. iOS and mRNA may begin a sentence.", 2),
        ("It depends on x. where x is small. e.g. in the plane, it is even smaller.", 1),
        ("It takes approx. 12 hours, as Eqns. 3 to 5 and Sects. 2 and 3 of it say. It was tried.", 2),
        ("One sentence without an end", 1),
        ("", 0),
        ("   ", 0),
        ("...", 1),
    ],
)
def test_a_full_stop_ends_a_sentence_only_where_one_ends(text: str, count: int) -> None:
    assert len(split(text)) == count


def test_fragments_stand_at_the_head_of_what_follows() -> None:
    text = "Results. We improve on the state of the art. Why? Because the data are larger. Conclusions. It works."
    assert split(text) == [
        "Results. We improve on the state of the art.",
        "Why? Because the data are larger.",
        "Conclusions. It works.",
    ]


def test_lines_and_blanks_become_one_blank() -> None:
    assert split("We learn\n  to grasp.\n\nIt   works well.") == ["We learn to grasp.", "It works well."]


@given(st.text(max_size=2000) | st.text(alphabet="Ab1. ?!()\n", max_size=500))
def test_nothing_of_any_text_is_lost(text: str) -> None:
    assert " ".join(split(text)) == " ".join(text.split())


@given(st.text(alphabet="Abc. ", max_size=9000))
def test_what_is_kept_for_quoting_is_bounded(text: str) -> None:
    kept = excerpts(text)
    assert len(kept) <= MOST
    assert bool(kept) == bool(text.split())
    assert all(0 < len(one) <= LONGEST for one in kept)


def test_a_long_sentence_is_cut_after_a_whole_word() -> None:
    [kept] = excerpts("word " * 200)
    assert kept.endswith("word…")


def test_a_megabyte_without_an_end_is_read_in_one_go() -> None:
    assert len(split("word " * 200_000)) == 1
    assert len(split("A sentence. " * 80_000)) > 1000


def test_real_abstracts_have_eight_or_nine_sentences(shared_data: Path) -> None:
    with gzip.open(shared_data / "papers" / "arxiv_2026Q2.jsonl.gz", "rt") as lines:
        abstracts = [json.loads(line)["abstract"] for line, _ in zip(lines, range(500), strict=False)]
    counts = [len(split(abstract)) for abstract in abstracts]
    assert 7 < sum(counts) / len(counts) < 9
    assert sum(count > MOST for count in counts) <= 5


@pytest.mark.parametrize(
    ("texts", "before"),
    [
        (["Robots are everywhere.", "Grasping is hard.", "We propose a gripper.", "It works."], 2),
        (["This paper studies grippers.", "We find them useful."], 0),
        (["Grippers are useful.", "So are hands."], 0),
        (["The US uses robots.", "Our gripper is soft."], 1),
        ([], 0),
    ],
)
def test_what_was_known_stands_before_what_a_paper_says_of_itself(texts: list[str], before: int) -> None:
    assert opening(texts) == before
