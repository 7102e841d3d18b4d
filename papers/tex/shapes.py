"""How a piece of maths is put on one line: blanks, raised and lowered signs, brackets; strings in, strings out."""

import re
import unicodedata

from papers.tex import symbols

# Marks for the blanks that are settled only when the neighbours are known.
RELATION, OPERATOR, WORD, END, SCRIPT = "\x01", "\x02", "\x03", "\x04", "\x05"
FRACTION, FRACTION_END = "\x06", "\x07"
MARKS = re.compile(r"[\x01-\x07]")


def settled(text: str) -> str:
    """Blanks around relations and words as they are read, none where nothing stands before or after."""
    text = re.sub(r"_([^\W_]+)\x04\x05(?=[\w⁺⁻⁽^])", r"_(\1)", text)  # F_(q)ᵐ, for F_qᵐ reads as another thing
    text = re.sub(r"(?<=[\w)])\x06([^\x06\x07]*)\x07", r"(\1)", text)  # beside a factor: (1/2)n
    text = re.sub(r"\x06([^\x06\x07]*)\x07(?=[\w√(\x03\x05\x06])", r"(\1)", text)
    text = re.sub(r"\x04*\x05", "", text)
    text = re.sub(r"(?<=[\x01(\[{,=<>])\s*\x02(.)\x02\s*", r"\1", text)
    text = re.sub(r"(?:^|(?<=[(\[{,]))\s*\x01(.)\x01\s*", r"\1", text)
    text = re.sub(r"\s*\x01(.)\x01\s*", r" \1 ", text)
    text = re.sub(r"(\s?)\s*\x02(.)\x02\s*", spaced_operator, text)
    text = re.sub(r"(?<=[\w)\]}°′%\x04])\s*\x03(?=[\w√])", " ", text)
    text = re.sub(r"\x04(?=[\w√∑∫])", " ", text)
    text = re.sub(r"(?<=[(\[{⌊⌈⟨])\s+|\s+(?=[)\]}⌋⌉⟩])", "", MARKS.sub("", text))
    return re.sub(r"\s+", " ", text)


def spaced_operator(match: re.Match[str]) -> str:
    """Blanks on both sides where the source has one before, as in a + b; none at the beginning, as in ±2."""
    blank = " " if match[1] and match.start() else ""
    return f"{blank}{match[2]}{blank}"


def superscript(raised: str) -> str:
    tight = without_blanks(raised)
    return symbols.superscript(tight) or f"^{tight if len(tight) == 1 else bracketed(tight)}{END}"


def subscript(lowered: str) -> str:
    tight = without_blanks(lowered)
    return symbols.subscript(tight) or f"_{tight if is_word(tight) else bracketed(tight)}{END}"


def is_word(text: str) -> bool:
    """Letters and digits, none of them raised or lowered."""
    return all(unicodedata.category(character) in {"Ll", "Lu", "Lo", "Nd"} for character in text)


def without_blanks(text: str) -> str:
    """Without those around signs; those between words stay."""
    return re.sub(r"\s*([^\w\s])\s*", r"\1", text.strip())


def bracketed(inner: str) -> str:
    return inner if is_enclosed(inner) else f"({inner})"


def is_enclosed(inner: str) -> bool:
    return re.fullmatch(r"\([^()]*\)", inner) is not None


def operand(inner: str) -> str:
    """In brackets, unless it is a single thing such as n², √n or f(x)."""
    return inner if re.fullmatch(r"[^\s+\-/,=<>×·±~()]+(?:\([^()]*\))?", inner) else bracketed(inner)


def marked(base: str, mark: str) -> str:
    """A letter with its accent; over several letters the accent is left out, for none spans them."""
    return unicodedata.normalize("NFC", base + mark) if len(base) == 1 else base
