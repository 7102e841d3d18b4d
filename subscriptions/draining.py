"""Whether this worker was told to stop: what is in flight ends, and nothing new is claimed.

Celery tells its main process only, and the children that do the work wait for no signal; they share one byte with it.
"""

from multiprocessing import RawValue

_asked = RawValue("b", 0)  # in memory that a fork shares


def begin() -> None:
    _asked.value = 1


def is_asked() -> bool:
    return bool(_asked.value)
