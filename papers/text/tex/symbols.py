"""What TeX's commands stand for in Unicode."""

import re
import unicodedata
from functools import cache

from pylatexenc.latex2text import get_default_latex_context_db

from papers.text.tex.own_symbols import OURS


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTIONS = names(
    "arccos arcsin arctan arg argmax argmin bmod cos cosh cot coth csc det diag dim exp gcd hom inf ker lcm lg lim "
    "liminf limsup ln log max min mod poly polylog rank sec sign sin sinh sup supp tan tanh tr Im Pr Re"
)
# Letters that stand inside words, unlike symbols, so that a blank after the command only ends the command.
LETTERS = {
    "AA": "Å",
    "AE": "Æ",
    "DH": "Ð",
    "DJ": "Đ",
    "L": "Ł",
    "NG": "Ŋ",
    "O": "Ø",
    "OE": "Œ",
    "SS": "ẞ",
    "TH": "Þ",
    "aa": "å",
    "ae": "æ",
    "dh": "ð",
    "dj": "đ",
    "i": "ı",
    "j": "ȷ",
    "l": "ł",
    "ng": "ŋ",
    "o": "ø",
    "oe": "œ",
    "ss": "ß",
    "th": "þ",
}
ACCENTS = {
    '"': "\u0308",
    "'": "\u0301",
    ".": "\u0307",
    "=": "\u0304",
    "H": "\u030b",
    "^": "\u0302",
    "`": "\u0300",
    "b": "\u0331",
    "c": "\u0327",
    "d": "\u0323",
    "k": "\u0328",
    "r": "\u030a",
    "u": "\u0306",
    "v": "\u030c",
    "~": "\u0303",
}
# The sign of a unit that stands over the point: 0.3″, not 0″.3, since it is read so wherever there is no TeX.
SPLIT_UNITS = {"farcs": "″", "farcm": "′", "fdg": "°"}
# Only the letters that fonts everywhere have; an E or an F with a doubled stroke is an empty box in many mails.
BLACKBOARD = str.maketrans("CHNPQRZ", "ℂℍℕℙℚℝℤ")
SUPERSCRIPTS = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδθφχ∘⊤*∗⋆†‡′″⊥",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᶿᵠᵡ°ᵀ**⋆†‡′″⊥",
        strict=True,
    )
)
SUBSCRIPTS = dict(zip("0123456789+-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
RAISED, LOWERED = frozenset(SUPERSCRIPTS.values()) - {"*", "°", "′", "″"}, frozenset(SUBSCRIPTS.values())
LONGEST_SCRIPT_WORD = 3  # letters; longer words in small letters are hard to read and are spelt out
RELATIONS = frozenset("~≈≡≅≃≠≤≥≪≫≲≳≺≻⪯⪰⩽⩾∈∉∋⊂⊆⊊⊃⊇∝≔≜⊢⊨⋘⋙⊴⊵⊲⊳⋈≇≁≕≝⪅⪆∣∤∥⊥⫫")
OPERATORS = frozenset("×·±∓∘∪∩∧∨⊕⊗⊖⊙∖÷")


@cache
def symbol(name: str) -> str:
    """Return the one character or short name for a command without arguments; '' for an unknown one."""
    known = OURS.get(name) or LETTERS.get(name) or (name if name in FUNCTIONS else "") or library().get(name)
    return known or _variant(name)


def glued(name: str) -> str:
    """Return βU for betaU, where the blank between a Greek letter and a capital was lost on the way."""
    letter = library().get(name[:-1], "") if name[-1].isupper() else ""
    return letter + name[-1] if "Α" <= letter <= "ω" else ""


def _variant(name: str) -> str:
    """Return the Greek letter of a command that only sets its type: upmu, varGamma."""
    letter = library().get(re.sub(r"\A(?:up|var|it|b)(?=[A-Za-z]{2})", "", name), "")
    return letter if "Α" <= letter <= "ω" else ""


@cache
def library() -> dict[str, str]:
    """Return those of pylatexenc's commands that stand for a single character beyond ASCII.

    Only its table is used. Its reader takes % for the start of a comment, an unknown command for nothing and a lone
    dollar for maths up to the end, each of which loses words, and leaves a^2 as it is.
    """
    specs = get_default_latex_context_db().iter_macro_specs()
    signs = {spec.macroname: spec.simplify_repl for spec in specs if isinstance(spec.simplify_repl, str)}
    return {name: sign for name, sign in signs.items() if len(name) > 1 and len(sign) == 1 and ord(sign) > 127}


def is_arrow(sign: str) -> bool:
    return "\u2190" <= sign <= "\u21ff" or "\u27f0" <= sign <= "\u27ff"


def accented(base: str, mark: str) -> str:
    """Return the letter with the mark as one character, or '' where Unicode has none."""
    plain = {"ı": "i", "ȷ": "j"}.get(base, base)
    composed = unicodedata.normalize("NFC", plain + mark)
    return composed if len(composed) == 1 else ""


def superscript(text: str) -> str:
    return script(text, SUPERSCRIPTS)


def subscript(text: str) -> str:
    return script(text, SUBSCRIPTS)


def script(text: str, forms: dict[str, str]) -> str:
    """Return the text raised or lowered; '' where a character has no such form or the word is long."""
    letters = sum(character.isalpha() for character in text)
    if not text or letters > LONGEST_SCRIPT_WORD or any(character not in forms for character in text):
        return ""
    return "".join(forms[character] for character in text)
