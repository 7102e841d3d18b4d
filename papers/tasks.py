from celery import shared_task
from django.utils.timezone import now

from papers import live


@shared_task
def ingest_all() -> None:
    live.ingest_all(now())
