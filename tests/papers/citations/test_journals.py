"""Journal references, in the ways that authors write them."""

import pytest

from papers.citations.journals import Journal, journal


@pytest.mark.parametrize(
    ("line", "name", "volume", "issue", "pages", "year"),
    [
        ("Phys. Rev. D 76, 013009 (2007)", "Phys. Rev. D", "76", "", "013009", "2007"),
        ("Nature 600 (2021) 70-74", "Nature", "600", "", "70–74", "2021"),
        ("J. Foo, Vol. 12, No. 3, pp. 45–67, 2020", "J. Foo", "12", "3", "45–67", "2020"),
        ("Commun. Math. Phys. 401(2), 1219 -- 1305 (2023)", "Commun. Math. Phys.", "401", "2", "1219–1305", "2023"),
        ("A&A 658, A119 (2022)", "A&A", "658", "", "A119", "2022"),
        ("JHEP 0906:063,2009", "JHEP", "0906", "", "063", "2009"),
    ],
)
def test_a_plain_line_is_taken_apart(line: str, name: str, volume: str, issue: str, pages: str, year: str) -> None:
    assert journal(line) == Journal(name, volume, issue, pages, year)


@pytest.mark.parametrize(
    ("line", "year"),
    [
        ("to appear in Annals of Mathematics", ""),
        ("MNRAS, 510, 2022, 1–10", "2022"),
        ("J. Phys.: Conf. Ser. 898 (2017) 092001", "2017"),
        ("Science 2020, reprinted 2021", ""),
        ("Trans. 12, 3", ""),
    ],
)
def test_a_line_of_another_kind_stays_whole_and_may_tell_the_year(line: str, year: str) -> None:
    assert journal(line) == Journal(line, year=year)


@pytest.mark.parametrize(
    "line", ["Proceedings of ICML 2023", "In Proc. of the 40th ACL", "2023 IEEE Conference on Robots"]
)
def test_proceedings_are_known_by_their_words(line: str) -> None:
    found = journal(line)
    assert found is not None
    assert found.is_proceedings
    assert found.name == line


def test_a_paper_without_such_a_line_is_in_no_journal() -> None:
    assert journal("  ") is None
