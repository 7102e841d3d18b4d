from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from papers.ingest import odd_dates


class Command(BaseCommand):
    help = "Empties dates in the future, and absurdly old ones, that came in before sources were checked for them."

    def handle(self, **options: Any) -> None:
        forgotten = odd_dates.forget(now())
        counts = ", ".join(f"{number} {word}" for word, number in forgotten.items())
        self.stdout.write(f"Forgotten: {counts}." if counts else "There is no odd date.")
