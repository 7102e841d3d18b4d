"""The processes around a delivery benchmark: a mail server, a mail provider, Redis, and Celery's workers."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from recommender.benchmarks.site import free_port

PAUSE = 0.1
READY = " ready."
SINK_USER = "nobody"  # to whom smtp-sink changes where it was started by root
WORKER = ("-m", "celery", "-q", "-A", "config", "worker", "-Q", "mail,digests", "-l", "info")
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")
# As the Procfile starts it. Without, each child computes with as many threads as there are cores, which get into each
# other's way: on two cores two such children delivered a third less.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def program(name: str, package: str) -> str:
    """Return its path; raise CommandError that names the package where it is missing."""
    path = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"]))
    if path is None:
        raise CommandError(f"{name} is missing: install {package} (Debian), which this measurement needs.")
    return path


@contextmanager
def _running(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """Run a process and yield its id; it is ended with the block."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            list(command), cwd=settings.BASE_DIR, env=environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL
        )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


@contextmanager
def mail_server(folder: Path) -> Iterator[int]:
    """Yield a port of the loopback on which postfix's smtp-sink takes every mail and forgets it."""
    port = free_port()
    user = ["-u", SINK_USER] if os.geteuid() == 0 else []
    command = [program("smtp-sink", "postfix"), *user, f"127.0.0.1:{port}", "1024"]
    with _running(command, folder / "smtp-sink.log"):
        _wait_for_port(port)
        yield port


@contextmanager
def provider(folder: Path) -> Iterator[int]:
    """Yield a port on which something answers as a mail provider's API does."""
    port = free_port()
    command = [sys.executable, "-m", "subscriptions.benchmarks.provider", str(port)]
    with _running(command, folder / "provider.log"):
        _wait_for_port(port)
        yield port


@contextmanager
def bare_site(folder: Path, environment: Mapping[str, str]) -> Iterator[int]:
    """Yield a port on which the web server, as it is shipped, serves a view that does nothing."""
    with _served("subscriptions.benchmarks.bare:application()", folder / "bare.log", environment) as port:
        yield port


@contextmanager
def site(folder: Path, environment: Mapping[str, str]) -> Iterator[int]:
    """Yield a port on which the web server, as it is shipped, serves the site."""
    with _served("config.wsgi", folder / "web.log", environment) as port:
        yield port


@contextmanager
def _served(application: str, log: Path, environment: Mapping[str, str]) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", application]
    with _running(command, log, {**os.environ, **environment, "PORT": str(port)}):
        _wait_for_port(port)
        yield port


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Yield the URL of a Redis that keeps nothing."""
    port = free_port()
    command = [program("redis-server", "redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with _running([*command, "--dir", str(folder), "--maxmemory-policy", "noeviction"], folder / "redis.log"):
        _wait_for_port(port)
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def workers(count: int, environment: Mapping[str, str], folder: Path) -> Iterator[int]:
    """Yield the main process of a worker with so many children, as the Procfile starts it."""
    log = folder / "workers.log"
    command = [sys.executable, *WORKER, "-n", f"bench{os.getpid()}@%h", "-c", str(count), *QUIET]
    with _running(command, log, {**environment, **ONE_THREAD}) as pid:
        while READY not in log.read_text(errors="replace"):
            if not Path(f"/proc/{pid}").exists():
                raise CommandError(f"The workers have ended: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(PAUSE)
        yield pid


def descendants(main: int) -> list[str]:
    """Return the processes that one has started, and those that they have started."""
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return children + [each for child in children for each in descendants(int(child))]


def peak_mb(main: int) -> float:
    """Return the most memory that any child of a process has ever had resident, in megabytes."""
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return max((_high_water(child) for child in children), default=0.0)


def _high_water(pid: str) -> float:
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _wait_for_port(port: int) -> None:
    for _ in range(200):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(PAUSE)
    raise CommandError(f"Nothing listens on port {port} of the loopback after twenty seconds.")
