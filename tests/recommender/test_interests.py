import numpy as np
import pytest

from recommender.interests import group_papers, split_text, subjects, varied_first
from recommender.vectors import unit


def around(axis: int, count: int, spread: float = 0.05, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed + axis).normal(scale=spread, size=(count, 32)).astype(np.float32)
    noise[:, axis] += 1
    return unit(noise)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("robot grasping", ["robot grasping"]),
        ("robot grasping\nprotein folding", ["robot grasping", "protein folding"]),
        ("robot grasping; protein  folding ;", ["robot grasping", "protein folding"]),
        ("- one\r\n- two\n\n* three", ["one", "two", "three"]),
        ("same\nsame", ["same"]),
        (" ;\n ", []),
        ("a sentence, with commas, stays whole.", ["a sentence, with commas, stays whole."]),
    ],
)
def test_a_text_is_split_into_its_subjects(text: str, expected: list[str]) -> None:
    assert split_text(text) == expected


def test_a_text_names_at_most_eight_subjects() -> None:
    assert split_text("\n".join(f"subject {n}" for n in range(20))) == [f"subject {n}" for n in range(8)]


def test_few_papers_keep_a_vector_each_in_their_order() -> None:
    papers = around(0, 8)
    assert np.allclose(group_papers(papers), papers, atol=1e-6)


def test_no_papers_have_no_vectors() -> None:
    assert group_papers(np.empty((0, 32), dtype=np.float32)).shape == (0, 32)


def test_many_papers_become_eight_unit_vectors() -> None:
    grouped = group_papers(around(0, 50))
    assert grouped.shape == (8, 32)
    assert np.allclose(np.linalg.norm(grouped, axis=1), 1, atol=1e-5)


def test_a_small_subject_keeps_a_vector_of_its_own_beside_a_large_one() -> None:
    grouped = group_papers(np.vstack([around(0, 40), around(1, 10)]))
    assert grouped[:, 0].max() > 0.95
    assert grouped[:, 1].max() > 0.95
    assert (grouped[:, :2].max(axis=1) > 0.95).all(), "a mean of both subjects is near to neither"


def test_the_first_vectors_differ_most() -> None:
    grouped = group_papers(np.vstack([around(0, 40), around(1, 10)]))
    assert set(grouped[:2, :2].argmax(axis=1)) == {0, 1}


def test_the_same_papers_give_the_same_vectors() -> None:
    papers = np.vstack([around(0, 20), around(1, 20)])
    assert (group_papers(papers) == group_papers(papers)).all()


def test_varied_first_keeps_every_vector() -> None:
    papers = around(0, 5)
    assert sorted(map(tuple, varied_first(papers))) == sorted(map(tuple, papers))


def test_papers_linked_by_similar_ones_are_one_subject() -> None:
    chain = unit(np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32))
    assert subjects(chain).tolist() == [0, 0, 0, 3]
