from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from recommender.candidates import background
from recommender.embedding import embed, sentence_vectors
from recommender.encoding import onnx_export
from recommender.encoding.encoder import ModelMissing


class Command(BaseCommand):
    help = "Turn papers and topics that have no vector yet into vectors; it may be stopped and started again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--model", default=settings.EMBEDDING_MODEL, help="a name or folder; %(default)s")
        parser.add_argument("--limit", type=int, help="no more papers than this, and no sentences")

    def handle(self, *args: Any, model: str, limit: int | None, **options: Any) -> None:
        if limit is not None and limit < 0:
            raise CommandError("--limit must be 0 or more.")
        try:
            count = embed.embed_missing(model, progress=True, limit=limit, download=True)
            onnx_export.ensure(model)
            self.stdout.write(f"Embedded {count:,} papers and topics with {model}.")
            if limit is None:
                self.embed_sentences()
        except ModelMissing as error:
            raise CommandError(str(error)) from error
        background.refresh(now())

    def embed_sentences(self) -> None:
        today, days = now().date(), settings.CANDIDATE_DAYS
        if count := sentence_vectors.embed_missing(today, days, limit=None, progress=True):
            self.stdout.write(f"Embedded the sentences of {count:,} papers that may go into digests.")
