"""Turn texts into the stems of their words: what a lexical index stores, and what a query asks it for."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b
from threading import Lock

import Stemmer

LONGEST = 64  # letters of a word that tell it from others
KEPT = 200_000  # words whose term is remembered: about the vocabulary of 50,000 abstracts
ACCENTS = re.compile(r"[\u0300-\u036f]+")  # as marks of their own, which is how NFKD leaves them
WORD = re.compile(r"[^\W_]+")
BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}  # between the words of a text in ASCII
# Words that only hold a sentence together; the longer lists in use take "system" and "computer" away as well.
EVERYWHERE = frozenset(
    WORD.findall(
        "a about after all also although among an and any are as at be because been before being below between"
        " both but by can could did do does due during each either else few for from further had has have having he"
        " her here his how however i if in into is it its itself may me might more most much must my nor not of on"
        " once only or other our over own per same she should since so some still such than that the their them"
        " then there therefore these they this those though through thus to too toward towards under until up upon"
        " us using very via was we were what when where whether which while who whom whose why will with within"
        " without would yet you your"
    )
)

RULES = 3  # of these stems and the marks beside them; with others another number, so that no kept index has the earlier
# The stemmer takes an s away only after a syllable, and never from "us": it parts LLMs from LLM, and GPUs from GPU.
ACRONYMS = re.compile(r"[b-df-hj-np-tv-xz]{2,}(?:[b-df-hj-np-rtv-xz]|[aeou])s")

_english = Stemmer.Stemmer("english")
_one_at_a_time = Lock()  # the stemmer keeps its work in itself


def folded(text: str) -> str:
    """Return the text in lower case and without accents: Erdős is found as erdos, and 𝐀𝐈 as ai."""
    if text.isascii():
        return text.lower()
    return ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold())).casefold()


def all_words(text: str) -> list[str]:
    """Return the words in order, as often as they occur."""
    return [word[:LONGEST] for word in _parted(text)]


def words(text: str) -> list[str]:
    """Return the words in order, as often as they occur, without those that stand in every text."""
    return [word[:LONGEST] for word in _parted(text) if word not in EVERYWHERE]


def _parted(text: str) -> list[str]:
    """Return what WORD finds, of a text in ASCII in a third of the time."""
    plain = folded(text)
    return plain.translate(BLANKS).split() if plain.isascii() else WORD.findall(plain)


def stem(word: str) -> str:
    """Return what a word has in common with its other forms: model, models and modelling; LLM and LLMs."""
    if ACRONYMS.fullmatch(word):
        word = word[:-1]
    with _one_at_a_time:
        return str(_english.stemWord(word))


@lru_cache(maxsize=KEPT)
def term(word: str) -> int:
    """Return 64 bits that stand for a word's stem."""
    return _bits(stem(word))


@lru_cache(maxsize=1_000)
def mark(fact: str) -> int:
    """Return 64 bits that stand for a fact about a paper: never those of a word, which has no sign in it."""
    return _bits(f"={fact}")


def _bits(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")
