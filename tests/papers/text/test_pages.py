"""How long a paper is, by what its authors say of it."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.text.pages import pages

SAID = {
    "12 pages, 5 figures": 12,
    "12pages,5figures": 12,
    "Preprint. 77 Pages, 1 figure": 77,
    "14 pp.": 14,
    "14 pp, in French": 14,
    "[14] pages, [6] figures": 14,
    "Book.143 pages": 143,
    "v1, 50 pages": 50,
    "The manuscript includes 13 pages and 8 tables": 13,
    "A 4-page abstract": 4,
    "10 Main Body Pages": 10,
    "6 two-column pages": 6,
    # Parts are added.
    "9+3 pages": 12,
    "11 + 8 pages, 8 figures": 19,
    "Main text: 8 pages, appendix 10 pages": 18,
    "Main text: 8 pages, 1 table; Appendix: 8 pages, 11 tables": 16,
    "9 pages main text, 5 figures, 24 pages appendix": 33,
    "9 pages main, 3 pages references, 6 pages appendix": 18,
    "9 main-text pages, 5 appendix pages": 14,
    "5 pages (main paper) + 8 pages (supplementary)": 13,
    "5 pages (main text), 21 pages (appendix)": 26,
    "43 pages, plus 12 pages of appendices": 55,
    "9 pages, 8 figures, plus 9 pages of appendices": 18,
    "8 pages, 6 figures (Appendix: 4 pages, 5 figures)": 12,
    "Main paper 14 pages with supplementary 7 pages": 21,
    # A number of the whole stands for itself.
    "13 page main text, 54 pages total": 54,
    "7 pages main paper, 10 pages in total": 10,
    "A total of 28 pages, 8 pages of main text": 28,
    "10 pages + appendix (23 pages total)": 23,
    "9 pages main paper, 23 pages including references and appendix": 23,
    "8 pages, 4 images (32 pages with appendix)": 32,
    "14 pages (10 pages main text), 8 figures": 14,
    "14 pages, 8 main pages, 5 figures": 14,
    "13 pages (9 pages main text + 4 pages appendix)": 13,
    "18 pages. Main text: 9 pages (4 figures); Appendix: 9 pages": 18,
    "24 pages, including 13 pages of main text and 11 pages of appendix": 24,
    # Where it was printed.
    "Proceedings of a workshop, pp. 57-67": 11,
    "Journal of Data, pages 999--1019, 2026": 21,
}
UNSAID = [
    "",
    "Accepted at CVPR 2026",
    "CVPR 2026. Project page: https://example.org/3-pages",
    "ICLR 2026 Project Page",
    "1080p video at 30 fps",
    "0 pages",
    "9999 pages",
    "pp. 67-57",
]


@pytest.mark.parametrize(("comment", "count"), SAID.items(), ids=SAID)
def test_pages_are_counted_with_what_belongs_to_them(comment: str, count: int) -> None:
    assert pages(comment) == count


@pytest.mark.parametrize("comment", UNSAID)
def test_where_nothing_is_said_of_pages_they_are_unknown(comment: str) -> None:
    assert pages(comment) is None


@given(st.text(alphabet=st.sampled_from("0123 9+-(),.;:pages total main appendix include with")))
def test_any_comment_is_read(comment: str) -> None:
    found = pages(comment)
    assert found is None or 0 < found <= 1_500


def test_nearly_every_comment_of_real_papers_that_counts_pages_is_read(shared_data: Path) -> None:
    comments = []
    for quarter in ("Q1", "Q2"):
        with gzip.open(shared_data / f"papers/arxiv_2026{quarter}.jsonl.gz", "rt") as lines:
            comments += [json.loads(line).get("comment") or "" for line in lines]
    counting = [comment for comment in comments if comment[:1].isdigit() and " pages" in comment[:12]]
    assert len(counting) > 5_000
    assert sum(pages(comment) is not None for comment in counting) >= 0.999 * len(counting)
