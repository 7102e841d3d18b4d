"""Names of authors in parts."""

import pytest

from papers.citations.people import Person, person


@pytest.mark.parametrize(
    ("name", "family", "given", "suffix"),
    [
        ("Ann Lee", "Lee", "Ann", ""),
        ("H. S. M. Coxeter", "Coxeter", "H. S. M.", ""),
        ("Bo van der Ek, Jr. (MIT)", "van der Ek", "Bo", "Jr."),
        ("van der Ek, Jr., Bo", "van der Ek", "Bo", "Jr."),
        ("Leonardo da Vinci III", "da Vinci", "Leonardo", "III"),
        ("José Ortega y Gasset", "Ortega y Gasset", "José", ""),
        ("Abu Ali al-Farabi", "al-Farabi", "Abu Ali", ""),
        ("John Smith, S.J.", "Smith", "John", ""),
        ("Jane Roe for the X Collaboration", "Roe", "Jane", ""),
        ("{Ann} Lee", "Lee", "Ann", ""),
    ],
)
def test_a_person_has_a_family_name_and_given_names(name: str, family: str, given: str, suffix: str) -> None:
    assert person(name) == Person(family, given, suffix)


@pytest.mark.parametrize(
    "name", ["The ATLAS Collaboration", "Center for Astrophysics", "Aristotle", "王小明", "Jr.", ""]
)
def test_a_group_and_somebody_of_one_name_stay_whole(name: str) -> None:
    assert person(name) == Person(name)


def test_no_more_is_looked_at_than_the_longest_name_has() -> None:
    assert len(person("x" * 10_000).family) == 300
