"""BibTeX: the block on a paper's page, and the entry of its file."""

from datetime import date

import pytest

from papers.citations.bibtex import bibtex, braced, entry
from papers.models import Paper


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
        "  author        = {Müller, José and Lee, Ann},",
        "  year          = {2026},",
        "  month         = jun,",
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


def test_a_paper_of_a_journal_is_an_article_of_its_volume_and_year() -> None:
    paper = Paper(
        identifier="0705.0001", published_on=date(2007, 5, 1), title="On q", journal_ref="Phys. Rev. D 76, 13-19 (2008)"
    )
    lines = bibtex(paper).splitlines()
    assert lines[0].startswith("@article{")
    for field in ("journal", "volume", "pages", "year"):
        assert any(line.startswith(f"  {field} ") for line in lines), field
    assert "  journal       = {Phys. Rev. D}," in lines
    assert "  pages         = {13--19}," in lines
    assert "  year          = {2008}," in lines
    assert not any("month" in line for line in lines)


def test_a_paper_of_a_conference_stands_in_its_proceedings() -> None:
    paper = Paper(identifier="2605.00001", title="On q", journal_ref="Proceedings of ICML 2026")
    assert bibtex(paper).startswith("@inproceedings{")
    assert "booktitle     = {Proceedings of ICML 2026}" in bibtex(paper)


def test_a_group_is_never_turned_round() -> None:
    paper = Paper(identifier="2605.00001", title="On q", authors=["The ATLAS Collaboration", "Bo van der Ek Jr."])
    assert "author        = {{The ATLAS Collaboration} and van der Ek, Jr., Bo}," in bibtex(paper)


def test_the_block_on_the_page_names_twenty_authors_and_the_file_all() -> None:
    paper = Paper(identifier="2605.00001", title="On q", authors=[f"A{number} Ek" for number in range(3_000)])
    assert bibtex(paper).count(" and ") == 20
    assert " and others}," in bibtex(paper)
    assert entry(paper, "key").count(" and ") == 2_999


def test_the_file_has_the_abstract_too() -> None:
    paper = Paper(identifier="2605.00001", title="On q", abstract="We prove $x_1 \\& 50% of R&D.")
    assert "abstract" not in bibtex(paper)
    assert "  abstract      = {We prove $x_1 \\& 50\\% of R\\&D.}," in entry(paper, "key")


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("{BERT} for {NLP}", "{BERT} for {NLP}"),
        ("An open { brace", "An open  brace"),
        ("}{", ""),
        (r"Sets \{1, 2\}", r"Sets \{1, 2\}"),
        ("100% of R&D #1", r"100\% of R\&D \#1"),
        (r"Already \% and $a & b$", r"Already \% and $a & b$"),
        ("At the end \\", "At the end "),
    ],
)
def test_no_sign_can_swallow_the_rest_of_the_file(title: str, kept: str) -> None:
    assert braced(title) == kept
