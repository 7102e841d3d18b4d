"""Identifiers and links as they were before a program wrote them into a TeX or HTML file."""

import html
import re

COMMANDS = {"underscore": "_", "less": "<", "greater": ">", "asciitilde": "~", "quotesingle": "'", "backslash": "\\"}
COMMAND = re.compile(rf"\\text({'|'.join(COMMANDS)})(?![A-Za-z])(?:\{{\}})?\s?")
TILDE = re.compile(r"\\~(?:\{\})?")
SIGN = re.compile(r"\\([_%&#$ {}])")
BETWEEN_DOLLARS = re.compile(r"\$([<>_~\s]|\\sim)\$")
AROUND = re.compile(r"\\(?:url|path|nolinkurl|texttt|tt|href|doi)(?![A-Za-z])\s*|[{}]")


def unescaped(value: str) -> str:
    """Return 'a_b<c' for r'a{\\_}b$<$c', the address of r'\\url{…}', and what entities stand for."""
    text = value if "&" not in value else html.unescape(html.unescape(value))
    if "\\" in text or "$" in text:
        text = BETWEEN_DOLLARS.sub(_plain, COMMAND.sub(lambda match: COMMANDS[match[1]], text))
        text = SIGN.sub(r"\1", TILDE.sub("~", text))
    return AROUND.sub(" ", text) if "\\" in text else re.sub(r"[{}]", "", text)


def _plain(match: re.Match[str]) -> str:
    return "~" if match[1].startswith("\\") else match[1]
