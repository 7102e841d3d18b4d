"""Titles and abstracts in words and formulas, for browsers that set maths."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from papers.text.formulas import Stretch, stretches
from papers.text.plain import LONGEST, to_unicode

SPACED = ["words ", " ", "$ a $", r"{\em so}", r"$\href{https://x.org}{x}$", r"\begin{equation}q\end{equation}"]
FORMULAS = ["$x_1$", r"$\frac{a}{b}$", "$$\\sum_i x_i$$", r"\(y\)", r"\[z^2\]"]
PIECES = [*SPACED, *FORMULAS, "$5", "$", "\\", "{", "}", r"\'e", "\ue000", "%", r"\$", "--", "\0"]


def parts(source: str) -> list[Stretch]:
    return stretches(source, to_unicode(source))


def test_words_and_formulas_alternate() -> None:
    assert parts(r"The $L_p$ norm is  $\frac{a}{b}$.") == [
        Stretch("The "),
        Stretch("Lₚ", "L_p"),
        Stretch(" norm is "),
        Stretch("a/b", r"\frac{a}{b}"),
        Stretch("."),
    ]


@pytest.mark.parametrize(
    ("source", "tex"),
    [
        ("$$x^2$$", "x^2"),
        (r"\[x^2\]", "x^2"),
        (r"\begin{equation}x^2\end{equation}", r"\begin{equation}x^2\end{equation}"),
    ],
)
def test_what_was_displayed_stays_so(source: str, tex: str) -> None:
    (formula,) = [part for part in parts(f"So {source} holds.") if part.tex]
    assert (formula.tex, formula.displayed) == (tex, True)


@pytest.mark.parametrize(
    "source",
    [
        "It costs $5 and $6.",
        r"\'Etude {\em fort}",
        r"See $\href{https://example.org}{here}$",
        "x < y",
        "",
        r"A \$ sign",
    ],
)
def test_prices_accents_and_links_are_no_formulas(source: str) -> None:
    assert parts(source) == [Stretch(to_unicode(source))]


def test_two_formulas_that_look_the_same_as_text_keep_their_own_tex() -> None:
    assert [part.tex for part in parts(r"$\mathrm{x}$ and $x$") if part.tex] == [r"\mathrm{x}", "x"]


def test_a_plain_form_of_another_version_is_shown_as_it_is() -> None:
    assert stretches("Now $x$", "Once x") == [Stretch("Once x")]
    assert stretches("$x$" * LONGEST, "cut") == [Stretch("cut")]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("$6, \\'Etude {\\em emph $x^2$} and $$y$$")
def test_together_the_stretches_are_the_plain_form(source: str) -> None:
    assert "".join(part.text for part in parts(source)) == to_unicode(source)
