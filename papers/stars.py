"""Stars of the repositories that papers name, observed again and again: GitHub's own count, not a list's copy."""

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from papers.ingest import Report
from papers.models import Paper, Signal, SignalKind
from papers.sources import SourceError, github, http, validators

ASK_AFTER = timedelta(hours=12)
WATCHED_FOR = timedelta(days=60)
# Without a token GitHub allows 60 questions an hour to everybody behind one address. With one it is 5,000, and our own
# rest between two questions is what limits a run: this many take half an hour.
MOST, MOST_WITH_TOKEN = 50, 500
COLUMNS = ("github_repo", "announced_on", "listed_on", "published_on", "trend", "stars_asked_at")

log = logging.getLogger(__name__)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


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
        """The day of its newest paper, and the highest trend of its papers, unknown lowest."""
        return max(map(own_day, self.papers)), max(-1.0 if one.trend is None else one.trend for one in self.papers)


def observe(now: datetime) -> Report:
    """Ask GitHub for the stars of the newest and most followed papers that are due, and store each count as it comes.

    A repository that is gone or has moved is left out until its time comes again. SourceError when GitHub allows no
    more or fails otherwise, after what came before it was saved.
    """
    total = Report()
    for repo in due(now)[: MOST_WITH_TOKEN if settings.GITHUB_TOKEN else MOST]:
        total += ask(repo, now)
    return total


def due(now: datetime) -> list[Repo]:
    """Repositories of papers of the last WATCHED_FOR that were not asked for within ASK_AFTER, the newest first."""
    found = [repo for repo in watched(now) if repo.asked_at <= now - ASK_AFTER]
    return sorted(found, key=lambda repo: repo.standing, reverse=True)


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
    """Observe one repository; SourceError, but not where it is gone."""
    try:
        return observed(repo, now)
    except http.NotFound as gone:
        log.info("%s/%s: %s", repo.owner, repo.name, gone)
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


def observed(repo: Repo, now: datetime) -> Report:
    stars, page = answer(repo, now)
    # Together, since what tells "unchanged" from now on is compared with the count stored with it.
    with transaction.atomic():
        mark(repo, now)
        store(repo, stars, now)
        if page:
            validators.remember(page.url, page.validators, now)
    return Report(unchanged=len(repo.papers), signals=len(repo.papers))


def answer(repo: Repo, now: datetime) -> tuple[int, http.Page | None]:
    """The count, and the page that it stands on; none where nothing changed, which is an observation too."""
    known = last_count(repo)
    if known is None:
        page = github.fetch(repo.owner, repo.name)
        return github.parse(page.body, now).value, page
    changed = github.fetch_if_changed(repo.owner, repo.name)
    return (github.parse(changed.body, now).value, changed) if changed else (known, None)


def last_count(repo: Repo) -> int | None:
    """The count of GitHub's last answer. The newest count stored may be another one: lists bring older copies."""
    asked = [paper.pk for paper in repo.papers if paper.stars_asked_at == repo.asked_at]
    rows = Signal.objects.filter(paper__in=asked, kind=SignalKind.STARS, observed_at=repo.asked_at)
    return rows.values_list("value", flat=True).first()


def store(repo: Repo, stars: int, now: datetime) -> None:
    kind = SignalKind.STARS
    rows = [Signal(paper=paper, kind=kind, value=stars, observed_at=now) for paper in repo.papers]
    unique = ["paper", "kind", "observed_at"]
    Signal.objects.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=["value"])
