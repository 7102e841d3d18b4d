"""How long each page of the admin takes on a site with many readers, papers and days, served as in production."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from datetime import datetime
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils.timezone import now
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from recommender.benchmarks.figures import Detail, Figure
from recommender.benchmarks.site import FROM_A_PROXY
from subscriptions.benchmarks import crowd, servers
from subscriptions.benchmarks.staff_pages import addresses, history, kept
from subscriptions.benchmarks.staff_pages.addresses import Address
from subscriptions.benchmarks.web import HOST, SITE
from subscriptions.staff.sign_in import BACKEND

SUBSCRIBERS, PAPERS, DAYS, ROUNDS = 100_000, 20_000, 30, 20
BAR = 200.0  # milliseconds, at p95
COOKIE = "__Host-sessionid"  # as production calls it
SETTLED = 0.3  # of a core: once the web server uses less, it has read its papers


class Seen(NamedTuple):
    status: int
    milliseconds: float
    text: str


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--subscribers", type=int, default=SUBSCRIBERS, help=f"stored (default: {SUBSCRIBERS:,})")
    parser.add_argument("--papers", type=int, default=PAPERS, help=f"stored (default: {PAPERS:,})")
    parser.add_argument("--days", type=int, default=DAYS, help=f"of digests (default: {DAYS})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"of each page (default: {ROUNDS})")
    parser.add_argument("--only", default="", metavar="WORD", help="pages whose name or path holds this")
    parser.add_argument("--links", action="store_true", help="also whatever the lists lead to: filters, orders, days")


def measure(
    *, subscribers: int, papers: int, days: int, rounds: int, only: str, links: bool, **_: Any
) -> Iterator[Figure]:
    """Yield a figure for each page against the bar, the slowest last; raise CommandError where one is not answered.

    The database is made where DATABASE_URL points, beside the site's own, and kept for the measurements of a day.
    """
    if subscribers < 1 or papers < crowd.A_DAY or days < 1:
        raise CommandError(f"There must be a subscriber, {crowd.A_DAY} papers and a day at least.")

    def grow(moment: datetime) -> None:
        crowd.grow(subscribers, papers, moment.replace(minute=0, second=0, microsecond=0))
        history.live(days, moment)

    name = f"paper_round_admin_{subscribers}_{papers}_{days}"
    with kept.database(name, grow) as url, TemporaryDirectory(prefix="pr") as folder:
        chosen = [page for page in addresses.all_pages(now().date()) if only in page.name or only in page.path]
        environment = os.environ | SITE | {"DATABASE_URL": url, "VAR_DIR": folder, "WEB_CONCURRENCY": "2"}
        _collect_static_files(environment)
        with servers.site(Path(folder), environment) as port:
            visit = Visit(port)
            visit.wait()
            chosen += [link for page in chosen for link in _links(page, visit)] if links else []
            figures = [_figure(page, visit, rounds) for page in chosen]
    yield from sorted(figures, key=lambda figure: figure.value)
    yield _slow(figures, {"subscribers": subscribers, "papers": papers, "days": days, "database": connection.vendor})


def _collect_static_files(environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)


class Visit:
    """A superuser who is signed in with both factors, on one connection that stays open."""

    def __init__(self, port: int) -> None:
        with override_settings(SECRET_KEY=SITE["SECRET_KEY"]):
            self.session = _session()
        self.client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def see(self, path: str) -> Seen:
        headers = FROM_A_PROXY | {"Cookie": f"{COOKIE}={self.session}", "Host": HOST, "Connection": "close"}
        began = time.perf_counter()
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return Seen(answer.status, (time.perf_counter() - began) * 1000, text.decode(errors="replace"))

    def queries(self, path: str) -> int:
        """Return how many questions a page asks of the database, in this process."""
        with override_settings(SECRET_KEY=SITE["SECRET_KEY"]), CaptureQueriesContext(connection) as queries:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.session
            self.client.get(path)
        return len(queries)

    def wait(self) -> None:
        """Wait until the web server has read its papers, and does nothing of its own accord any more."""
        self.see("/livez")
        for _ in range(300):
            before = _busy()
            time.sleep(1)
            if _busy() - before < SETTLED:
                return


def _busy() -> float:
    """Return the seconds of processor time that the web server's workers have had so far."""
    times = os.sysconf("SC_CLK_TCK")
    found = 0.0
    for child in servers.descendants(os.getpid()):
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        found += (int(fields[11]) + int(fields[12])) / times
    return found


def _session() -> str:
    user = User.objects.get(username=kept.WHOLE)
    phone, _ = TOTPDevice.objects.get_or_create(user=user, name="phone")
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[DEVICE_ID_SESSION_KEY] = phone.persistent_id
    session.save()
    return str(session.session_key)


def _links(page: Address, visit: Visit) -> Iterator[Address]:
    """Yield where a list leads to; of many alike the first and the last."""
    if page.name.endswith(": list"):
        for query in addresses.links_in(visit.see(page.path).text):
            yield Address(f"{page.name} {query}", page.path + query)


def _figure(page: Address, visit: Visit, rounds: int) -> Figure:
    first = visit.see(page.path)
    if first.status >= 500:
        raise CommandError(f"{page.path} is answered with {first.status}.")
    times = [visit.see(page.path).milliseconds for _ in range(rounds)]
    p95 = float(np.quantile(times, 0.95))
    details: dict[str, Detail] = {"median_ms": float(np.median(times)), "queries": visit.queries(page.path)}
    details |= {"kb": len(first.text) / 1000, "status": first.status, "path": page.path}
    return Figure(page.name, p95, "ms", BAR, p95 / BAR, details)


def _slow(figures: Sequence[Figure], details: dict[str, Detail]) -> Figure:
    slow = [figure for figure in figures if figure.value > BAR]
    details |= {"pages": len(figures), "worst_ms": max((figure.value for figure in figures), default=0.0)}
    return Figure("admin: pages beyond the bar", len(slow), "pages", 0.0, float(len(slow)), details)
