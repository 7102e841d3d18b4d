"""TeX in titles, abstracts and names becomes Unicode, and nothing else is touched."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.text.plain import converted, title_key, to_unicode


@pytest.mark.parametrize(
    ("served", "shown"),
    [
        (r"G\"odel, G{\"o}del and G\"{o}del", "Gödel, Gödel and Gödel"),
        (r"Erd\H{o}s and Erd\H os", "Erdős and Erdős"),
        (r"Andr\'e {\'E}tienne Fran\c{c}ois", "André Étienne François"),
        (r"Dvo\v{r}\'ak, Wi\'sniewski, \.Zak", "Dvořák, Wiśniewski, Żak"),
        (r"S\o ren {\O}rsted \O stergaard", "Søren Ørsted Østergaard"),
        (r"\L{}ukasz Gau\ss{} \AE{}lfric {\aa}", "Łukasz Gauß Ælfric å"),
        (r"na\"{\i}ve na\"\i ve na{\"\i}ve Y{\i}ld{\i}z", "naïve naïve naïve Yıldız"),
        (r"\~{n} \^{\i} \={a} \u{g} \k{e} \r{u} \d{s}", "ñ î ā ğ ę ů ṣ"),
    ],
)
def test_accents_and_foreign_letters_become_letters(served: str, shown: str) -> None:
    assert to_unicode(served) == shown


@pytest.mark.parametrize(
    ("served", "shown"),
    [
        (r"$\alpha$-stable and $k$-NN", "α-stable and k-NN"),
        (r"$10^{-3}$ of $O(n^2)$", "10⁻³ of O(n²)"),
        (r"$\mathbb{R}^d$ over $\mathbb{F}_q$", "ℝᵈ over F_q"),
        (r"CO$_2$ at 90$^{\circ}$C", "CO₂ at 90°C"),
        (r"$\frac{1}{2}$, $\frac12n$, $\frac{a+b}{2n}$", "1/2, (1/2)n, (a+b)/2n"),
        (
            r"$n\frac{1}{q}\binom{n}{k}$, $x^{\frac{1}{2}}$, $\frac{1}{2}\log n$",
            "n(1/q)(n choose k), x^(1/2), (1/2) log n",
        ),
        (r"$\sqrt{n}$, $\sqrt{n+1}$, $\sqrt[3]{n}$", "√n, √(n+1), ³√n"),
        (r"$\tilde{\mathcal{O}}(\sqrt{n\log n})$", "Õ(√(n log n))"),
        (r"$\ell_1$ of $\hat{x}_i^{\top}$", "ℓ₁ of x̂ᵢᵀ"),
        (r"$\sim$5 or $\sim 5$, but $X\sim P$", "~5 or ~5, but X ~ P"),
        (r"2.3$\times$, $3 \times 10^5$, $640\times480$", "2.3×, 3 × 10⁵, 640×480"),
        (r"$5\pm 0.3$ and $\pm 5$ and $p\equiv\pm 1$", "5±0.3 and ±5 and p ≡ ±1"),
        (r"$\frac{u}{6}(\frac{1}{2})$", "(u/6)(1/2)"),
        (r"$p<0.05$, $n\ge 2$, $x\in X$, $n\to\infty$", "p<0.05, n ≥ 2, x ∈ X, n → ∞"),
        (r"$\max_{x} f$, $\log(n)$, $n\log n$, $1-\log\log n$", "maxₓ f, log(n), n log n, 1-log log n"),
        (r"$\alpha n$, $\alpha = 1$", "αn, α = 1"),
        (r"$\{0,1\}^n$, $\lfloor x \rfloor$, $\|x\|_2$", "{0,1}ⁿ, ⌊x⌋, ‖x‖₂"),
        (r"$\left(\frac{n}{k}\right)$, $\binom{n}{k}$, $a \equiv b \pmod{p}$", "(n/k), (n choose k), a ≡ b (mod p)"),
        (r"$10{,}000$ for ${\sim}\$50$", "10,000 for ~$50"),
        (r"\(T \gtrsim K\) and \[ a = b \] and $$x^2$$", "T ≳ K and a = b and x²"),
        (r"$f'(x)$, $A^*$, $x^\star$, $\not=$", "f′(x), A*, x⋆, ≠"),
        (r"$\texttt{build_network}$ and $\text{if } x$", "build_network and if x"),
        (r"solution$\unicode{x2014}$those", "solution—those"),
        (r"$\underset{x}{\max} f$, $\xrightarrow{} y$, $\textcolor{red}{z}$, $n \bmod p$", "maxₓ f, →y, z, n mod p"),
    ],
)
def test_simple_maths_is_written_out(served: str, shown: str) -> None:
    assert to_unicode(served) == shown


@pytest.mark.parametrize(
    ("served", "shown"),
    [
        (r"$x_{\text{train}}y$", "x_train y"),
        (r"$x_{i,j}$", "x_(i,j)"),
        (r"$n^{1/2}$", "n^(1/2)"),
        (r"$\mathbb{R}^{n \times d}$", "ℝ^(n×d)"),
        (r"$\mathbb{F}_{q^m}$ and $\mathbb{F}_{q^m}^3$", "F_(qᵐ) and F_(qᵐ)³"),
        (r"$\mathbb{F}_q^m$", "F_(q)ᵐ"),
        (r"$x^q$ and $2^{O(\log n)}$", "x^q and 2^(O(log n))"),
    ],
)
def test_what_cannot_be_raised_or_lowered_is_still_there(served: str, shown: str) -> None:
    assert to_unicode(served) == shown


@pytest.mark.parametrize(
    ("served", "shown"),
    [
        (r"\emph{one \textbf{two} three}", "one two three"),
        (r"\textbf{2.6$\times$ faster} {\em word}", "2.6× faster word"),
        (r"\underline{S}elf \textsc{Bert}", "Self Bert"),
        (r"50\% \& \$5 a\_b \#1 \{x\}", "50% & $5 a_b #1 {x}"),
        (r"\url{https://x.org/a\_b~c--d}", "https://x.org/a_b~c--d"),
        (
            r"\href{https://x.org}{code} and \href{https://x.org}{https://x.org}",
            "code (https://x.org) and https://x.org",
        ),
        (r"at $\href{https://x.org}{this link}$.", "at this link (https://x.org)."),
        (r"models\footnote{See \url{https://x.org}.}", "models (See https://x.org.)"),
        (r"as in~\cite{lee,kim}", "as in [lee,kim]"),
        (r"vs.\ that, 10\,ms, Fig.~3, 43\,dB", "vs. that, 10 ms, Fig. 3, 43 dB"),
        (r"360{\deg}, 4\times faster, M\textsuperscript{3}FD", "360°, 4× faster, M³FD"),
        (r"R\textsuperscript{\textregistered} and \enquote{so}", "R® and “so”"),
        (r"(\eg, this) \ie that", "(e.g., this) i.e. that"),
        (r"\b{eta}=0.6 and \k{appa}", "β=0.6 and κ"),
        (r"the query\'s self\-organizing", "the query's self-organizing"),
        ("2010--2020 -- or---so", "2010–2020 – or—so"),
        ("``double'' and `single' and ``mixed\"", "“double” and ‘single’ and “mixed”"),
    ],
)
def test_known_commands_dashes_and_quotes_are_put_for_people(served: str, shown: str) -> None:
    assert to_unicode(served) == shown


@pytest.mark.parametrize(
    "text",
    [
        "between $5 million and $10 million",
        "$5 for x_1 or $6 for x_2",
        "$5-$10, $5/month or $1.2B/$3B",
        "a lone $ and p<q and {sets} of 50% things",
        "$HOME and $PATH:$HOME",
        r"in C:\users\name\temp or \\server\share",
        r"the pattern \d+\.csv or [\w\s]+ or \(\d+\)",
        r"$\begin{theorem} a \end{theorem}$ and $\begin{cases} a$",
        r"a folder\path and C:\Users\name",
        "run --verbose <!-- not --> i-->j -----",
        "~5 of 1.5~1.8x and (1~6) in /~user",
        "don't `code` ```fence``` it's",
        r"A \ B and a\\b",
        "x_1 and x^2 and a_{b} outside",
    ],
)
def test_what_is_not_surely_tex_stays_as_served(text: str) -> None:
    assert to_unicode(text) == text


@pytest.mark.parametrize(
    "segment",
    [
        "$" + "x^{" * 40 + "y" + "}" * 40 + "$",
        "$" + r"\hat" * 100 + "x$",
        "$" + "x^2+" * 400 + "y$",
        r"$\frac{1}$",
        "$x^$",
        "$}{$",
        r"$\unicode{x110000}$",
        r"$\not{ab}$",
        r"$\sqrt[n+q]{2}$",
    ],
)
def test_a_segment_that_cannot_be_read_stays_whole_beside_one_that_can(segment: str) -> None:
    assert converted(rf"a {segment} b $\alpha$") == f"a {segment} b α"


def test_a_text_is_put_on_one_line() -> None:
    assert to_unicode(" Two\n  lines,\tand $x\n^2$ ") == "Two lines, and x ²"


def test_a_text_of_absurd_length_is_not_read() -> None:
    assert to_unicode(r"\'e" * 5000) == r"\'e" * 5000


def test_characters_of_private_use_survive() -> None:
    assert to_unicode("\ue000 $x^2$ \ue001 \ue000") == "\ue000 x² \ue001 \ue000"


def test_more_pieces_than_can_be_kept_apart_are_refused() -> None:
    text = " ".join(f"${chr(0x4E00 + number)}$" for number in range(7000))
    with pytest.raises(OverflowError):
        converted(text)


@pytest.mark.parametrize(
    ("title", "key"),
    [
        (r"On the Erd\H{o}s--R\'enyi Graph: $O(n^2)$!", "ontheerdosrenyigraphon2"),
        ("On the Erdős–Rényi graph: O(n²)!", "ontheerdosrenyigraphon2"),
        ("STRASSE, Straße", "strassestrasse"),
        ("注意力 is all", "注意力isall"),
        ("— ?!", ""),
    ],
)
def test_a_title_has_the_same_key_however_it_is_written(title: str, key: str) -> None:
    assert title_key(title) == key


def test_a_key_is_never_longer_than_its_column() -> None:
    assert len(title_key("ﷺ" * 150)) == 200


NASTY = st.lists(
    st.sampled_from([*"$${}{}^_~`'\"-%&ab 1([])", "\\", "\\frac", "\\text", "\\(", "\\)", "\\[", "\ue000"]), max_size=60
).map("".join)


@given(NASTY | st.text())
def test_whatever_is_served_is_converted_without_an_error(text: str) -> None:
    converted(" ".join(text.split()))


@given(st.text(alphabet=st.characters(exclude_characters="\\$~`'-")))
def test_a_text_without_tex_keeps_every_character_but_spare_blanks(text: str) -> None:
    assert to_unicode(text) == " ".join(text.split())


@pytest.mark.parametrize(
    "nasty",
    [
        "{" * 9900,
        r"\textbf{" * 1200,
        "``" * 4900,
        r"\(" * 4900,
        "$x" * 4900,
        r"{\em " * 1900,
        "${" * 4900,
        "$" + "{" * 99 + "$" * 9000,
    ],
)
def test_nasty_nesting_does_not_grow_the_text(nasty: str) -> None:
    assert len(to_unicode(nasty)) <= len(nasty)


MATHS = re.compile(
    r"\$\$.*?\$\$|\$.*?\$|\\\(.*?\\\)|\\\[.*?\\\]|\\begin\{((?:equation|align|gather)\*?)\}.*?\\end\{\1\}", re.DOTALL
)
COMMAND = re.compile(r"\\label\{[^{}]*\}|\\[A-Za-z]+\*?|\\.")
WORD = re.compile(r"[A-Za-z]{2,}")


def words_outside_maths(source: str) -> list[str]:
    """The checker's own idea of a word, which shares nothing with the code: letters left when TeX is cut out."""
    # What touches a command may be half a letter, as in Erd\H{o}s: only words that stand free of any are told.
    pieces = COMMAND.sub("\0", MATHS.sub("\0", source)).split()
    return [word for piece in pieces if "\0" not in piece for word in WORD.findall(piece)]


def stand_in_order(words: list[str], text: str) -> bool:
    at = 0
    for word in words:
        if (at := text.find(word, at)) < 0:
            return False
        at += len(word)
    return True


@pytest.mark.parametrize("name", ["arxiv_2026Q1", "arxiv_2026Q2", "hf_daily"])
def test_no_real_title_or_abstract_fails_or_loses_a_word_outside_maths(shared_data: Path, name: str) -> None:
    lost = [source for source in texts(shared_data / "papers" / f"{name}.jsonl.gz") if not is_whole(source)]
    assert lost == []


def is_whole(source: str) -> bool:
    shown = to_unicode(source)
    if shown != " ".join(source.split()):
        return stand_in_order(words_outside_maths(source), shown)
    return not set(source) & set("\\$") or converted(shown) == shown  # raises what to_unicode would have hidden


def texts(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            paper = json.loads(line)
            yield from (paper["title"], paper["abstract"])
