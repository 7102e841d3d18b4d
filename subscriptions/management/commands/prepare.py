from datetime import datetime
from typing import Any

import stamina
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils.timezone import localdate, now

from papers.editions import topics
from papers.feeds import bundled, schedule
from papers.ingest import plain_forms
from papers.models import FeedState, trigrams
from papers.sources import SourceError, arxiv_api
from recommender.candidates import background
from recommender.embedding.embed import embed_missing
from recommender.encoding import export_beside, onnx_export
from recommender.encoding.encoder import ModelMissing
from subscriptions.limits import kill_switch

# Some twenty seconds on two cores; the embed worker goes on with the rest while the site is up.
EMBEDDED_BEFORE_THE_START = 1000


def _is_deadlock(error: Exception) -> bool:
    return isinstance(error, OperationalError) and "deadlock detected" in str(error)


@stamina.retry(on=_is_deadlock, attempts=5, timeout=None)
def migrate() -> None:
    """Migrate; where a migration and a worker waited for each other's rows, it is undone whole, and tried again."""
    call_command("migrate", verbosity=0, interactive=False)


class Command(BaseCommand):
    help = "Makes ready for a start: the database, the topics, today's papers and their vectors. Harmless to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--no-sample",
            action="store_true",
            help="Never load the bundled sample, even if no source can be reached: for a site with real readers.",
        )

    def handle(self, *, no_sample: bool, **options: Any) -> None:
        with export_beside.begun(settings.EMBEDDING_MODEL):
            migrate()
            trigrams.ensure()
            self.control()
            plain_forms.fill_missing(progress=True)
            if added := topics.load():
                self.stdout.write(f"{added} topics to follow were added.")
            self.load_papers(now(), no_sample)
            self.embed()

    def control(self) -> None:
        owner = kill_switch.ensure().instance_id
        if owner != settings.INSTANCE_ID:
            self.stdout.write(
                f"No mail will be sent: this database belongs to the instance {owner!r}, and this one is"
                f" {settings.INSTANCE_ID!r}. If it is not a copy: manage.py sending adopt"
            )

    def load_papers(self, moment: datetime, no_sample: bool) -> None:
        if _loaded_on_the_day_of(moment):
            self.stdout.write("Today's papers are here already.")
            return
        self.stdout.write("Asking the sources for today's papers …")
        answers = [self.ask(name, moment) for name in schedule.FIRST]
        if any(answers):
            self.ask(arxiv_api.NAME, moment)
        elif not no_sample:
            self.load_sample(moment)

    def ask(self, name: str, moment: datetime) -> bool:
        try:
            report = schedule.ingest(name, moment)
        except SourceError as error:
            self.stdout.write(str(error))
            return False
        self.stdout.write(f"{name}: {report.papers} papers.")
        return True

    def load_sample(self, moment: datetime) -> None:
        if count := bundled.load(localdate(moment), moment).papers:
            self.stdout.write(f"No source could be reached: you see the bundled sample of {count} papers.")

    def embed(self) -> None:
        try:
            count = embed_missing(settings.EMBEDDING_MODEL, progress=True, limit=EMBEDDED_BEFORE_THE_START)
            onnx_export.ensure(settings.EMBEDDING_MODEL)
        except ModelMissing as error:
            raise CommandError(str(error)) from error
        if count:
            self.stdout.write(f"{count} papers and topics were embedded.")
        background.refresh(now())


def _loaded_on_the_day_of(moment: datetime) -> bool:
    last = FeedState.objects.order_by("-last_success_at").values_list("last_success_at", flat=True)
    return any(localdate(success) == localdate(moment) for success in last.exclude(last_success_at=None)[:1])
