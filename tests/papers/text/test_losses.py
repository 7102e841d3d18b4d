"""Nothing in maths is lost in silence: all its letters are there, and what differs in a text is told apart in it."""

import gzip
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from papers.text.tex import maths
from papers.text.tex.tokens import UnreadableError
from tests.papers.text.test_forms import KINDS

SEGMENT = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
# What is no part of what is read: names of environments, columns, lengths, labels, colours, numbers of characters.
UNREAD = re.compile(
    r"\\(?:begin|end)\{[^}]*\}(?:\{[lcr|]+\})?|\\(?:[hv]space|label|color|textcolor|unicode|rule)\*?(?:\[[^]]*\])?\{[^}]*\}"
    r"|\{\d*\.?\d+(?:em|pt)\}|\\\\\[[^]]*\]|\\(?:phantom|qty|SI|num|href)\{.*"
)
COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)")
STACKED = re.compile(r"\\(?:stackrel|overset|underset|not|ion|textsc|sc)(?![A-Za-z])")
ACCENT = re.compile(
    r"\\(?:over|under)(?:line|brace)|\\(?:wide)?(?:bar|hat|tilde|check)(?![A-Za-z])|\\(?:vec|d?ddot|dot|breve)\\b"
)
ACCENT_IN_WORDS = re.compile(r"(?:bar|hat|tilde|check|vec|dot|breve|line|brace)\(|(?:MS|DR)-bar")
UNIFIED = str.maketrans("−–—′ɑ", "---'α")  # a raised alpha is a Latin letter in Unicode

# The differences that are left out on purpose (docs/sources.md), and several commands for one sign.
FONTS = re.compile(
    r"\\(?:math(?:rm|bf|it|sf|tt|cal|scr|frak|bb|ds|normal|op|bin|rel|ord)|text(?:rm|bf|it|sf|tt|up|normal)?|boldsymbol|bm"
    r"|operatorname|rm|bf|it|cal|mbox|emph|Bbb|frak|left|right|[bB]ig+[lrm]?|(?:display|text|script|scriptscript)style"
    r"|limits|nolimits|ensuremath|boldmath|quad|qquad|hspace\{[^}]*\}|[,;:!> ])(?![A-Za-z])\*?"
)
SAME = {
    r"\leq": r"\le", r"\leqq": r"\le", r"\geq": r"\ge", r"\geqq": r"\ge", r"\leqslant": "⩽", r"\geqslant": "⩾",
    r"\neq": r"\ne", r"\rightarrow": r"\to", r"\widehat": r"\hat", r"\widetilde": r"\tilde", r"\overline": r"\bar",
    r"\dots": r"\ldots", r"\dotsc": r"\ldots", r"\vert": "|", r"\mid": "|", r"\lvert": "|", r"\rvert": "|",
    r"\lVert": r"\|", r"\rVert": r"\|", r"\Vert": r"\|", r"\sim": "~", r"\varepsilon": "ε", r"\epsilon": "ε",
    r"\varphi": "φ", r"\phi": "φ", r"\ast": "*", r"\top": "T", r"\lbrace": r"\{", r"\rbrace": r"\}",
    r"\dfrac": r"\frac", r"\tfrac": r"\frac", r"\prime": "'", r"\iff": "⇔", r"\colon": ":",
}  # fmt: skip


def segments(text: str) -> Iterator[str]:
    """Yield what stands between the signs of maths and can be read at all."""
    for found in SEGMENT.finditer(text):
        source = " ".join(next(part for part in found.groups() if part).split())
        try:
            maths.to_line(source)
        except UnreadableError:
            continue
        yield source


def characters(text: str) -> Counter[str]:
    decomposed = unicodedata.normalize("NFKD", text).translate(UNIFIED)
    return Counter(sign for sign in decomposed if sign.isalnum() or sign in "+=<>/|!")


def lost(source: str) -> Counter[str]:
    """Return the letters, digits and signs of the source that what is shown lacks."""
    if STACKED.search(source):
        return Counter()
    if len(ACCENT.findall(source)) > accents(maths.to_line(source)):
        return Counter(["accent"])
    written = COMMAND.sub("", UNREAD.sub("", source))
    return characters(written) - characters(maths.to_line(source))


def accents(shown: str) -> int:
    marks = sum(unicodedata.combining(character) > 0 for character in unicodedata.normalize("NFD", shown))
    return marks + len(ACCENT_IN_WORDS.findall(shown))


def skeleton(source: str) -> str:
    """Return the source without what only changes its looks: two skeletons are two things."""
    bare = re.sub(r"[\s{}&~]", "", FONTS.sub("", re.sub(r"\\(?:[a-z]space)\{[^}]*\}", "", source)))
    whole = re.compile(r"\\[A-Za-z]+")
    return whole.sub(lambda found: SAME.get(found[0], found[0]), bare.replace(r"^\circ", "°"))


def confused(text: str) -> list[set[str]]:
    """Return the sets of different things in a text that are shown alike."""
    shown = defaultdict(set)
    for source in segments(text):
        shown[maths.to_line(source)].add(skeleton(source))
    return [things for things in shown.values() if len(things) > 1]


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_digit_and_sign_is_shown(kind: str) -> None:
    losses = {source: lost(source) for served in KINDS[kind] for source in segments(served)}
    assert {source: missing for source, missing in losses.items() if missing} == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\overline{SOME}(n)", "SOME(n)"),
        (r"\widehat{\mathfrak{sl}}_2", r"\mathfrak{sl}_2"),
        (r"\overline{\mathbb{F}_q}", r"\overline{\mathbb{F}}_q"),
        (r"\overline{f_1f_2}", r"f_1\overline{f_2}"),
        (r"\underline{x}", "x"),
        (r"\underbrace{aa}_n", "aa_n"),
        (r"\sqrt{J}U", r"\sqrt{JU}"),
        (r"\sqrt{2}\pi", r"\sqrt{2\pi}"),
        (r"x_\star", r"x^\star"),
        (r"M_\odot x", r"M\odot x"),
        ("F_q^m", "F_{q^m}"),
        ("l^{best}_i", "l^{best_i}"),
        (r"\widehat{+}", "+"),
        (r"\pi*", r"\pi"),
        (r"a \over b+c", r"{a \over b}+c"),
        (r"x^{pq}", "x^pq"),
        (r"\frac{a}{b+c}", r"\frac{a}{b}+c"),
        (r"\frac{a+b}{c}", r"a+\frac{b}{c}"),
        (r"\frac{1}{2x}", r"\frac{1}{2}x"),
        (r"x^{2n}", r"x^2n"),
        (r"\binom{n}{k}", "nk"),
    ],
)
def test_two_things_are_two(one: str, other: str) -> None:
    assert maths.to_line(one) != maths.to_line(other)


@pytest.mark.parametrize("name", ["arxiv_2026Q1", "arxiv_2026Q2", "hf_daily"])
def test_of_real_papers_nothing_is_lost_and_nothing_confused(shared_data: Path, name: str) -> None:
    for text in texts(shared_data / "papers" / f"{name}.jsonl.gz"):
        assert [(source, lost(source)) for source in segments(text) if lost(source)] == []
        assert confused(text) == []


def texts(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            paper = json.loads(line)
            yield from (text for text in (paper["title"], paper["abstract"]) if set(text) & set("\\$"))
