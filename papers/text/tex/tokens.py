"""The tokens of a segment of maths, and how groups, arguments and rows of them are read: what all commands build on."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from papers.text.tex.shapes import (
    CELL,
    END,
    FRACTION,
    FRACTION_END,
    ROW,
    SCRIPT,
    WORD,
    operand,
    settled,
    subscript,
    superscript,
)

DEEPEST = 12  # groups and arguments within each other
# The star is a part of those names alone: of \pi* it is a sign of its own.
TOKEN = re.compile(r"\\(?:operatorname|[hv]space|begin|end|tag|DeclareMathOperator)\*|\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
SCRIPTS: dict[str, Callable[[str], str]] = {"^": superscript, "_": subscript}
PRIMES = {1: "′", 2: "″", 3: "‴", 4: "⁗"}
SKIP = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:pt|em|ex|mm|cm|in|mu)")


class UnreadableError(ValueError):
    """Raised for a segment that has no certain form on one line."""


@dataclass(slots=True)
class Tokens:
    """The tokens of a segment, taken one by one; command turns one with a backslash, without it, into text."""

    tokens: list[str]
    command: Callable[[str, "Tokens"], str]
    position: int = 0
    depth: int = 0
    as_prose: bool = False  # inside \text and its like, where a_b is a name

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.position += 1
        return token

    def end_command(self) -> None:
        """Leave out the blank that only ends a command; before a sign it is meant."""
        if not re.match(r"\s+[=<>+\-/|]", "".join(self.tokens[self.position : self.position + 2])):
            self.skip_blanks()

    def skip_blanks(self) -> None:
        while self.peek().isspace():
            self.position += 1

    def following(self) -> str:
        self.skip_blanks()
        return self.peek()

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            refuse("too deep")


def refuse(what: str) -> str:
    raise UnreadableError(what)


def sequence(tokens: Tokens, closing: str) -> str:
    """Read everything up to the closing token, or to the end where it is ''; blanks are not settled yet."""
    parts: list[str] = []
    infix, over = "", ""
    while (token := tokens.peek()) not in ("}", closing):
        if token in INFIXES and not infix:
            infix, over, parts = tokens.take(), settled("".join(parts)).strip(), []
            continue
        parts.append(atom(tokens) if token else refuse("a brace is missing"))
    if tokens.take() != closing:
        refuse("a brace too many")
    read = "".join(parts)
    return INFIXES[infix](over, settled(read).strip()) if infix else read


def atom(tokens: Tokens) -> str:
    token = tokens.take()
    if token == "{":
        return group(tokens)
    if token in SCRIPTS and not tokens.as_prose:
        return _script(token, tokens)
    if token == r"\\":
        return _row_end(tokens)
    if token.startswith("\\"):
        return tokens.command(token[1:], tokens)
    if token.isspace() or token == "~":
        return " "
    if token == "'" and not tokens.as_prose:
        return _primes(tokens)
    return {"'": "’", "$": "", "&": CELL}.get(token, token)


def group(tokens: Tokens, closing: str = "}") -> str:
    tokens.deeper()
    inner = sequence(tokens, closing)
    tokens.depth -= 1
    # The blanks of a word at its edge are settled by what stands outside.
    return f"{WORD if inner.startswith(WORD) else ''}{settled(inner)}{END if inner.endswith(END) else ''}"


def argument(tokens: Tokens) -> str:
    return raw_argument(tokens).strip()


def raw_argument(tokens: Tokens) -> str:
    """Read a command's argument, a group or the next token alone, with the blanks at its beginning and end."""
    if tokens.following() in {"", "}", "^", "_"}:
        refuse("an argument is missing")
    tokens.deeper()
    inner = settled(atom(tokens))
    tokens.depth -= 1
    return inner


def option(tokens: Tokens) -> str:
    """Read what stands in square brackets before a command's arguments, '' where there is none."""
    if tokens.following() != "[":
        return ""
    tokens.take()
    return settled(group(tokens, "]")).strip()


def source_argument(tokens: Tokens) -> str:
    """Return the letters of a group as they are: a name, a length, a colour."""
    if tokens.following() != "{":
        return tokens.take() if tokens.peek() else refuse("an argument is missing")
    start, depth = tokens.position + 1, 0
    while token := tokens.take():
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth == 0:
            return "".join(tokens.tokens[start : tokens.position - 1])
    return refuse("a brace is missing")


def _script(token: str, tokens: Tokens) -> str:
    """Read what is raised or lowered; a command that only sets the type is no argument, and an empty one nothing."""
    first = tokens.following()
    inner = argument(tokens)
    if not inner and first.startswith("\\") and tokens.following() not in {"", "}", "^", "_"}:
        inner = argument(tokens)
    return SCRIPT + SCRIPTS[token](inner) if inner else ""


def _row_end(tokens: Tokens) -> str:
    if tokens.peek() == "[" and SKIP.match("".join(tokens.tokens[tokens.position + 1 : tokens.position + 9])):
        while tokens.take() not in {"]", ""}:
            pass
    return ROW


def _primes(tokens: Tokens) -> str:
    count = 1
    while tokens.peek() == "'":
        tokens.take()
        count += 1
    return PRIMES.get(count) or "′" * count


def fraction(over: str, under: str) -> str:
    return f"{FRACTION}{operand(over)}/{operand(under)}{FRACTION_END}"


INFIXES: dict[str, Callable[[str, str], str]] = {
    r"\over": fraction,
    r"\choose": lambda over, under: f"({over} choose {under})",
    r"\atop": lambda over, under: f"({over} atop {under})",
    r"\brack": lambda over, under: f"[{over} atop {under}]",
    r"\brace": lambda over, under: f"{{{over} atop {under}}}",
}
