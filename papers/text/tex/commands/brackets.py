"""Commands that put brackets of their own around arguments: kets, norms, commutators; and derivatives of physics."""

from collections.abc import Callable

from papers.text.tex.tokens import Tokens, argument, fraction


def _around(opening: str, closing: str) -> Callable[[Tokens], str]:
    """Return a reader that puts the argument between signs; of round brackets in place of braces nothing changes."""

    def read(tokens: Tokens) -> str:
        if tokens.following() != "{":
            return f"{opening}{argument(tokens)}{closing}" if tokens.peek() not in {"(", "[", ""} else ""
        return f"{opening}{argument(tokens)}{closing}"

    return read


def _braket(tokens: Tokens) -> str:
    """Read ⟨a|b⟩, in the form of braket, where the bar stands in the argument, or of physics, where there are two."""
    first = argument(tokens)
    if tokens.peek() == "{":
        return f"⟨{first}|{argument(tokens)}⟩"
    return f"⟨{first}⟩"


def _outer_product(tokens: Tokens) -> str:
    first = argument(tokens)
    return f"|{first}⟩⟨{argument(tokens) if tokens.peek() == '{' else first}|"


def _matrix_element(tokens: Tokens) -> str:
    return f"⟨{argument(tokens)}|{argument(tokens)}|{argument(tokens)}⟩"


def _pair(opening: str, closing: str) -> Callable[[Tokens], str]:
    return lambda tokens: f"{opening}{argument(tokens)}, {argument(tokens)}{closing}"


def _derivative(letter: str) -> Callable[[Tokens], str]:
    def read(tokens: Tokens) -> str:
        first = argument(tokens)
        if tokens.peek() != "{":
            return fraction(letter, f"{letter}{first}")
        return fraction(f"{letter}{first}", f"{letter}{argument(tokens)}")

    return read


RULES: dict[str, Callable[[Tokens], str]] = {
    "abs": _around("|", "|"),
    "norm": _around("‖", "‖"),
    "ket": _around("|", "⟩"),
    "Ket": _around("|", "⟩"),
    "bra": _around("⟨", "|"),
    "Bra": _around("⟨", "|"),
    "braket": _braket,
    "Braket": _braket,
    "innerproduct": _pair("⟨", "⟩"),
    "ketbra": _outer_product,
    "dyad": _outer_product,
    "expval": _around("⟨", "⟩"),
    "ev": _around("⟨", "⟩"),
    "mel": _matrix_element,
    "comm": _pair("[", "]"),
    "commutator": _pair("[", "]"),
    "anticomm": _pair("{", "}"),
    "anticommutator": _pair("{", "}"),
    "dv": _derivative("d"),
    "pdv": _derivative("∂"),
    "order": _around("O(", ")"),
}
