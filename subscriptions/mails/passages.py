"""The part of an abstract that a card shows: the sentence that answers the reader's interest, inside its neighbours."""

from typing import NamedTuple

from papers.text.sentences import split

EXCERPT = 230  # characters, roughly
CUT = "…"
ANSWER = 400  # characters; hardly a sentence is longer
LEAST = 60  # characters of a neighbour that is cut; less of it says nothing


class Passage(NamedTuple):
    """Read one after the other they are the excerpt; without an answer all of it stands before."""

    before: str
    answer: str = ""
    after: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, self))


def passage(abstract: str, sentence: str, length: int = EXCERPT) -> Passage:
    """Return the sentence with what stands around it, or the beginning of the abstract if it is not in there.

    At most about length characters, unless the sentence alone is longer. Blanks become single ones.
    """
    text, wanted = " ".join(abstract.split()), " ".join(sentence.split()).removesuffix(CUT)
    sentences = split(text)
    place = next((at for at, one in enumerate(sentences) if wanted and one.startswith(wanted)), None)
    if place is None:
        return Passage(first_sentences(text, length))
    answer = cut(sentences[place], ANSWER)
    before, after = _neighbours(sentences, place, length - len(answer))
    skipped = place > (1 if before else 0)
    return Passage(f"{CUT} {before}".strip() if skipped else before, answer, after)


def _neighbours(sentences: list[str], place: int, room: int) -> tuple[str, str]:
    """Return the sentence before and the one after as far as there is room, the latter perhaps only its beginning."""
    before = sentences[place - 1] if place else ""
    if len(before) + 1 > max(room, 0):
        before = ""
    room -= len(before)
    after = sentences[place + 1] if place + 1 < len(sentences) else ""
    return before, after if len(after) < room else cut(after, room) if room >= LEAST else ""


def first_sentences(abstract: str, length: int = EXCERPT) -> str:
    """Return whole sentences up to the length; cut at a word only if the first sentence alone is longer."""
    if len(abstract) <= length:
        return abstract
    end = abstract.rfind(". ", 0, length)
    return abstract[: end + 1] if end > length // 3 else cut(abstract, length)


def cut(text: str, length: int) -> str:
    """Return at most length characters, whole words where the script has any between blanks."""
    if len(text) <= length:
        return text
    start = text[: length - len(CUT)]
    space = start.rfind(" ")
    return start[: space if space > length // 2 else None] + CUT
