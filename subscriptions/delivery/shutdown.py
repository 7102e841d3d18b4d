"""Note that this worker was told to stop: what is in flight ends, and nothing new is claimed.

Celery tells its main process only, and the children that do the work wait for no signal; they share one byte with it.
"""

from multiprocessing import RawValue

stopping = RawValue("b", 0)  # in memory that a fork shares


def begin() -> None:
    stopping.value = 1


def is_stopping() -> bool:
    return bool(stopping.value)
