from celery import shared_task

from papers.feeds import schedule
from papers.shared_clock import now
from papers.sources import arxiv_api
from papers.trends import old_readings, updating

# A back-log of a large source takes longer than a mail ever may.
SOFT_LIMIT, LIMIT = 3_400, 3_500  # seconds


@shared_task
def ingest_due() -> None:
    for name in schedule.due(now()):
        ingest.apply_async((name,), expires=LIMIT)


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def ingest(source: str) -> None:
    schedule.try_to_ingest(source, now())


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def look_up_papers() -> None:
    schedule.try_to_ingest(arxiv_api.NAME, now())


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def refresh_trends() -> None:
    updating.refresh(now())


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def thin_signals() -> None:
    old_readings.thin(now())
