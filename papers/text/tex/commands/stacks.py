"""Commands with arguments that stand above, below or beside each other: fractions, roots, arrows."""

import unicodedata
from collections.abc import Callable

from papers.text.tex import symbols
from papers.text.tex.shapes import END, RELATION, SCRIPT, WORD, bracketed, subscript, superscript
from papers.text.tex.tokens import Tokens, argument, fraction, option, refuse

# Two signs above each other that are one sign.
STACKED = {
    (">", "~"): "≳",
    ("<", "~"): "≲",
    (">", "≈"): "⪆",
    ("<", "≈"): "⪅",
    (">", "<"): "≷",
    ("<", ">"): "≶",
    ("~", "="): "≅",
    ("def", "="): "≝",
    ("d", "="): "=ᵈ",
    ("?", "="): "≟",
    (".", "="): "≐",
    ("∘", "="): "≗",
    ("⋆", "="): "≛",
    ("*", "="): "≛",
    ("Δ", "="): "≜",
    ("△", "="): "≜",
    ("∧", "="): "≙",
    ("m", "="): "≞",
    ("!", "="): "=^!",
}
ARROWS = {
    "xrightarrow": "→",
    "xlongrightarrow": "→",
    "xleftarrow": "←",
    "xleftrightarrow": "↔",
    "xRightarrow": "⇒",
    "xLeftarrow": "⇐",
    "xLeftrightarrow": "⇔",
    "xhookrightarrow": "↪",
    "xhookleftarrow": "↩",
    "xmapsto": "↦",
    "xrightharpoonup": "⇀",
    "xrightleftharpoons": "⇌",
    "xtwoheadrightarrow": "↠",
    "xlongequal": "=",
    "xequal": "=",
}
LONG_SIGNS = frozenset("=<>≲≳≝≟≐≗≛≜≙≞≷≶⪅⪆")


def _fraction(tokens: Tokens) -> str:
    return fraction(argument(tokens), argument(tokens))


def _root(tokens: Tokens) -> str:
    degree = option(tokens)
    raised = symbols.superscript(degree) or (refuse("the degree of a root") if degree else "")
    inner = argument(tokens)
    return f"{raised}√{inner if len(inner) == 1 or inner.isdigit() else bracketed(inner)}{END}"


def _binomial(tokens: Tokens) -> str:
    return f"({argument(tokens)} choose {argument(tokens)})"


def _modulus(tokens: Tokens) -> str:
    return f" (mod {argument(tokens)})"


def _modulus_alone(tokens: Tokens) -> str:
    return f" mod {argument(tokens)}"


def _negated(tokens: Tokens) -> str:
    tokens.skip_blanks()
    while tokens.peek() == r"\!":
        tokens.take()
    inner = argument(tokens)
    barred = unicodedata.normalize("NFC", f"{inner}\u0338")
    if len(barred) == 1:
        return f"{RELATION}{barred}{RELATION}"
    return barred if len(inner) == 1 else refuse("not")  # D̸, Feynman's slash


def _divides(tokens: Tokens) -> str:
    return f"{RELATION}|{RELATION}"


def _arrow(name: str) -> Callable[[Tokens], str]:
    """Return the reader of an arrow with words above it, and in square brackets below it: →ᵈ."""

    def read(tokens: Tokens) -> str:
        below = option(tokens)
        return _related(ARROWS[name], argument(tokens), below)

    return read


def _related(sign: str, above: str, below: str = "") -> str:
    lowered = subscript(below) if below else ""
    raised = superscript(above) if above else ""
    return f"{RELATION}{sign}{_bare(lowered)}{_bare(raised)}{RELATION}"


def _bare(script: str) -> str:
    return script.replace(END, "")


def _is_relation(base: str) -> bool:
    return len(base) == 1 and (base in symbols.RELATIONS or base in LONG_SIGNS or symbols.is_arrow(base))


def _above(tokens: Tokens) -> str:
    """Write what stands over a sign as the one sign that both are, or raised after it."""
    above, base = argument(tokens), argument(tokens)
    if sign := STACKED.get((above, base)):
        return f"{RELATION}{sign}{RELATION}"
    if _is_relation(base):
        return _related(base, above)
    return f"{WORD}{base}{SCRIPT}{superscript(above)}{END}" if above else base


def _below(tokens: Tokens) -> str:
    """Write what stands under a word after it, lowered: max with x below it."""
    below, base = argument(tokens), argument(tokens)
    if _is_relation(base):
        return _related(base, "", below)
    return f"{WORD}{base}{SCRIPT}{subscript(below)}{END}" if below else base


def _named_function(tokens: Tokens) -> str:
    return f"{WORD}{argument(tokens)}{END}"


RULES: dict[str, Callable[[Tokens], str]] = {
    **dict.fromkeys(["frac", "cfrac", "dfrac", "tfrac", "nicefrac", "sfrac", "flatfrac"], _fraction),
    **dict.fromkeys(["binom", "dbinom", "tbinom"], _binomial),
    **dict.fromkeys(["stackrel", "overset", "stackbin"], _above),
    **{name: _arrow(name) for name in ARROWS},
    "underset": _below,
    "sqrt": _root,
    "mid": _divides,
    "not": _negated,
    "mod": _modulus_alone,
    "pmod": _modulus,
    "operatorname": _named_function,
    "DeclareMathOperator": _named_function,
}
