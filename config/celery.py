import gc
import os
from datetime import datetime
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_before_create_process, worker_init, worker_process_init, worker_shutting_down

from config import life
from config.brokers import folder_broker  # noqa: F401  registers our transports, and what the log says of tasks
from config.log import tasks  # noqa: F401  registers our transports, and what the log says of tasks
from papers import shared_clock
from subscriptions.delivery import shutdown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Celery runs Django's checks and tells nobody what they found: a worker would only load all pages for them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")


class SharedClock(Celery):
    """By the database's clock beat knows what is due, and messages when they are too old."""

    def now(self) -> datetime:
        return shared_clock.now().astimezone(self.timezone)


app = SharedClock("paper_round")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(life.SignsOfWorker)

# One UTC tick a minute decides nothing by itself: what is due is a question to the database. A task that nobody took
# within its own period is worth nothing, so it expires instead of piling up while the workers are away.
app.conf.beat_schedule = {
    name: {"task": task, "schedule": schedule, "options": {"expires": expires}}
    for name, task, schedule, expires in [
        ("plan", "subscriptions.tasks.plan_due_digests", crontab(), 55),
        ("account mail", "subscriptions.tasks.send_account_mails", crontab(), 55),
        ("sweep", "subscriptions.tasks.sweep", crontab(), 55),
        ("events", "subscriptions.tasks.process_events", crontab(), 55),
        ("libraries", "subscriptions.tasks.read_libraries", crontab(), 55),
        ("embed papers", "recommender.tasks.embed_missing", crontab(), 55),
        ("embed interests", "subscriptions.tasks.embed_interests", crontab(), 55),
        ("ingest", "papers.tasks.ingest_due", crontab(minute=20), 3500),
        ("look up papers", "papers.tasks.look_up_papers", crontab(minute="*/10"), 590),
        ("trends", "papers.tasks.refresh_trends", crontab(minute=50), 3500),
        ("count days", "subscriptions.tasks.count_days", crontab(minute=5), 3500),
        ("settle comparisons", "subscriptions.tasks.settle_comparisons", crontab(minute=35), 3500),
        ("reach", "subscriptions.tasks.count_reach", crontab(minute="*/5"), 290),
        ("purge", "subscriptions.tasks.purge", crontab(minute=10, hour=4), 3500),
        ("put digests away", "subscriptions.tasks.put_digests_away", crontab(minute="5-59/10"), 590),
        ("thin signals", "papers.tasks.thin_signals", crontab(minute=40, hour=3), 3500),
    ]
}


@worker_init.connect
def guard_the_clock(sender: Any, **kwargs: Any) -> None:
    """Only a worker: what it takes to guard one is loaded by no other process."""
    from config import worker_clock

    sender.app.steps["consumer"].add(worker_clock.Guard)


@worker_shutting_down.connect
def stop_claiming(**kwargs: Any) -> None:
    """Let a worker that was told to stop end the mails that it has begun; the rest of its batch goes to another."""
    shutdown.begin()


@worker_before_create_process.connect
def share_what_is_loaded(**kwargs: Any) -> None:
    """Leave it out of the children's searches for garbage, which would copy each page of it."""
    gc.freeze()


@worker_process_init.connect
def leave_the_group(**kwargs: Any) -> None:
    """Leave the process group: who stops a worker signals all of it, and a mail on its way must be finished."""
    if os.getpgid(0) != os.getpid():
        os.setpgid(0, 0)
