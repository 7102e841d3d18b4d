import pytest

from papers.text.parts import part_of


@pytest.mark.parametrize(
    ("title", "work", "number"),
    [
        ("Sums of squares I", "sums of squares", 1),
        ("Sums of squares II: the proof", "sums of squares", 2),
        ("Sums of squares. III. The proof", "sums of squares", 3),
        ("Sums of squares, Part 1", "sums of squares", 1),
        ("Sums of squares (Part B)", "sums of squares", 2),
        ("Sums of squares -- Part II: The proof", "sums of squares", 2),
        ("Sums of squares (1/2)", "sums of squares", 1),
        ("Sums of squares, 2nd part", "sums of squares", 2),
        ("Sums of squares: first part", "sums of squares", 1),
        ("The survey of whales: Paper III", "the survey of whales", 3),
        ("Part two: the song of whales", "the song of whales", 2),
        ("Sums of squares, Vol. 2", "sums of squares", 2),
        ("Sums of squares, pt. IV", "sums of squares", 4),
    ],
)
def test_a_title_says_which_part_of_which_work_it_is(title: str, work: str, number: int) -> None:
    assert part_of(title) == (work, number)


@pytest.mark.parametrize(
    "title",
    [
        "Sums of squares",
        "A part of the truth",
        "PTC-Depth: depth with consistency",
        "On the rate of I.I.D. signals",
        "I, robot: machines that say what they are",
        "The first paper of a kind",
        "Part I",
        "Whales II",
        "Attention is all we need in 2 parts of the brain",
        "",
    ],
)
def test_other_titles_name_a_work_of_their_own(title: str) -> None:
    assert part_of(title) is None
