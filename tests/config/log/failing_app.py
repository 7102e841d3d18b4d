"""The site's Celery application with tasks that fail in each way there is."""

import os
import signal
import time

from config.celery import app

__all__ = ["app"]
SECRET = "Nobody mails ada@example.org"


@app.task(name="tests.raises")
def raises() -> None:
    raise RuntimeError(SECRET)


@app.task(name="tests.is_slow", soft_time_limit=1, time_limit=60)
def is_slow() -> None:
    while True:
        time.sleep(0.05)


@app.task(name="tests.hangs", soft_time_limit=None, time_limit=1)
def hangs() -> None:
    while True:
        try:
            time.sleep(0.05)
        except BaseException:
            continue


@app.task(name="tests.dies", acks_late=False)
def dies() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
