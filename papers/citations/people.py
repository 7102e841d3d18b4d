"""Authors in the parts that reference managers want: family name, given names, and what stands behind."""

from collections.abc import Sequence
from dataclasses import dataclass

from papers.text.directions import steady
from papers.text.people import is_group, without_asides
from papers.text.suffixes import is_suffix

LONGEST = 300  # characters of a name that are looked at; collaborations have the longest
# Two surnames with one of these between them are one family name: Ortega y Gasset.
JOINTS = frozenset({"y", "i"})


@dataclass(frozen=True, slots=True)
class Person:
    """An author; without given names it is a group, or somebody of one name, and is never turned round."""

    family: str
    given: str = ""
    suffix: str = ""


def person(name: str) -> Person:
    """Take 'Bo van der Ek, Jr. (MIT)' apart into 'van der Ek', 'Bo' and 'Jr.'; the name of a group stays whole."""
    text = steady(" ".join(name[:LONGEST].replace("{", "").replace("}", "").split()))
    alone = without_asides(text)
    if is_group(text) and (is_group(alone) or " " not in alone):
        return Person(text)
    words, suffix = _without_suffix(alone)
    family, comma, given = " ".join(words).partition(",")
    if comma and family.strip() and given.strip(" ,"):
        return Person(family.strip(), given.strip(" ,"), suffix)
    words = [word.strip(",") for word in words if word.strip(",")]
    begins = _family_begins(words)
    return Person(" ".join(words[begins:]), " ".join(words[:begins]), suffix)


def _without_suffix(text: str) -> tuple[list[str], str]:
    """Return the words of a name and its suffix: the last word, or one between commas as in 'Ek, Jr., Bo'."""
    words = text.split()
    places = [place for place, word in enumerate(words) if place > 0 and is_suffix(word.strip(","))]
    if not places or len(words) < 2:
        return words, ""
    suffix = words.pop(places[-1]).strip(",")
    return words, suffix


def _family_begins(words: Sequence[str]) -> int:
    """Return where the family name begins: at the last word, or at small ones before it, as in 'van der Ek'."""
    if len(words) < 2:
        return 0
    last = len(words) - 1
    if last > 2 and words[last - 1] in JOINTS:
        return last - 2
    small = (place for place in range(1, last) if words[place][:1].islower())
    return next(small, last)
