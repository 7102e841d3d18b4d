from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from recommender.encoding import onnx_export


class Command(BaseCommand):
    help = "Make the query encoder's form of the model on this machine, where it is missing, whatever failed before."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--model", default=settings.EMBEDDING_MODEL, help="a name or folder; %(default)s")

    def handle(self, *args: Any, model: str, **options: Any) -> None:
        folder = onnx_export.ensure(model, anew=True)
        self.stdout.write(f"{model}: {folder or 'no export, so the query encoder loads the model itself.'}")
