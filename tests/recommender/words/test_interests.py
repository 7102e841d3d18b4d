import pytest

from recommender.words.free_text import split_text


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
