"""Authors as feeds and lists print them: one name each, whatever stands beside it, and nobody invented."""

import json
from datetime import UTC, date, datetime

import pytest

from papers.ingest.identity import surnames
from papers.records import PaperRecord
from papers.sources import huggingface
from papers.text.author_lists import one_each, split
from papers.text.people import without_asides
from recommender.words.authors import Authors, lab_text


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("Jane Roe (Institute (Group), City), Bo Ek", ["Jane Roe (Institute (Group), City)", "Bo Ek"]),
        ("Jane Roe (Institute, City (Group)), Bo Ek", ["Jane Roe (Institute, City (Group))", "Bo Ek"]),
        ("Jane Roe (1, (2), 3), Bo Ek", ["Jane Roe (1, (2), 3)", "Bo Ek"]),
        ("Jane Roe [A, B], Bo Ek", ["Jane Roe [A, B]", "Bo Ek"]),
        ("Jane Roe (Inst, Bo Ek", ["Jane Roe (Inst", "Bo Ek"]),
        ("John Smith, S.J., Bo Ek, Jr., Cy Poe, Ph.D.", ["John Smith, S.J.", "Bo Ek, Jr.", "Cy Poe, Ph.D."]),
        ("The X Collaboration: A. Roe, B. Doe", ["The X Collaboration", "A. Roe", "B. Doe"]),
        ("X Collaboration, :, A. Roe", ["X Collaboration", "A. Roe"]),
        ("A. Roe, and Bo Ek", ["A. Roe", "Bo Ek"]),
        ("Donald Roe Jr. and Fred Prior", ["Donald Roe Jr.", "Fred Prior"]),
        ("A. Roe (MIT), (Oslo, Norway), Bo Ek", ["A. Roe (MIT)", "Bo Ek"]),
    ],
)
def test_a_line_is_taken_apart_between_its_authors(line: str, authors: list[str]) -> None:
    assert split(line) == authors


@pytest.mark.parametrize(
    ("served", "authors"),
    [
        (["Ana de Sousa Filho; Bo Ek;Cy Poe"], ["Ana de Sousa Filho", "Bo Ek", "Cy Poe"]),
        (["BICEP2 Collaboration", ":", "P. Roe", "(MIT)", "Jr.", "S.J."], ["BICEP2 Collaboration", "P. Roe"]),
        (["and Bo Ek"], ["Bo Ek"]),
        (["Institute of Science and Technology"], ["Institute of Science and Technology"]),
        (["Black and White"], ["Black and White"]),
        (["AT&T Labs", "李飞飞", "GLM-5 Team"], ["AT&T Labs", "李飞飞", "GLM-5 Team"]),
    ],
)
def test_a_list_of_authors_has_each_of_them_once_and_nobody_else(served: list[str], authors: list[str]) -> None:
    assert list(one_each(served)) == authors


PRINTED = [
    "Jane Roe (Institute (Group), City)",
    "Jane Roe (Institute, City (Group))",
    "Jane Roe (for the X Collaboration)",
    "Jane Roe for the X Collaboration",
    "Jane Roe on behalf of the ATLAS Collaboration",
    "Jane Roe [MIT]",
    "Jane Roe, S.J.",
    "Jane Roe, Ph.D.",
    "Jane Roe, Jr.",
    "Jane Roe (MIT",
    "Jane (Jenny) Roe",
]


@pytest.mark.parametrize("printed", PRINTED)
def test_a_person_is_found_whatever_stands_beside_the_name(printed: str) -> None:
    authors = Authors([[printed]])
    assert authors.found("Jane Roe") == {0: printed}
    assert surnames([printed]) == {"roe"}
    assert not any(authors.found(name) for name in ("Institute City", "S. J.", "X Collaboration", "City Group", "MIT"))


def test_the_group_that_somebody_wrote_for_is_still_found_as_a_lab() -> None:
    assert "X Collaboration" in lab_text("", ["Jane Roe (for the X Collaboration)", "Bo Ek"])
    assert "Bo Ek" not in lab_text("", ["Jane Roe (for the X Collaboration)", "Bo Ek"])


@pytest.mark.parametrize("name", ["Smith, S.J.", "van der Berg, S.J.", "(MIT)", "", "For All Mankind Team", "李飞飞"])
def test_what_is_a_name_by_itself_stays_whole(name: str) -> None:
    assert without_asides(name) == name


def test_a_source_serves_people_and_not_their_punctuation() -> None:
    authors = [{"name": name} for name in ("The X Collaboration: A. Roe", ":", "Bo Ek (Inst (Lab), City)")]
    item = {"paper": {"id": "2606.00001", "title": "Whales", "summary": "Song", "authors": authors}}
    day = date(2026, 6, 1)
    [paper] = huggingface.parse(json.dumps([item]).encode(), day, datetime(2026, 6, 1, tzinfo=UTC))
    assert isinstance(paper, PaperRecord)
    assert paper.authors == ("The X Collaboration", "A. Roe", "Bo Ek (Inst (Lab), City)")
