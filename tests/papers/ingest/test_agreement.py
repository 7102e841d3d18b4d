"""Whether an entry's title and authors are those of the paper whose identifier it gives."""

import gzip
import json
import random

import pytest

from papers.ingest.agreement import Description, Verdict, compare
from tests.services import shared_data_folder

# A preprint's title, and what a journal, a later version or a database made of it.
REWORDED = [
    ("Whale song under ice", "The songs of whales below the Arctic ice cover"),
    ("SONAR-7B: Open models for hydrophones", "SONAR: an open family of foundation models for underwater sound"),
    ("Do whales plan ahead?", "Evidence for prospective cognition in cetaceans"),
    ("A note on sums of squares of primes", "Sums of squares of primes"),
    ("On the Waring–Goldbach problem, II", "The Waring-Goldbach problem: squares of primes in short intervals"),
    ("Fast matching of wide columns", "Efficient wide-column matching for digests"),
    ("Bounds for the diameter of random graphs", "The diameter of sparse random graphs"),
    ("Learning to rank papers for one reader", "Personal ranking of preprints by learned interest vectors"),
    ("Search for dark photons at the beam dump", "A search for dark photons with the NX-9 detector"),
    ("Dust in the outer disk of a young star", "ALMA resolves dust grains in the outer disk of the young star TX 9"),
    ("Spin waves in kagome lattices", "Magnon topology of kagome magnets"),
    ("Sparse attention is enough", "Block-sparse attention suffices for long documents"),
    ("Quantum codes from cubic lattices", "Cubic-lattice quantum error correction with a finite rate"),
    ("A mixed finite element for plates", "Mixed finite elements for thin plates with holes"),
    ("How fair are pulse oximeters?", "Racial bias of pulse oximetry in intensive care: a cohort study"),
    ("Gossip in rings", "Rumour spreading on the cycle"),
    ("Über die Nullstellen der Zetafunktion", "On the zeros of the zeta function"),
    ("Measuring the Hubble constant with sirens", "A standard-siren measurement of the Hubble parameter"),
    ("Tokens all the way down", "Hierarchical tokenization of program text"),
    ("Photosynthesis in the dark ocean", "Low-light photosynthesis of deep phytoplankton"),
]
AUTHORS = ["Ann Lee", "Bo van der Ek", "Jörg Müller"]
FORMS = [
    AUTHORS,
    ["Lee, A.", "van der Ek, B.", "Mueller, J."],
    ["Lee A", "Ek B"],
    ["Lee, Ann", "Ek, Bo", "Oz, Cy"],
    ["Müller, J.", "Lee, A.", "van der Ek, B."],
]


@pytest.mark.parametrize("authors", FORMS, ids=["in full", "initials", "cut short", "one more", "another order"])
@pytest.mark.parametrize(("preprint", "journal"), REWORDED)
def test_a_reworded_title_is_believed_where_the_authors_are_the_same(
    preprint: str, journal: str, authors: list[str]
) -> None:
    assert compare(Description(journal, authors), Description(preprint, AUTHORS)) == Verdict.SAME


@pytest.mark.parametrize(("preprint", "journal"), REWORDED)
def test_without_authors_a_reworded_title_is_never_called_that_of_another_paper(preprint: str, journal: str) -> None:
    for authors in ([], ["{The NX-9 Collaboration}"]):
        assert compare(Description(journal, authors), Description(preprint, AUTHORS)) != Verdict.OTHER


@pytest.mark.parametrize(
    ("title", "authors"),
    [
        ("Handbook of statistical mechanics", ["Cy Oz"]),
        ("Whale hunting in the nineteenth century", ["Dee Roe", "Eve Poe"]),
        ("A comparison of hip prostheses after ten years", ["Lee, Q.", "Oz, C.", "Roe, D.", "Poe, E.", "Kay, F."]),
        ("Teaching under stress", ["Müller, J."]),
    ],
)
def test_another_paper_is_told_even_by_somebody_of_the_same_surname(title: str, authors: list[str]) -> None:
    assert compare(Description(title, authors), Description("Whale song under ice", AUTHORS)) == Verdict.OTHER


def test_a_title_in_other_letters_denies_nothing() -> None:
    assert (
        compare(Description("冰下的鲸歌", ["李飞飞"]), Description("Whale song under ice", AUTHORS)) == Verdict.UNCLEAR
    )


@pytest.mark.parametrize("title", ["WHALE SONG UNDER ICE", "{W}hale Song under {I}ce.", "Whale songs under the ice"])
def test_the_same_title_needs_no_author(title: str) -> None:
    assert compare(Description(title, []), Description("Whale song under ice", AUTHORS)) == Verdict.SAME


def test_of_real_papers_with_identifiers_shuffled_hardly_any_is_believed() -> None:
    with gzip.open(shared_data_folder() / "papers/arxiv_2026Q1.jsonl.gz") as file:
        papers = [json.loads(line) for _, line in zip(range(1_500), file, strict=False)]
    described = [Description(paper["title"], paper["authors"]) for paper in papers]
    dice = random.Random(9)
    pairs = [dice.sample(described, 2) for _ in range(4_000)]
    assert sum(compare(one, other) != Verdict.OTHER for one, other in pairs) < 0.015 * len(pairs)
