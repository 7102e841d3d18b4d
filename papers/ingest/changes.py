"""What happens to a paper after it was first stored: told to people who saved it, never a reason to call it new."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from papers.ingest.identity import surnames
from papers.ingest.rewriting import first_new_sentence
from papers.models import ChangeKind, Paper, PaperChange
from papers.text.plain import title_key
from papers.text.words import shortened

DETAIL = 300  # characters that a change keeps


@dataclass(frozen=True, slots=True)
class State:
    """The parts of a paper that are watched for changes."""

    version: int | None
    withdrawn_on: date | None
    github_repo: str
    doi: str
    title: str
    authors: tuple[str, ...]
    abstract: str


def state(paper: Paper) -> State:
    parts = (paper.shown_title, tuple(paper.shown_authors), paper.shown_abstract)
    return State(paper.version, paper.withdrawn_on, paper.github_repo, paper.doi, *parts)


def since(before: State, after: State) -> Iterator[tuple[ChangeKind, str]]:
    """Yield what happened between two states, with the detail that tells it from the next time.

    A version that becomes known for the first time is no revision.
    """
    if before.version and after.version and after.version > before.version:
        yield ChangeKind.REVISED, f"v{after.version}"
        yield from _rewritten(before, after)
    # A paper may be withdrawn and come back more than once: the version tells the times apart.
    if after.withdrawn_on and not before.withdrawn_on:
        yield ChangeKind.WITHDRAWN, _version_words(after)
    if before.withdrawn_on and not after.withdrawn_on:
        yield ChangeKind.BACK, _version_words(after)
    if after.github_repo and not before.github_repo:
        yield ChangeKind.CODE_ADDED, after.github_repo
    if after.doi and not before.doi:
        yield ChangeKind.DOI_ADDED, after.doi


def _rewritten(before: State, after: State) -> Iterator[tuple[ChangeKind, str]]:
    """Yield what a new version has otherwise; within one version a source only spells it otherwise."""
    if title_key(after.title) != title_key(before.title):
        yield ChangeKind.RETITLED, shortened(f"before: {before.title}", DETAIL)
    if people := _come_and_gone(before.authors, after.authors):
        yield ChangeKind.OTHER_AUTHORS, shortened(people, DETAIL)
    # The abstract of a withdrawn paper only says so.
    sentence = "" if after.withdrawn_on else first_new_sentence(before.abstract, after.abstract)
    if sentence:
        yield ChangeKind.OTHER_ABSTRACT, f"new: “{shortened(sentence, DETAIL - len('new: “”'))}”"


def _come_and_gone(before: Sequence[str], after: Sequence[str]) -> str:
    """Return 'with Ann Lee; without Bo Ek', by their surnames, since initials become names; '' where nobody did."""
    known, present = _keys(before), _keys(after)
    come = [name for name in after if known.isdisjoint(_keys([name]))]
    gone = [name for name in before if present.isdisjoint(_keys([name]))]
    both = ([f"with {', '.join(come)}"] if come else []) + ([f"without {', '.join(gone)}"] if gone else [])
    return "; ".join(both) if before and after else ""


def _keys(names: Iterable[str]) -> set[str]:
    """Return what tells people from each other, and groups, which have no surnames, by their whole names."""
    return {key for name in names for key in surnames([name]) or {title_key(name)}}


def _version_words(state: State) -> str:
    """Return 'v3', and '' for a first version and where none is known."""
    return f"v{state.version}" if (state.version or 0) > 1 else ""


def save(papers: Iterable[tuple[Paper, State]], now: datetime) -> int:
    """Store what happened to each paper since its former state, in the caller's transaction; return how much that was.

    Each change once: what was noted before stays as it was.
    """
    rows = [
        PaperChange(paper=paper, kind=kind, detail=detail, noticed_at=now)
        for paper, before in papers
        for kind, detail in since(before, state(paper))
    ]
    PaperChange.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
