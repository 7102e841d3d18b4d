"""The site's workers and beats in a chaos run: each with a clock of its own, each to be killed at any moment."""

import os
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
        command = super().command(name).replace("-A config ", "-A tests.chaos.app ").replace("-c 2", "-c 1")
        # A beat sleeps until its next tick by its own clock, which is here at hand sooner.
        patience = " --max-interval 1" if name in self.beats else ""
        return f"CHAOS_CLOCK={self._clock(name)}; export CHAOS_CLOCK; {command}{patience}"

    def children(self, name: str) -> list[int]:
        """Ids of the processes that a worker has forked and that do the work."""
        process = self.processes.get(name)
        try:
            known = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text() if process else ""
        except OSError:
            known = ""
        return [int(child) for child in known.split()]

    def signal_child(self, name: str, how: signal.Signals) -> bool:
        """False if there is none at this moment."""
        return any(self.signal_process(child, how) for child in self.children(name)[:1])

    def signal_process(self, process: int, how: signal.Signals) -> bool:
        try:
            os.kill(process, how)
        except ProcessLookupError:
            return False
        return True

    def kill(self, *names: str) -> None:
        """Workers with their children, which are in groups of their own."""
        children = [child for name in names or tuple(self.processes) for child in self.children(name)]
        super().kill(*names)
        for child in children:
            self.signal_process(child, signal.SIGKILL)

    def kill_alone(self, name: str) -> None:
        """The main process of a worker; its child finds out by itself."""
        super().kill(name)

    def _clock(self, name: str) -> Path:
        return self.folder / f"{name}.clock"
