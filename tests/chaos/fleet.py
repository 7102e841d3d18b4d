"""The site's workers and beats in a chaos run: each with a clock of its own, each to be killed at any moment."""

import re
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos import clock
from tests.stack import Stack

RATE = 10.0  # of the fleet's clocks against the real one


class Fleet(Stack):
    """Workers mail1, mail2, … with one child each, and beat1 and beat2."""

    log_mode = "ab"
    app = "tests.chaos.app"

    def __init__(self, workers: int, **environment: str) -> None:
        super().__init__(PYTHONPATH=str(Path.cwd()), **environment)
        self.workers = [f"mail{number + 1}" for number in range(workers)]
        self.beats = ["beat1", "beat2"]
        self.ahead = dict.fromkeys((*self.workers, *self.beats), 0.0)
        self.start_the_clocks(datetime.now(UTC))

    def start_the_clocks(self, moment: datetime) -> None:
        """All of them are right at this moment, and run faster from then on."""
        self.started = moment.timestamp()
        self.jump(0, *self.ahead)

    def jump(self, seconds: float, *names: str) -> None:
        """Put the clocks of these processes forward or back, while they run."""
        for name in names:
            self.ahead[name] += seconds
            clock.write(self._clock(name), self.started, self.ahead[name], RATE)

    def now(self) -> datetime:
        """By the clocks that nobody has put forward or back."""
        return datetime.fromtimestamp(self.started + (time.time() - self.started) * RATE, UTC)

    def command(self, name: str) -> str:
        command = re.sub(r" -c \d+ ", " -c 1 ", super().command(name))
        # A beat sleeps until its next tick by its own clock, which is here at hand sooner.
        patience = " --max-interval 1" if name in self.beats else ""
        return f"CHAOS_CLOCK={self._clock(name)}; export CHAOS_CLOCK; {command}{patience}"

    def signal_child(self, name: str, how: signal.Signals) -> bool:
        """False if there is none at this moment."""
        return any(self.signal_process(child, how) for child in self.children(name)[:1])

    def kill_alone(self, name: str) -> None:
        """The main process of a worker; its child finds out by itself."""
        self.stop(name, how=signal.SIGKILL)

    def _clock(self, name: str) -> Path:
        return self.folder / f"{name}.clock"
