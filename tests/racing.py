"""Processes with Django that do the same at the same time; they are spoken to by lines."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from tests.processes import ROOT, process_environment

Process = subprocess.Popen[str]


def python(code: str, *arguments: str, **environment: str) -> Process:
    """Run code with Django in a process of its own."""
    script = f"import django; django.setup()\n{code}"
    settings = process_environment(DJANGO_SETTINGS_MODULE="config.settings", **environment)
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=settings, text=True, stdin=pipe, stdout=pipe)


def output(code: str, **environment: str) -> str:
    """What code says from its beginning to its end, which must be a good one."""
    with python(code, **environment) as process:
        said, _ = process.communicate()
    assert process.returncode == 0
    return said


def line(process: Process) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def race(code: str, racers: int, **environment: str) -> list[int]:
    """What each of some processes says in the end that begin at the same moment; each is given its number."""
    with ExitStack() as stack:
        running = [stack.enter_context(python(code, str(number), **environment)) for number in range(racers)]
        start(running)
        return [int(line(process)) for process in running]


def start(racers: Sequence[Process]) -> None:
    """Wait until each has said that it is ready, and let all of them go."""
    assert [line(racer) for racer in racers] == ["ready"] * len(racers)
    for racer in racers:
        print("go", file=racer.stdin, flush=True)
