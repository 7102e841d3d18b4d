"""What happened to a paper, in a line of text."""

import pytest

from papers.models import ChangeKind
from papers.text.changes import WORDS, change_words

ARXIV, GITHUB = "https://arxiv.org/abs/2606.00001v2", "https://github.com/ada/code"


@pytest.mark.parametrize(
    ("kind", "detail", "words", "link"),
    [
        (ChangeKind.REVISED, "v2", "Revised (v2)", ARXIV),
        (ChangeKind.WITHDRAWN, "", "Withdrawn", ""),
        (ChangeKind.WITHDRAWN, "v3", "Withdrawn (v3)", ""),
        (ChangeKind.BACK, "v4", "No longer withdrawn (v4)", ""),
        (ChangeKind.CODE_ADDED, "ada/code", "Code added", GITHUB),
        (ChangeKind.CODE_ADDED, "javascript:alert(1)", "Code added (javascript:alert(1))", ""),
        (ChangeKind.DOI_ADDED, "10.1/a b", "Journal DOI added", "https://doi.org/10.1/a%20b"),
        (ChangeKind.RETITLED, "before: On <cats>", "Title changed (before: On <cats>)", ""),
        (ChangeKind.OTHER_ABSTRACT, "new: “We prove it.”", "Abstract changed (new: “We prove it.”)", ""),
        (ChangeKind.OTHER_AUTHORS, "with Ann Lee", "Authors changed (with Ann Lee)", ""),
    ],
)
def test_a_change_says_what_came_or_links_to_it(kind: str, detail: str, words: str, link: str) -> None:
    assert change_words(kind, detail, "2606.00001") == (words, link)


def test_a_version_of_a_paper_that_is_elsewhere_has_no_link() -> None:
    assert change_words("revised", "v2") == ("Revised (v2)", "")


def test_every_kind_has_words() -> None:
    assert WORDS.keys() == set(ChangeKind)
