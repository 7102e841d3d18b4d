from typing import Any

from django.core.management.base import BaseCommand

from papers.editions import topics


class Command(BaseCommand):
    help = "Creates the curated topics that are missing; topics that exist keep every edit."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{topics.load()} topics created.")
