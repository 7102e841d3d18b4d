"""The steps of an upgrade: the new schema under the old workers, then one role after the other."""

import time
from pathlib import Path

import psycopg

from tests.fakes.odds import accepted
from tests.processes import ROOT, eventually, say
from tests.upgrade.releases import Release

ROLES = ("web", "mail", "sources", "beat")
APPS = ("subscriptions", "recommender", "papers")
GROW = """
from datetime import timedelta
from django.utils.timezone import now
from tests.chaos import world
world.grow({readers}, now() - timedelta(minutes=1), timedelta(minutes={minutes}))
"""
SHELL = ("shell", "-v0", "-c")
PLAN = "from subscriptions import tasks; tasks.plan_due_digests(); tasks.sweep()"
MIGRATE = "from subscriptions.management.commands.prepare import migrate; migrate()"
LONGEST = 300.0  # seconds that a machine at rest may take


class Flow:
    """What has left so far, and what the database says of it."""

    def __init__(self, url: str, ledger: Path, readers: int) -> None:
        self.url, self.ledger, self.readers = url, ledger, readers

    @property
    def taken(self) -> int:
        return sum(accepted(self.ledger).values())

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[call-overload, no-any-return]

    def goes_on(self, more: int) -> None:
        """So many more have left, or all."""
        enough = min(self.taken + more, self.readers)
        eventually(lambda: self.taken >= enough, LONGEST, lambda: f"{self.taken} of {self.readers} have left")
        say(f"  {self.taken} of {self.readers} digests have left.")

    def verdict(self) -> list[str]:
        """What is wrong with it, in words."""
        counts = accepted(self.ledger)
        fates = dict(self.rows("SELECT status, count(*) FROM subscriptions_digest GROUP BY status"))
        wrong = [f"{name} left {times} times." for name, times in counts.items() if times != 1]
        if len(counts) != self.readers:
            wrong.append(f"{len(counts)} digests of {self.readers} left.")
        if fates != {"sent": self.readers}:
            wrong.append(f"The database says {fates}.")
        return wrong


def rehearse(older: Path, url: str, broker: str, sink: int, *, ledger: Path, readers: int) -> int:
    """Return 0 where every digest left once, and no process of either release logged an error."""
    settings = {"DATABASE_URL": url, "REDIS_URL": broker, "EMAIL_URL": f"smtp://127.0.0.1:{sink}"}
    old, new = Release(older, **settings), Release(ROOT, **settings)
    flow = Flow(url, ledger, readers)
    try:
        _begin(old, flow)
        _migrate(new, flow)
        _roll(old, new, flow)
        wrong = [*flow.verdict(), *old.errors(), *new.errors()]
        _go_back(old, new)
        return _report(wrong)
    finally:
        for release in (old, new):
            release.kill()
            release.remove()


def _begin(old: Release, flow: Flow) -> None:
    say("The older release migrates and starts.")
    old.manage("migrate", "-v0", seconds=300)
    old.manage(*SHELL, GROW.format(readers=flow.readers, minutes=2))
    old.start(*ROLES)
    old.manage(*SHELL, PLAN)
    flow.goes_on(flow.readers // 10)


def _migrate(new: Release, flow: Flow) -> None:
    before, begun = flow.taken, time.monotonic()
    new.manage(*SHELL, MIGRATE, seconds=300)
    say(f"The newer release has migrated in {time.monotonic() - begun:.1f} s; meanwhile {flow.taken - before} left.")
    flow.goes_on(flow.readers // 10)


def _roll(old: Release, new: Release, flow: Flow) -> None:
    """Each message of one release reaches a worker of the other for some time."""
    say("A newer worker takes messages of the older beat, beside an older one.")
    new.start("mail")
    flow.goes_on(flow.readers // 10)
    say("The newer beat's messages reach the older worker too; web servers change.")
    old.stop("beat", "web")
    new.start("beat", "web")
    new.manage(*SHELL, PLAN)
    flow.goes_on(flow.readers // 10)
    say("The older workers are asked to stop.")
    new.start("sources")
    old.stop("mail", "sources")
    new.manage(*SHELL, PLAN)
    flow.goes_on(flow.readers)
    new.manage(*SHELL, PLAN)
    new.stop()


def _go_back(old: Release, new: Release) -> None:
    """The newer migrations are taken back, with all these rows, and the older code plans once more."""
    begun = time.monotonic()
    for app in APPS:
        last = max(path.stem for path in (old.code / app / "migrations").glob("0*.py"))
        new.manage("migrate", "-v0", app, last, seconds=300)
    say(f"The newer migrations were taken back in {time.monotonic() - begun:.1f} s; the older release plans.")
    old.manage(*SHELL, PLAN)


def _report(wrong: list[str]) -> int:
    for line in wrong[:20]:
        say(f"  {line}")
    say(f"{len(wrong)} things are wrong." if wrong else "Every digest left once, and no log has an error.")
    return 1 if wrong else 0
