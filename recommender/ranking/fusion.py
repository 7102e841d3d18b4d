"""Join dense and lexical evidence into one relevance, on the scale of cosines: pure arithmetic on arrays.

A line for each subject of a reader: relevance = dense · cosine of vectors + lexical · cosine of terms + constant.
Words that a reader wrote are judged the same way for everybody. Papers are not: a library of two shares a few rare
words with few papers, one of two hundred shares many with all, so both cosines are counted in the subject's own
standard deviations over a background of papers, and their sum is put back on the scale of its dense cosines. The
background is not the day's papers, because a day without one fitting paper must stay empty.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from recommender.cosines import CosineScale
from recommender.vectors import Matrix, Vector

BACKGROUND = 1000  # papers are enough to tell a mean and a deviation by
LEAST_DEVIATION = 0.002  # for terms that no paper of the background has; readers of papers have .0024 or more
# The share of words among the evidence of papers, chosen on the half of people that `manage.py evaluate readers` does
# not report on; and what the words of a text add to its cosine, chosen on the half of the questions that `manage.py
# evaluate search` does not report on. See docs/matching.md.
LEXICAL_SHARE = 0.4
LEXICAL_OF_TEXTS = 0.5
# A short text is near to much that merely sounds like it. Of 220 picks read by eye, those that shared none of its words
# fitted in 13 of 109 cases, those with a cosine of terms from .04 up in 50 of 60. So what has no word of it must be
# nearer by so much; one paper in a hundred has enough words, however long the text is.
WORDLESS = 0.10
ENOUGH_WORDS = 0.03  # cosine of terms
# A text that much of what is published sounds like, such as "tool use by language agents", is near to fillers as well:
# where more than so many papers reach the lowest relevance that counts as related, its papers must be nearer by the
# rest. But no more than so: on a site of one subject many papers are what its readers want.
CROWD = 0.05  # of a background's papers
RELATED = 0.35
MOST_FOR_CROWD = 0.10

BEND = 0.6  # few topics have a paper this near


def bent(relevance: Matrix) -> Matrix:
    """Flatten what is above BEND more and more towards 1, in the same order; what is below stays.

    Words in common have no upper end as cosines have: papers of one project reached 1.5. Nothing is 150 % alike, and a
    library's picks would stand before all others and beyond any regard for variety.
    """
    flattened, high = relevance.astype(np.float32), np.flatnonzero(relevance > BEND)
    over = (flattened.reshape(-1)[high] - BEND) / (1 - BEND)
    flattened.reshape(-1)[high] = BEND + (1 - BEND) * over / (1 + over)
    return flattened


def support(words: Matrix) -> Matrix:
    """Return what papers lose that have few words or none of a text, from −WORDLESS to 0, by (…) cosines of terms."""
    return np.asarray(np.minimum(words * np.float32(WORDLESS / ENOUGH_WORDS), WORDLESS) - np.float32(WORDLESS))


class Scale(NamedTuple):
    """How the papers of a background look to one subject, by one kind of evidence."""

    mean: float
    deviation: float


# What subjects of papers have over arXiv's listings. A background of few papers says little by itself: these count as
# much as so many papers of it.
USUAL_DENSE, USUAL_LEXICAL, USUAL_COUNTS = Scale(0.12, 0.10), Scale(0.005, 0.010), 100


class Line(NamedTuple):
    """The weights of a subject's two kinds of evidence: relevance = dense · cosine + lexical · cosine + constant."""

    dense: float
    lexical: float
    constant: float

    def by(self, scale: CosineScale) -> Line:
        """Return the line for a model's own cosines, from this one for measured cosines."""
        return Line(self.dense * scale.slope, self.lexical, self.constant + self.dense * scale.shift)


OF_TEXT = Line(1.0, LEXICAL_OF_TEXTS, 0.0)


def of_text(cosines: Vector, lexical: Vector, scale: CosineScale) -> Line:
    """Return the line of a text, from (b,) cosines of its vector and (b,) of its terms with a background of papers."""
    plain, n = OF_TEXT.by(scale), len(cosines)
    if not n:
        return plain
    reached = float(np.quantile(plain.dense * cosines + plain.lexical * lexical + plain.constant, 1 - CROWD))
    crowd = min(max(reached - RELATED, 0.0), MOST_FOR_CROWD) * n / (n + USUAL_COUNTS)
    return plain._replace(constant=plain.constant - crowd)


def of_papers(cosines: Vector, lexical: Vector, share: float = LEXICAL_SHARE) -> Line:
    """Return the line of a subject, from (b,) cosines of its vector and (b,) of its terms with a background of papers.

    Over the background, relevance has the mean and the deviation of the dense cosines.
    """
    dense, words = _scale(cosines, USUAL_DENSE), _scale(lexical, USUAL_LEXICAL)
    both = (1 - share) * _standard(cosines, dense) + share * _standard(lexical, words)
    widened = _scale(both, Scale(0.0, 1.0)).deviation
    steep, steep_words = (1 - share) / widened, share * dense.deviation / (widened * words.deviation)
    return Line(steep, steep_words, dense.mean - steep * dense.mean - steep_words * words.mean)


def _scale(values: Vector, usual: Scale) -> Scale:
    """Return mean and deviation, moved towards the usual ones as if USUAL_COUNTS papers more had been seen."""
    n = len(values)
    mean = float((values.sum(dtype=np.float64) + USUAL_COUNTS * usual.mean) / (n + USUAL_COUNTS))
    square = ((values.astype(np.float64) - mean) ** 2).sum() + USUAL_COUNTS * usual.deviation**2
    return Scale(mean, max(float(np.sqrt(square / (n + USUAL_COUNTS))), LEAST_DEVIATION))


def _standard(values: Vector, scale: Scale) -> Vector:
    return (values - np.float32(scale.mean)) / np.float32(scale.deviation)
