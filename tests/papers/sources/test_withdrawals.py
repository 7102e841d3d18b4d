"""What counts as the withdrawal of a paper, in whatever words, and what only speaks of withdrawing.

The sentences are of our own making; their kinds are those of withdrawn papers' real comments.
"""

import gzip
import json
from pathlib import Path

import pytest

from papers.sources import arxiv_rss
from papers.sources.withdrawals import is_withdrawn
from tests.papers.sources.rss import feed, item

SAID = [
    "This paper has been withdrawn by the author due to a crucial error in equation 3",
    "This submission has been withdrawn by arXiv administrators due to disputed authorship",
    "arXiv admin note: this submissions has been withdrawn by arXiv because the submitter had no right to post it",
    "The paper is withdrawn because of a gap in the proof",
    "Withdrawn",
    "withdrawn due to an error in Lemma 2.",
    "Withdrawn for major revision",
    "Withdrawn (for good!) thanks to a reader",
    "Paper withdrawn by the author",
    "(This article was withdrawn: see v2)",
    "Withdrawn from arXiv",
    "The following paper has been withdrawn from consideration, since Theorem 3 does not hold",
    "This manuscript is hereby retracted",
    "This article has been removed by arXiv administrators",
    "Our preprint needs to be withdrawn",
    "Withdrawal: the data were not ours to publish",
    "Retracted at the request of the second author",
]
IN_A_COMMENT = [
    "12 pages, 3 figures. This paper has been withdrawn by the authors",
    "Draft; the current version is being withdrawn to prevent confusion",
    "We regret to say that this work has been withdrawn",
    "We withdraw this submission, for some of its data are faulty",
    "The authors have withdrawn this manuscript",
    "After long thought we have decided to retract the paper",
    "I ask for the withdrawal of this article",
    "The first author requests withdrawal",
    "So I ask that this work be withdrawn",
    "As our bound cannot hold, we could not save the argument, and this paper is withdrawn",
    # the reason alone
    "The proof of Theorem 7 is incorrect",
    "Lemma 3 and Lemma 4 are wrong",
    "We have realised that Theorem 2.4 is not true",
    "There is an error in the proof of the main theorem",
    "A fatal mistake was noticed by a colleague",
]
OF_SOMETHING_ELSE = [
    "",
    "12 pages",
    "Replaces the withdrawn paper arXiv:2401.00001",
    "This paper extends a withdrawn manuscript of ours",
    "A previous version of this manuscript was withdrawn",
    "Our earlier paper was withdrawn",
    "It corrects arXiv:2105.00001, which was recently withdrawn",
    "This paper was withdrawn from a conference and accepted at another",
    "Accepted at a workshop; withdrawn from its proceedings",
    "Section 6 is withdrawn, the other results stand",
    "v3: the claims of v2 are withdrawn",
    "This paper was not withdrawn",
    "This paper has not been withdrawn by its authors",
    "We decided not to withdraw this paper",
    "It could be withdrawn if it is accepted elsewhere",
    "Reinstated: this paper was withdrawn by mistake",
    "The withdrawal of this paper has been reversed by arXiv; this paper was withdrawn by accident",
    "Withdrawn samples are studied",
    "We treat withdrawal symptoms",
    "Withdrawal of cash from machines",
    "All figures are drawn with TikZ",
    "We study drugs withdrawn by regulators",
    "This paper studies when a bid has been withdrawn",
    "We ask whether the paper has been withdrawn from a benchmark",
    "Superseded by arXiv:2401.00001",
    "Please do not cite",
    "v2: a serious error in the proof of Theorem 2 is fixed",
    "Fatal errors of Section 3 corrected",
    "This draft can potentially have errors",
    "We prove that the claim of Lemma 3 is false",
    "Quantum error-correcting codes, error in the mean, major mistakes of learners",
]


@pytest.mark.parametrize("words", SAID)
def test_a_withdrawal_is_recognised_at_the_beginning_of_a_comment_or_an_abstract(words: str) -> None:
    assert is_withdrawn(words, "")
    assert is_withdrawn("", words)


@pytest.mark.parametrize("words", IN_A_COMMENT)
def test_a_comment_says_it_anywhere_and_in_its_own_words(words: str) -> None:
    assert is_withdrawn(words, "")


@pytest.mark.parametrize("words", OF_SOMETHING_ELSE)
def test_other_talk_of_withdrawing_is_no_withdrawal(words: str) -> None:
    assert not is_withdrawn(words, words)


@pytest.mark.parametrize("words", IN_A_COMMENT[:1] + IN_A_COMMENT[-5:])
def test_in_the_middle_of_an_abstract_it_is_what_the_paper_is_about(words: str) -> None:
    assert not is_withdrawn("", f"We look at what authors write. {words}.")


def test_a_feed_that_brings_the_notice_as_the_abstract_withdraws_the_paper_and_any_other_says_nothing() -> None:
    notice = "arXiv:2604.00001v2 Announce Type: replace \nAbstract: This paper has been withdrawn by the authors."
    (gone,) = arxiv_rss.parse(feed(item(kind="replace", description=notice)))
    (other,) = arxiv_rss.parse(feed(item()))
    assert (gone.withdrawn, other.withdrawn) == (True, None)


def test_none_of_the_first_versions_of_two_quarters_is_taken_for_withdrawn(shared_data: Path) -> None:
    taken, seen = [], 0
    for file in sorted((shared_data / "papers").glob("arxiv_2026Q?.jsonl.gz")):
        with gzip.open(file, "rt") as lines:
            for paper in map(json.loads, lines):
                seen += 1
                taken += [paper["arxiv_id"]] * is_withdrawn(paper.get("comment") or "", paper["abstract"])
    assert (taken, seen) == ([], 33_711)
