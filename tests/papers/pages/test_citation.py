"""The BibTeX block of a paper's page."""

from datetime import date

import pytest

from papers.models import Paper
from papers.pages.citation import bibtex, braced, key


def test_an_entry_has_what_a_bibliography_needs() -> None:
    paper = Paper(
        identifier="2606.00001",
        title="On  $L_p$\nnorms",
        authors=["José Müller", "Ann Lee"],
        primary_category="math.FA",
        published_on=date(2026, 6, 1),
    )
    assert bibtex(paper).splitlines() == [
        "@misc{muller2026lp,",
        "  title         = {{On $L_p$ norms}},",
        "  author        = {José Müller and Ann Lee},",
        "  year          = {2026},",
        "  eprint        = {2606.00001},",
        "  archivePrefix = {arXiv},",
        "  primaryClass  = {math.FA},",
        "  url           = {https://arxiv.org/abs/2606.00001},",
        "}",
    ]


def test_a_paper_that_is_not_on_arxiv_is_cited_by_its_doi_and_address() -> None:
    paper = Paper(identifier="lab:17", title="On cells", doi="10.1101/17", url="https://example.org/17")
    assert bibtex(paper).splitlines() == [
        "@misc{anonymouscells,",
        "  title         = {{On cells}},",
        "  doi           = {10.1101/17},",
        "  url           = {https://example.org/17},",
        "}",
    ]


@pytest.mark.parametrize("authors", [[], [""], ["  "]])
def test_a_paper_without_authors_still_has_a_key(authors: list[str]) -> None:
    assert key(Paper(title="The 漢字", authors=authors)) == "anonymous"


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("{BERT} for {NLP}", "{BERT} for {NLP}"),
        ("An open { brace", "An open  brace"),
        ("}{", ""),
        (r"Sets \{1, 2\}", r"Sets \{1, 2\}"),
    ],
)
def test_a_lone_brace_cannot_swallow_the_rest_of_the_file(title: str, kept: str) -> None:
    assert braced(title) == kept
