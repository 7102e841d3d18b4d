"""How a piece of maths is put on one line: blanks, raised and lowered signs, brackets; strings in, strings out."""

import re
import unicodedata

from papers.text.tex import symbols

# Marks for the blanks that are settled only when the neighbours are known.
RELATION, OPERATOR, WORD, END, SCRIPT = "\x01", "\x02", "\x03", "\x04", "\x05"
FRACTION, FRACTION_END = "\x06", "\x07"
ROW, CELL = "\x10", "\x11"  # of a matrix, a list of cases or several lines
MARKS = re.compile(r"[\x01-\x07\x10\x11]")
# Tried at the first of several alone: what tries at each of them takes the square of their number.
BLANKS = r"(?:(?<!\s)\s+)?"
# Beside a letter it can only be the sun or the earth: M⊙ and R⊕, as astronomers write.
HEAVENLY = frozenset("⊙⊕☉")
SHORTEST_WORD = 3  # letters that are raised without brackets where Unicode has no small ones
DOUBLED_PRIMES = {"′′": "″", "′′′": "‴"}


def settled(text: str) -> str:
    """Put blanks around relations and words as they are read, none where nothing stands before or after."""
    if not MARKS.search(text):
        return _without_inner_blanks(text) if " " in text else text
    text = re.sub(r"_([^\W_]+)\x04\x05(?=[\w⁺⁻⁽])", r"_(\1)", text)  # F_(q)ᵐ, for F_qᵐ reads as another thing
    text = re.sub(r"\^(\w+)\x04\x05(?=[₀-ₜᵢ-ᵪⱼ])", r"^(\1)", text)
    text = re.sub(r"(?<=[\w)])\x06([^\x06\x07]*)\x07", r"(\1)", text)  # beside a factor: (1/2)n
    text = re.sub(r"\x06([^\x06\x07]*)\x07(?=[\w√(\x03\x05\x06])", r"(\1)", text)
    text = re.sub(r"(?<!\x04)\x04*\x05", "", text)
    text = re.sub(r"(?<=[\x01(\[{,=<>])\s*\x02([^\x02]+)\x02\s*", r"\1", text)
    text = re.sub(r"(?:^|(?<=[(\[{,]))\s*\x01([^\x01]+)\x01\s*", r"\1", text)
    text = re.sub(rf"{BLANKS}\x01([^\x01]+)\x01\s*", r" \1 ", text)
    text = re.sub(r"(?:(?<!\s)(\s)\s*)?\x02([^\x02]+)\x02\s*", _spaced_operator, text)
    text = re.sub(r"(?<=[\w)\]}°′%\x04])\s*\x03(?=[\w√])", " ", text)
    text = re.sub(r"\x04(?=[\w√∑∫])", " ", text)
    return _without_inner_blanks(re.sub(r"[\x01-\x07]", "", text))


def _without_inner_blanks(text: str) -> str:
    text = re.sub(r"(?<=[(\[{⌊⌈⟨])\s+|(?<!\s)\s+(?=[)\]}⌋⌉⟩])", "", text)
    return re.sub(r"\s+", " ", text)


def _spaced_operator(match: re.Match[str]) -> str:
    """Put blanks on both sides where the source has one before, as in a + b; none at the beginning, as in ±2."""
    blank = " " if match[1] and match.start() else ""
    return f"{blank}{match[2]}{blank}"


def superscript(raised: str) -> str:
    """Return a text raised; what is raised already, for its size alone, stays so."""
    tight = _without_blanks(raised).removeprefix("^")
    if tight in DOUBLED_PRIMES or symbols.RAISED.issuperset(tight):
        return DOUBLED_PRIMES.get(tight, tight)
    is_plain = len(tight) == 1 or (len(tight) >= SHORTEST_WORD and tight.isalpha() and _is_word(tight))
    return symbols.superscript(tight) or f"^{tight if is_plain else bracketed(tight)}{END}"


def subscript(lowered: str) -> str:
    """Return a text lowered; what is lowered already, for its size alone, stays so."""
    tight = _without_blanks(lowered).removeprefix("_")
    if symbols.LOWERED.issuperset(tight):
        return tight
    if tight in HEAVENLY:
        return f"{tight}{END}"
    return symbols.subscript(tight) or f"_{tight if len(tight) == 1 or _is_word(tight) else bracketed(tight)}{END}"


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
