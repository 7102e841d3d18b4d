"""The authors of candidates: people whom a reader follows, and co-authors of papers that a reader named or saved."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
from numpy.typing import NDArray

from papers.text.people import is_group
from recommender.vectors import Vector
from recommender.words import names
from recommender.words.names import Words

# What only groups that are followed as labs call themselves by: among people these are names, too.
LABS = frozenset({"ai", "lab", "labs", "research"})
MOST_AUTHORS = 100
NAMES_KEPT = 10_000  # looked for once in all candidates

People = Mapping[str, int]  # how many of a reader's papers each person wrote, by recommender.words.names.key


@dataclass(frozen=True, slots=True)
class Written:
    """A name on a candidate, as it is printed there."""

    position: int  # of the candidate
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
        self.twice: set[str] = set()  # people of whom one name is read as two of them
        self.of: list[dict[str, str]] = []  # each candidate's people, as printed
        self.looked_up: dict[str, dict[int, str]] = {}
        self._last: tuple[People, dict[int, float]] = {}, {}  # of near: a reader of several days
        for position, authors in enumerate(lists):
            self.count = position + 1
            self.of.append({})
            for name in authors:
                self._add(position, name)

    def _add(self, position: int, name: str) -> None:
        spellings = names.spellings(name)
        if len(spellings) > 1:
            self.twice.update(filter(None, map(names.key, spellings)))
        for words in spellings:
            written = Written(position, name, words)
            self.by_ends[_ends(words)].append(written)
            self.by_letters["".join(words)].append(written)
            if person := names.key(words):
                self.by_person[person].setdefault(position, name)
                self.of[position].setdefault(person, name)

    def found(self, name: str) -> Mapping[int, str]:
        """Map the positions of the candidates that a followed name stands on, ascending, to the name as printed."""
        if name not in self.looked_up:
            if len(self.looked_up) >= NAMES_KEPT:
                self.looked_up.clear()
            hits = {hit.position: hit.name for words in names.typed(name) for hit in self._same(words)}
            self.looked_up[name] = dict(sorted(hits.items()))
        return self.looked_up[name]

    def _same(self, words: Words) -> Iterator[Written]:
        alike = (*self.by_letters.get("".join(words), ()), *self.by_ends.get(_ends(words), ()))
        return (written for written in alike if names.same(words, written.words))

    def holding(self, name: str) -> NDArray[np.int32]:
        """Return the (m,) positions of the candidates by authors whom a reader follows under this name, ascending."""
        return np.array(list(self.found(name)), dtype=np.int32)

    def known_on(self, position: int, people: People) -> dict[str, int]:
        """Return the authors of the candidate at that position whom the reader knows, with how many papers of each."""
        return {name: people[person] for person, name in self.of[position].items() if person in people}

    def shared(self, people: People) -> Vector:
        """Return (n,) how near each candidate's authors are to the reader: the sum of ln(1 + papers) over those known.

        It is not divided by the length of the list: a large group that is known well is near.
        """
        nearness, near = np.zeros(self.count, dtype=np.float32), self.near(people)
        nearness[list(near)] = list(near.values())
        return nearness

    def near(self, people: People) -> dict[int, float]:
        """Map the position of each candidate that has authors whom the reader knows to what shared says of it."""
        if self._last[0] is not people:
            self._last = people, self._near(people)
        return self._last[1]

    def _near(self, people: People) -> dict[int, float]:
        near: dict[int, float] = defaultdict(float)
        doubtful: dict[tuple[int, str], int] = {}  # of a name that is read as two people the smaller number counts
        for person in sorted(people.keys() & self.by_person.keys()):  # the same in every process
            count = people[person]
            if person in self.twice:
                for written in self.by_person[person].items():
                    doubtful[written] = min(count, doubtful.get(written, count))
                continue
            counted = log1p(count)
            for position in self.by_person[person]:
                near[position] += counted
        for (position, _), count in doubtful.items():
            near[position] += log1p(count)
        return near


def people_of(lists: Iterable[Sequence[str]]) -> Counter[str]:
    """Count how many of these papers each person wrote, by recommender.words.names.key; lists are their authors.

    Papers of more than MOST_AUTHORS do not count: somebody who signs with thousands knows few of them.
    """
    papers = (
        {names.key(words) for name in authors for words in names.typed(name)}
        for authors in lists
        if len(authors) <= MOST_AUTHORS
    )
    counts = Counter(person for people in papers for person in people)
    del counts[""]
    return counts


def best_known(people: People, most: int) -> dict[str, int]:
    """Return the people with the most papers, at most so many, the same in every process."""
    return dict(sorted(people.items(), key=lambda item: (-item[1], item[0]))[:most])


def lab_text(organization: str, authors: Iterable[str]) -> str:
    """Return who stands behind a paper, for words.phrases.Phrases: 'Meta' finds 'AI at Meta', 'Qwen' finds 'Qwen Team'.

    That is the organisation, and the authors that are groups or name one that they wrote for: names of one word, or
    with a word such as team or lab.
    """
    return " . ".join([organization, *(name for name in authors if _is_group(name))])


def _is_group(name: str) -> bool:
    words = names.spellings(name)[:1]
    return is_group(name) or any(len(spelling) == 1 or not LABS.isdisjoint(spelling) for spelling in words)
