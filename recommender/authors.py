"""Who wrote the candidates: the people a reader follows, and the co-authors of the papers a reader named or saved."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
from numpy.typing import NDArray

from recommender import names
from recommender.names import Words
from recommender.vectors import Vector

# What groups call themselves by, where one stands among the authors of a paper.
GROUPS = frozenset({"ai", "collaboration", "consortium", "group", "lab", "labs", "research", "team", "teams"})
MOST_AUTHORS = 100
NAMES_KEPT = 10_000  # looked for once in all candidates

People = Mapping[str, int]  # how many of a reader's papers each person wrote, by recommender.names.key


@dataclass(frozen=True, slots=True)
class Written:
    """A name on a candidate, as it is printed there."""

    at: int  # position of the candidate
    name: str
    words: Words


def _ends(words: Words) -> str:
    return f"{words[0][0]} {words[-1]}"


class Authors:
    """The authors of n candidates, made ready once so that a name is looked up and not searched for."""

    def __init__(self, lists: Iterable[Sequence[str]] = ()) -> None:
        self.count = 0
        self.by_ends: dict[str, list[Written]] = defaultdict(list)  # by surname and first letter
        self.by_letters: dict[str, list[Written]] = defaultdict(list)
        self.by_person: dict[str, dict[int, str]] = defaultdict(dict)
        self.of: list[dict[str, str]] = []  # each candidate's people, as printed
        self.looked_up: dict[str, dict[int, str]] = {}
        for at, authors in enumerate(lists):
            self.count = at + 1
            self.of.append({})
            for name in authors:
                self._add(at, name)

    def _add(self, at: int, name: str) -> None:
        for words in names.spellings(name):
            written = Written(at, name, words)
            self.by_ends[_ends(words)].append(written)
            self.by_letters["".join(words)].append(written)
            if person := names.key(words):
                self.by_person[person].setdefault(at, name)
                self.of[at].setdefault(person, name)

    def found(self, name: str) -> Mapping[int, str]:
        """The followed name as it is printed, by the positions of the candidates that it stands on, ascending."""
        if name not in self.looked_up:
            if len(self.looked_up) >= NAMES_KEPT:
                self.looked_up.clear()
            hits = {one.at: one.name for words in names.typed(name) for one in self._same(words)}
            self.looked_up[name] = dict(sorted(hits.items()))
        return self.looked_up[name]

    def _same(self, words: Words) -> Iterator[Written]:
        alike = (*self.by_letters.get("".join(words), ()), *self.by_ends.get(_ends(words), ()))
        return (one for one in alike if names.same(words, one.words))

    def holding(self, name: str) -> NDArray[np.int32]:
        """Positions of the candidates by whom a reader follows under this name, ascending."""
        return np.array(list(self.found(name)), dtype=np.int32)

    def met(self, people: People) -> dict[int, dict[str, int]]:
        """By the candidates' positions: their authors whom the reader knows, as printed, and how many of the reader's
        papers each of them wrote; most first."""
        found: dict[int, dict[str, int]] = defaultdict(dict)
        known = people.keys() & self.by_person.keys()
        for person in sorted(known, key=lambda one: (-people[one], one)):
            for at, name in self.by_person[person].items():
                found[at][name] = people[person]
        return dict(found)

    def known_on(self, at: int, people: People) -> dict[str, int]:
        """The authors of the candidate at that position whom the reader knows, as met has them."""
        return {name: people[person] for person, name in self.of[at].items() if person in people}

    def shared(self, people: People) -> Vector:
        """(n,) how near each candidate's authors are to the reader: the sum of ln(1 + papers) over those they know.

        Nothing is divided by the length of the list: a large group that is known well is near.
        """
        nearness = np.zeros(self.count, dtype=np.float32)
        for at, known in self.met(people).items():
            nearness[at] = sum(map(log1p, known.values()))
        return nearness


def people_of(lists: Iterable[Sequence[str]]) -> Counter[str]:
    """How many of these papers each person wrote, by recommender.names.key; lists are the papers' authors.

    By a paper of more than MOST_AUTHORS nobody is known: who signs with thousands knows few of them.
    """
    papers = (
        {names.key(words) for name in authors for words in names.typed(name)}
        for authors in lists
        if len(authors) <= MOST_AUTHORS
    )
    counts = Counter(person for one in papers for person in one)
    del counts[""]
    return counts


def best_known(people: People, most: int) -> dict[str, int]:
    """Those with the most papers, at most so many, the same in every process."""
    return dict(sorted(people.items(), key=lambda one: (-one[1], one[0]))[:most])


def lab_text(organization: str, authors: Iterable[str]) -> str:
    """Who stands behind a paper, for recommender.terms.Texts: 'Meta' finds 'AI at Meta', 'Qwen' finds 'Qwen Team'.

    The organisation, and those authors that are a group: of one word, or of words that groups call themselves by.
    """
    return " . ".join([organization, *(name for name in authors if _is_group(name))])


def _is_group(name: str) -> bool:
    words = names.spellings(name)[:1]
    return any(len(one) == 1 or not GROUPS.isdisjoint(one) for one in words)
