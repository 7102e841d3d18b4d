"""Names as people type them and as papers print them, and the papers that they stand on."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.evaluation import readers, table
from recommender.evaluation.matching import shared_names
from recommender.words import authors as module
from recommender.words import names
from recommender.words.authors import Authors, best_known, lab_text, people_of
from recommender.words.phrases import Phrases


def follows(typed: str, printed: str) -> bool:
    return bool(Authors([[printed]]).found(typed))


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Yann LeCun", "Yann LeCun"),
        ("LeCun, Yann", "Yann Lecun"),
        ("yann lecun", "LeCun, Yann"),
        ("Y. LeCun", "Yann LeCun"),
        ("LeCun, Y.", "Yann LeCun"),
        ("LeCun Y", "Yann LeCun"),
        ("Smith J A", "John A. Smith"),
        ("Geoffrey Hinton", "Geoffrey E. Hinton"),
        ("Geoffrey E. Hinton", "Geoffrey Hinton"),
        ("Michael I. Jordan", "Michael Irwin Jordan"),
        ("Michael Irwin Jordan", "Michael I. Jordan"),
        ("Hal Daumé III", "Hal Daume"),
        ("Smith, John, Jr.", "John Smith"),
        ("Smith Jr., John", "John Smith"),
        ("Jörg Müller", "Joerg Mueller"),
        ("Joerg Mueller", "Jörg Müller"),
        ("Soren Kierkegaard", "Søren Kierkegaard"),
        ("Lukasz Kaiser", "Łukasz Kaiser"),
        ("Wei Hsiang Liao", "Wei-Hsiang Liao"),
        ("Weihsiang Liao", "Wei-Hsiang Liao"),
        ("J.-P. Serre", "Jean-Pierre Serre"),
        ("J. Smith", "John A. Smith"),
        ("Shinichi Satoh", "Shin'ichi Satoh"),
        ("Noel O’Connor", "Noel E. O'Connor"),
        ("van der Schaar, Mihaela", "Mihaela van der Schaar"),
        ("Schaar, Mihaela van der", "Mihaela Van der Schaar"),
        ("García Márquez, Gabriel", "Gabriel Garcia Marquez"),
        ("Wil van der Aalst", "Wil M. P. van der Aalst"),
        ("Naofal Aldhahir", "Naofal Al-Dhahir"),
        ("Z.Z. Ren", "Z. Z. Ren"),
        ("DeepSeek-AI", "DeepSeek-AI"),
        ("李飞飞", "李飞飞"),
    ],
)
def test_a_followed_person_is_recognised(typed: str, printed: str) -> None:
    assert follows(typed, printed)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("John Smith", "J. Smith"),
        ("John Smith", "Jane Smith"),
        ("J. Smith", "Anna Smith"),
        ("J. H. Smith", "John Smith"),
        ("J. H. Smith", "J. Smith"),
        ("J. Smith", "John Henry Smith"),
        ("Geoffrey E. Hinton", "Geoffrey F. Hinton"),
        ("Wei Li", "Wei Ming Li"),
        ("Michael Irwin Jordan", "Michael Jordan"),
        ("LeCun", "Yann LeCun"),
        ("Yann", "Yann LeCun"),
        ("Jean Serre", "Jean-Pierre Serre"),
        ("GLM-5 Team", "GLM-4.5 Team"),
        ("5 Team", "54 Team"),
        ("!!!", "!!!"),
        ("", ""),
    ],
)
def test_another_person_is_not(typed: str, printed: str) -> None:
    assert not follows(typed, printed)


def test_papers_are_found_in_order_with_the_name_as_it_is_printed() -> None:
    authors = Authors([["Ada Lovelace", "Y. Lecun"], [], ["Yann LeCun"], ["Yoshua LeCun", "LeCun, Yann"]])
    assert authors.found("LeCun, Yann") == {2: "Yann LeCun", 3: "LeCun, Yann"}
    assert authors.holding("Y. LeCun").tolist() == [0, 2, 3]
    assert authors.holding("Ada Byron").tolist() == []


def test_a_name_that_many_follow_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NAMES_KEPT", 2)
    authors = Authors([["Ada Lovelace"], ["Mary Somerville"]])
    assert authors.found("Ada Lovelace") is authors.found("Ada Lovelace")
    for name in ("Mary Somerville", "Grace Hopper", "Ada Lovelace", "Mary Somerville"):
        assert len(authors.found(name)) == (name != "Grace Hopper")
        assert len(authors.looked_up) <= 2


def test_nobody_wrote_no_candidates() -> None:
    authors = Authors()
    assert authors.holding("Ada Lovelace").tolist() == []
    assert authors.shared({"adalovelace": 1}).shape == (0,)


def test_a_person_counts_once_for_each_paper_however_the_name_is_printed() -> None:
    library = [["Ada Lovelace", "Lovelace, Ada"], ["Ada K. Lovelace"], ["Jörg Müller", "Madonna"], []]
    people = people_of(library)
    assert people[names.key(("ada", "lovelace"))] == 2
    assert people.keys() == {"adalovelace", "jorgmuller", "joergmueller"}


def test_the_more_of_a_readers_papers_its_authors_wrote_the_nearer_is_a_paper() -> None:
    people = people_of([["Ada Lovelace", "Mary Somerville"], ["Ada Lovelace"]])
    authors = Authors([["Mary Somerville"], ["A. Lovelace"], ["Ada K. Lovelace"], ["Mary Somerville", "Ada Lovelace"]])
    nearness = authors.shared(people)
    assert nearness == pytest.approx([np.log(2), 0, np.log(3), np.log(2) + np.log(3)])
    assert nearness.dtype == np.float32


def test_the_people_whom_a_reader_knows_are_named_as_printed() -> None:
    people = people_of([["Mary Somerville", "Ada Lovelace"], ["Ada Lovelace"]])
    authors = Authors([["Charles Babbage"], ["Mary Somerville", "Lovelace, Ada", "Charles Babbage"]])
    assert authors.near(people).keys() == {1}
    assert authors.known_on(1, people) == {"Lovelace, Ada": 2, "Mary Somerville": 1}
    assert authors.known_on(0, people) == {}


def test_a_name_with_two_spellings_is_one_person() -> None:
    people = people_of([["Jörg Müller"]])
    authors = Authors([["Joerg Mueller"], ["Jörg Müller"], ["Jorg Muller"]])
    assert authors.shared(people) == pytest.approx([np.log(2)] * 3)
    assert authors.known_on(1, people) == {"Jörg Müller": 1}
    assert authors.near({"jorgmuller": 3, "joergmueller": 1})[1] == pytest.approx(np.log(2))


def test_nobody_is_known_by_a_paper_of_thousands() -> None:
    crowd = [f"Member {number}" for number in range(3000)]
    assert people_of([crowd, ["Ada Lovelace"]]) == {"adalovelace": 1}
    assert Authors([crowd]).holding("Member 7").tolist() == [0]


def test_the_best_known_are_the_same_in_every_process() -> None:
    assert best_known({"b": 1, "a": 1, "c": 2}, 2) == {"c": 2, "a": 1}


def test_a_lab_is_found_by_a_part_of_its_name_and_where_it_signs_as_an_author() -> None:
    papers = [
        ("AI at Meta", ["Meta Smith"]),
        ("", ["Qwen Team", "Ada Lovelace"]),
        ("", ["NVIDIA"]),
        ("", ["Meta Smith"]),
    ]
    labs = Phrases(lab_text(*one) for one in papers)
    assert labs.holding("meta").tolist() == [0]
    assert labs.holding("Qwen").tolist() == [1]
    assert labs.holding("nvidia").tolist() == [2]
    assert labs.holding("Lovelace").tolist() == []


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60))
def test_any_text_can_be_a_name_and_is_met_by_itself(name: str) -> None:
    assert follows(name, name) == bool(names.spellings(name))
    people_of([[name]])
    lab_text(name, [name])


def test_every_name_of_real_papers_follows_itself(shared_data) -> None:  # type: ignore[no-untyped-def]
    from papers.evaluation import rows

    printed = {
        name for row in rows.read(shared_data, "papers/hf_daily.jsonl.gz", dict)[:1500] for name in row["authors"]
    }
    assert len(printed) > 1_000
    authors = Authors([name] for name in sorted(printed))
    for at, name in enumerate(sorted(printed)):
        assert at in authors.found(name)


def test_names_alone_foretell_the_next_paper_of_most_readers(shared_data) -> None:  # type: ignore[no-untyped-def]
    data = readers.load(shared_data, all_rows=False)
    found = table.figures(data.cases, list(map(shared_names(data.authors), data.cases)), readers.judge)
    assert found["mrr"] >= 0.9
    assert found["ndcg10"] >= 0.92
