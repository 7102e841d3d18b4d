"""Accents and lines: a mark on one letter, a word before brackets where several letters or a sign stand under it.

No mark spans several letters: fonts of mail programs tear U+0305 apart, screen readers spell such a word
letter by letter, and a search in a page misses it. hat(sl)₂ is how AsciiMath has it, and how people say it.
"""

import re
import unicodedata

from papers.text.tex.shapes import END, WORD, bracketed

# The combining mark of each, and its name before brackets. Of two widths of one accent, one form.
MARKS = {
    "acute": ("\u0301", "acute"),
    "bar": ("\u0304", "bar"),
    "breve": ("\u0306", "breve"),
    "cancel": ("\u0338", "cancel"),
    "check": ("\u030c", "check"),
    "ddddot": ("\u20dc", "ddddot"),
    "dddot": ("\u20db", "dddot"),
    "ddot": ("\u0308", "ddot"),
    "dot": ("\u0307", "dot"),
    "grave": ("\u0300", "grave"),
    "hat": ("\u0302", "hat"),
    "mathring": ("\u030a", "ring"),
    "overbrace": ("", "overbrace"),
    "overleftarrow": ("\u20d6", "overleftarrow"),
    "overleftrightarrow": ("\u20e1", "overleftrightarrow"),
    "overline": ("\u0304", "bar"),
    "overrightarrow": ("\u20d7", "vec"),
    "slashed": ("\u0338", "slashed"),
    "tilde": ("\u0303", "tilde"),
    "underbar": ("\u0332", "underline"),
    "underbrace": ("", "underbrace"),
    "underline": ("\u0332", "underline"),
    "utilde": ("\u0330", "undertilde"),
    "vec": ("\u20d7", "vec"),
    "widecheck": ("\u030c", "check"),
    "widehat": ("\u0302", "hat"),
    "widetilde": ("\u0303", "tilde"),
}
LETTERS_BY_CATEGORY = re.compile(r"[^\W\d_]|[∂∇∅∞ℓ]|\d")
DOTLESS = {"ı": "i", "ȷ": "j"}
# Schemes of renormalisation, which physicists write so wherever there is no line.
SPOKEN = {("bar", "MS"): "MS-bar", ("bar", "DR"): "DR-bar"}


def marked(base: str, command: str) -> str:
    """Return the base with the accent of that command: x̄, and bar(SOME) or hat(+) where no mark can stand."""
    mark, word = MARKS[command]
    letter = unicodedata.normalize("NFD", DOTLESS.get(base, base))
    if mark and LETTERS_BY_CATEGORY.match(letter) and all(unicodedata.combining(above) for above in letter[1:]):
        return unicodedata.normalize("NFC", letter + mark)
    if spoken := SPOKEN.get((word, base)):
        return f"{WORD}{spoken}{END}"
    return f"{WORD}{word}{bracketed(base)}"
