"""Beat by the database's clock: a machine's own may be off, or be set, and then nothing would be due for hours."""

from datetime import timedelta
from typing import Any

from config import clock_watch, life
from papers import shared_clock

SMALL = timedelta(seconds=2)


class Scheduler(life.Scheduler):
    """Celery's own, in memory, with signs of life."""

    _watch: clock_watch.Watch | None = None

    def tick(self, *args: Any, **kwargs: Any) -> float:
        self._watch = self._watch or clock_watch.Watch("beat")
        before = self.app.now()
        self._watch.look_if_it_is_time()
        if abs(self.app.now() - before) > SMALL:
            self._begin_anew()
        return float(super().tick(*args, **kwargs))

    def _begin_anew(self) -> None:
        """Forget when each entry ran last: that was by another clock, and might lie ahead."""
        for entry in self.schedule.values():
            entry.last_run_at = shared_clock.now()
        self._heap = None
