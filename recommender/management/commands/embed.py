from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from recommender import background, embed
from recommender.encoder import ModelMissing


class Command(BaseCommand):
    help = "Turn papers and topics that have no vector yet into vectors; it may be stopped and started again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--model", default=settings.EMBEDDING_MODEL, help="a name or folder; %(default)s")
        parser.add_argument("--limit", type=int, help="no more papers than this")

    def handle(self, *args: Any, model: str, limit: int | None, **options: Any) -> None:
        if limit is not None and limit < 0:
            raise CommandError("--limit must be 0 or more.")
        try:
            count = embed.embed_missing(model, progress=True, limit=limit, download=True)
        except ModelMissing as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Embedded {count:,} papers and topics with {model}.")
        background.refresh(now())
