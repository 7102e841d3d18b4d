"""What happens to a paper after it was first stored: told to people who saved it, never a reason to call it new."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from papers.models import ChangeKind, Paper, PaperChange


@dataclass(frozen=True, slots=True)
class State:
    """The parts of a paper that are watched for changes."""

    version: int | None
    withdrawn_on: date | None
    github_repo: str
    doi: str


def state(paper: Paper) -> State:
    return State(paper.version, paper.withdrawn_on, paper.github_repo, paper.doi)


def since(before: State, after: State) -> Iterator[tuple[ChangeKind, str]]:
    """Yield what happened between two states, with the detail that tells it from the next time.

    A version that becomes known for the first time is no revision.
    """
    if before.version and after.version and after.version > before.version:
        yield ChangeKind.REVISED, f"v{after.version}"
    # A paper may be withdrawn and come back more than once: the version tells the times apart.
    if after.withdrawn_on and not before.withdrawn_on:
        yield ChangeKind.WITHDRAWN, _version_words(after)
    if before.withdrawn_on and not after.withdrawn_on:
        yield ChangeKind.BACK, _version_words(after)
    if after.github_repo and not before.github_repo:
        yield ChangeKind.CODE_ADDED, after.github_repo
    if after.doi and not before.doi:
        yield ChangeKind.DOI_ADDED, after.doi


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
