"""Start and stop experiments: one runs at a time."""

from datetime import datetime

from django.db import IntegrityError, transaction

from recommender.ranking.variants import VARIANTS
from subscriptions.models import Experiment


class NotStarted(Exception):
    """Raised where an experiment cannot begin; the text says what to do."""


def start(name: str, a: str, b: str, now: datetime) -> Experiment:
    """Start an experiment of two named variants; raises NotStarted."""
    for variant in (a, b):
        if variant not in VARIANTS:
            raise NotStarted(f"No variant is called {variant!r}. There are: {', '.join(VARIANTS)}.")
    if not name.strip() or len(name) > 60:
        raise NotStarted("Give the experiment a name of at most 60 characters.")
    if running := Experiment.objects.running().first():
        raise NotStarted(f"“{running.name}” runs already: end it first, with manage.py evaluate live --stop.")
    try:
        with transaction.atomic():
            return Experiment.objects.create(name=name.strip(), ranker_a=a, ranker_b=b, started_at=now)
    except IntegrityError as error:
        raise NotStarted(f"There was an experiment “{name.strip()}” already: give this one another name.") from error


def stop(now: datetime) -> Experiment | None:
    """Stop the one that runs, and return it; None if none does. Digests that were mixed already still count."""
    running = Experiment.objects.running().first()
    if running is None or not _stopped(running, now):
        return None
    running.refresh_from_db()
    return running


def _stopped(experiment: Experiment, now: datetime) -> bool:
    mine = Experiment.objects.running().filter(pk=experiment.pk)
    return mine.update(is_running=False, stopped_at=now) == 1
