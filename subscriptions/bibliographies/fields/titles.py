"""Titles without what publishers, databases and encodings have left in them; TeX is turned into Unicode elsewhere."""

import html
import re

# Tags of publishers' pages and of JATS, TeX in them and MathML, with attributes or without: not the signs of a formula.
NAMES = (
    r"(?:mml:)?(?:math|m(?:row|i|n|o|sub|sup|subsup|text|frac|sqrt|over|under|space|style|fenced)|semantics|annotation)"
    r"|i|b|u|em|strong|sub|sup|inf|scp|sc|tt|small|span|font|p|br|italic|bold|title|named-content|styled-content"
    r"|inline-formula|tex-math|alternatives|jats:[a-z-]+|xref|underline|monospace|roman"
)
TAG = re.compile(rf"</?(?:{NAMES})(?:\s[\w:-]+=[^<>]{{0,300}})?\s?/?>", re.IGNORECASE)
# The brackets of tags as Zotero and Mendeley write them into TeX.
BRACKET = re.compile(r"\{?\\text(less|greater)(?![A-Za-z])(?:\{\})?\}?\s?|\$\\?(<|>|less|greater)\$")
ADDRESS = re.compile(r"\\href\s?\{[^{}]*\}")
# Commands by which NASA's ADS writes signs that its old files had no letters for.
SIGNS_OF_ADS = {
    "gt": ">",
    "lt": "<",
    "mdash": "—",
    "ndash": "–",
    "nbsp": " ",
    "ap": "~",
    "amp": "&",
    "sun": "⊙",
    "deg": "°",
}
SIGN_OF_ADS = re.compile(rf"\{{?\\({'|'.join(SIGNS_OF_ADS)})(?![A-Za-z])(?:\{{\}})?\}}?")
RAISED = re.compile(r"\\(?:raise|lower)\s?-?[\d.]+\s?[a-z]{2}(?=\\hbox)")
# Two to four letters that one letter of UTF-8 becomes where its bytes are read as CP1252.
MISREAD = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2044\u20ac\u2122]{1,3}"
)


def readable(title: str) -> str:
    """Return the title without tags, entities (even if they were escaped twice) and letters that were read wrongly."""
    text = html.unescape(html.unescape(title)) if "&" in title else title
    if "\\text" in text or "$" in text:
        text = BRACKET.sub(lambda match: "<" if (match[1] or match[2]) in {"less", "<"} else ">", text)
    if "<" in text:
        text = TAG.sub("", text)
    if "\\" in text:
        text = SIGN_OF_ADS.sub(lambda match: SIGNS_OF_ADS[match[1].lower()], ADDRESS.sub("", RAISED.sub("", text)))
    return MISREAD.sub(_read_again, text)


def _read_again(match: re.Match[str]) -> str:
    """Return the letter that these were, or themselves where they are not the bytes of one: then nothing is certain."""
    try:
        return b"".join(map(_byte, match[0])).decode()
    except UnicodeError:
        return match[0]


def _byte(character: str) -> bytes:
    return character.encode("latin-1") if character < "\u0100" else character.encode("cp1252")
