"""Rows and cells of TeX's environments on one line: a matrix as (a, b; c, d), cases in braces, lines one by one."""

from papers.text.tex.shapes import CELL, ROW, settled
from papers.text.tex.tokens import Tokens, option, refuse, sequence, source_argument

# Those that begin maths of their own, and those that only stand within maths.
DISPLAYED = (
    *("equation", "align", "alignat", "flalign", "gather", "multline", "eqnarray", "displaymath", "math"),
    "subequations",
)
LINES = frozenset(["aligned", "alignedat", "gathered", "split", "subarray", *DISPLAYED])
MATRICES = {
    "array": ("", ""),
    "tabular": ("", ""),
    "matrix": ("", ""),
    "smallmatrix": ("", ""),
    "pmatrix": ("(", ")"),
    "psmallmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "bsmallmatrix": ("[", "]"),
    "Bmatrix": ("{", "}"),
    "vmatrix": ("|", "|"),
    "Vmatrix": ("‖", "‖"),
    "cases": ("{", "}"),
    "dcases": ("{", "}"),
    "rcases": ("{", "}"),
}
WITH_COLUMNS = frozenset({"array", "tabular", "alignat", "alignedat", "subarray"})


def environment(tokens: Tokens) -> str:
    """Read from behind \\begin to behind \\end; refused are those that are none of maths, and what is never ended."""
    name = source_argument(tokens).strip().rstrip("*")
    if name not in LINES and name not in MATRICES:
        refuse(name)
    option(tokens)
    if name in WITH_COLUMNS:
        source_argument(tokens)
    tokens.deeper()
    inner = sequence(tokens, r"\end")
    tokens.depth -= 1
    if source_argument(tokens).strip().rstrip("*") != name:
        refuse("an environment is not ended")
    return lines(inner) if name in LINES else _matrix(inner, *MATRICES[name])


def lines(inner: str) -> str:
    """Put lines below each other after each other; the marks of what is aligned in them stand for nothing."""
    if ROW not in inner and CELL not in inner:
        return settled(inner)
    rows = (settled(row.replace(CELL, "")).strip() for row in inner.split(ROW))
    return "; ".join(row for row in rows if row)


def _matrix(inner: str, opening: str, closing: str) -> str:
    rows = (", ".join(_cell(cell) for cell in row.split(CELL)) for row in inner.split(ROW) if row.strip())
    return f"{opening}{'; '.join(rows)}{closing}"


def _cell(source: str) -> str:
    return settled(source).strip().rstrip(",;").rstrip()


def substack(tokens: Tokens) -> str:
    if tokens.following() != "{":
        refuse("an argument is missing")
    tokens.take()
    tokens.deeper()
    inner = sequence(tokens, "}")
    tokens.depth -= 1
    return ", ".join(settled(row).strip() for row in inner.split(ROW))
