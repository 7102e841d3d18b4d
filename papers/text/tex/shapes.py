"""How a piece of maths is put on one line: blanks, raised and lowered signs, brackets; strings in, strings out."""

import re
import unicodedata

from papers.text.tex import symbols

# Marks for the blanks that are settled only when the neighbours are known.
RELATION, OPERATOR, WORD, END, SCRIPT = "\x01", "\x02", "\x03", "\x04", "\x05"
FRACTION, FRACTION_END = "\x06", "\x07"
MARKS = re.compile(r"[\x01-\x07]")
# Tried at the first of several alone: what tries at each of them takes the square of their number.
BLANKS = r"(?:(?<!\s)\s+)?"


def settled(text: str) -> str:
    """Put blanks around relations and words as they are read, none where nothing stands before or after."""
    text = re.sub(r"_([^\W_]+)\x04\x05(?=[\w⁺⁻⁽^])", r"_(\1)", text)  # F_(q)ᵐ, for F_qᵐ reads as another thing
    text = re.sub(r"(?<=[\w)])\x06([^\x06\x07]*)\x07", r"(\1)", text)  # beside a factor: (1/2)n
    text = re.sub(r"\x06([^\x06\x07]*)\x07(?=[\w√(\x03\x05\x06])", r"(\1)", text)
    text = re.sub(r"(?<!\x04)\x04*\x05", "", text)
    text = re.sub(r"(?<=[\x01(\[{,=<>])\s*\x02(.)\x02\s*", r"\1", text)
    text = re.sub(r"(?:^|(?<=[(\[{,]))\s*\x01(.)\x01\s*", r"\1", text)
    text = re.sub(rf"{BLANKS}\x01(.)\x01\s*", r" \1 ", text)
    text = re.sub(r"(?:(?<!\s)(\s)\s*)?\x02(.)\x02\s*", _spaced_operator, text)
    text = re.sub(r"(?<=[\w)\]}°′%\x04])\s*\x03(?=[\w√])", " ", text)
    text = re.sub(r"\x04(?=[\w√∑∫])", " ", text)
    text = re.sub(r"(?<=[(\[{⌊⌈⟨])\s+|(?<!\s)\s+(?=[)\]}⌋⌉⟩])", "", MARKS.sub("", text))
    return re.sub(r"\s+", " ", text)


def _spaced_operator(match: re.Match[str]) -> str:
    """Put blanks on both sides where the source has one before, as in a + b; none at the beginning, as in ±2."""
    blank = " " if match[1] and match.start() else ""
    return f"{blank}{match[2]}{blank}"


def superscript(raised: str) -> str:
    tight = _without_blanks(raised)
    return symbols.superscript(tight) or f"^{tight if len(tight) == 1 else bracketed(tight)}{END}"


def subscript(lowered: str) -> str:
    tight = _without_blanks(lowered)
    return symbols.subscript(tight) or f"_{tight if _is_word(tight) else bracketed(tight)}{END}"


def _is_word(text: str) -> bool:
    """Tell whether the text is letters and digits, none of them raised or lowered."""
    return all(unicodedata.category(character) in {"Ll", "Lu", "Lo", "Nd"} for character in text)


def _without_blanks(text: str) -> str:
    """Remove the blanks around signs; those between words stay."""
    return re.sub(rf"{BLANKS}([^\w\s])\s*", r"\1", text.strip())


def bracketed(inner: str) -> str:
    return inner if _is_enclosed(inner) else f"({inner})"


def _is_enclosed(inner: str) -> bool:
    return re.fullmatch(r"\([^()]*\)", inner) is not None


def operand(inner: str) -> str:
    """Put brackets around anything but a single thing such as n², √n or f(x)."""
    return inner if re.fullmatch(r"[^\s+\-/,=<>×·±~()]+(?:\([^()]*\))?", inner) else bracketed(inner)


def marked(base: str, mark: str) -> str:
    """Return a letter with its accent; over several letters the accent is left out, for none spans them."""
    return unicodedata.normalize("NFC", base + mark) if len(base) == 1 else base
