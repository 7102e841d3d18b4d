"""Stars of the repositories that papers name, observed again and again: GitHub's own count, not a list's copy."""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from papers.fetching import http, validators
from papers.ingest.saving import Report
from papers.models import Paper, Signal, SignalKind
from papers.periods import LONG_AGO
from papers.sources import SourceError, github

ASK_AFTER = timedelta(hours=12)
WATCHED_FOR = timedelta(days=60)
# Without a token GitHub allows 60 questions an hour to everybody behind one address. With one it is 5,000, and our own
# rest between two questions is what limits a run: this many take half an hour.
MOST, MOST_WITH_TOKEN = 50, 500
COLUMNS = ("github_repo", "announced_on", "listed_on", "published_on", "trend", "stars_asked_at")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository and the papers that name it."""

    owner: str
    name: str
    papers: tuple[Paper, ...]

    @property
    def asked_at(self) -> datetime:
        return max(paper.stars_asked_at or LONG_AGO for paper in self.papers)

    @property
    def standing(self) -> tuple[date, float]:
        """Return the day of its newest paper and the highest trend of its papers, an unknown trend lowest."""
        return max(map(own_day, self.papers)), max(
            -1.0 if paper.trend is None else paper.trend for paper in self.papers
        )


def observe(now: datetime) -> Report:
    """Ask GitHub for the stars of the newest and most followed papers that are due, and store each count as it comes.

    A repository that is gone or has moved is left out until its time comes again. Raises SourceError when GitHub allows
    no more or fails otherwise, after saving what came before.
    """
    total = Report()
    for repo in due(now)[: MOST_WITH_TOKEN if settings.GITHUB_TOKEN else MOST]:
        total += ask(repo, now)
    return total


def due(now: datetime) -> list[Repo]:
    """Return repositories of papers of the last WATCHED_FOR, not asked for within ASK_AFTER, the newest first."""
    repos = [repo for repo in watched(now) if repo.asked_at <= now - ASK_AFTER]
    return sorted(repos, key=lambda repo: repo.standing, reverse=True)


def watched(now: datetime) -> list[Repo]:
    since = (now - WATCHED_FOR).date()
    recent = Q(listed_on__gte=since) | Q(announced_on__gte=since) | Q(published_on__gte=since)
    named: dict[tuple[str, str], list[Paper]] = {}
    for paper in Paper.objects.filter(recent).exclude(github_repo="").only(*COLUMNS).order_by("pk"):
        if where := github.repo_of(paper.github_repo):
            named.setdefault(where, []).append(paper)
    return [Repo(owner, name, tuple(papers)) for (owner, name), papers in named.items()]


def own_day(paper: Paper) -> date:
    days = (paper.listed_on, paper.announced_on, paper.published_on)
    return max(day for day in days if day)


def ask(repo: Repo, now: datetime) -> Report:
    """Observe one repository; raise SourceError, but not where it is gone."""
    try:
        return _observed(repo, now)
    except http.NotFound as absence:
        log.info("%s/%s: %s", repo.owner, repo.name, absence)
        mark(repo, now)
        return Report()
    except SourceError:
        # One that always fails must not stand before the others for ever.
        mark(repo, now)
        raise


@transaction.atomic
def mark(repo: Repo, now: datetime) -> None:
    papers = Paper.objects.filter(pk__in=[paper.pk for paper in repo.papers])
    # Locked in one order, as ingest does, so that two processes wait for each other instead of deadlocking.
    list(papers.order_by("identifier").select_for_update().values_list("pk"))
    papers.update(stars_asked_at=now)


def _observed(repo: Repo, now: datetime) -> Report:
    stars, page = answer(repo, now)
    # Together, since what tells "unchanged" from now on is compared with the count stored with it.
    with transaction.atomic():
        mark(repo, now)
        store(repo, stars, now)
        if page:
            validators.remember(page.url, page.validators, now)
    return Report(unchanged=len(repo.papers), signals=len(repo.papers))


def answer(repo: Repo, now: datetime) -> tuple[int, http.Page | None]:
    """Return the count, and the page that it stands on; None where nothing changed, which is an observation too."""
    known = _last_count(repo)
    if known is None:
        page = github.fetch(repo.owner, repo.name)
        return github.parse(page.body, now).value, page
    changed = github.fetch_if_changed(repo.owner, repo.name)
    return (github.parse(changed.body, now).value, changed) if changed else (known, None)


def _last_count(repo: Repo) -> int | None:
    """Return the count of GitHub's last answer. The newest count stored may be another: lists bring older copies."""
    asked_together = [paper.pk for paper in repo.papers if paper.stars_asked_at == repo.asked_at]
    rows = Signal.objects.filter(paper__in=asked_together, kind=SignalKind.STARS, observed_at=repo.asked_at)
    return rows.values_list("value", flat=True).first()


def store(repo: Repo, stars: int, now: datetime) -> None:
    kind = SignalKind.STARS
    rows = [Signal(paper=paper, kind=kind, value=stars, observed_at=now) for paper in repo.papers]
    unique = ["paper", "kind", "observed_at"]
    Signal.objects.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=["value"])
