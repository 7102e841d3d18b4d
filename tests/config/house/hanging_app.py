"""The site's Celery application with signs of life that come soon, and a worker that hangs while a file says so."""

import time
from pathlib import Path
from typing import Any

from celery import bootsteps
from django.conf import settings

from config import life
from config.celery import app

__all__ = ["app"]
life.PERIOD, life.PATIENCE = 0.2, 3.0
FOLDER = Path(settings.VAR_DIR)


def hang(file: str = "hang") -> None:
    while (FOLDER / file).exists():
        time.sleep(0.1)


class Hanging(bootsteps.StartStopStep):
    requires = ("celery.worker.components:Timer",)

    def start(self, parent: Any) -> None:
        parent.timer.call_repeatedly(0.2, hang)


app.steps["worker"].add(Hanging)


@app.task(name="tests.takes_long")
def takes_long() -> None:
    hang("busy")
