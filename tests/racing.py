"""Processes with Django that do the same at the same time; they are spoken to by lines."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO, NamedTuple

from tests.processes import ROOT, process_environment

Process = subprocess.Popen[str]
FORK = """
import os, sys
import django
django.setup()
pairs, code = {pairs}, compile({code!r}, "racer", "exec")
racers = []
for number, (source, sink) in enumerate(pairs):
    racers.append(os.fork())
    if not racers[-1]:
        os.dup2(source, 0)
        os.dup2(sink, 1)
        for end in (end for pair in pairs for end in pair):
            os.close(end)
        sys.argv = ["racer", str(number)]
        exec(code, {{"__name__": "__main__"}})
        sys.stdout.flush()
        os._exit(0)
for end in (end for pair in pairs for end in pair):
    os.close(end)
sys.exit(any([os.waitpid(racer, 0)[1] for racer in racers]))
"""


class Racer(NamedTuple):
    """One of a pack: what it reads, and what it says."""

    stdin: IO[str]
    stdout: IO[str]


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


def line(process: Process | Racer) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


@contextmanager
def pack(code: str, racers: int, **environment: str) -> Iterator[list[Racer]]:
    """Run code in so many processes, each of which is given its number; when they are left, all must end well.

    They are forked by one that has loaded Django, because loading it takes longer than most of what they do.
    """
    pipes = [(os.pipe(), os.pipe()) for _ in range(racers)]
    theirs = [(pipe_in[0], pipe_out[1]) for pipe_in, pipe_out in pipes]
    script = FORK.format(pairs=theirs, code=code)
    settings = process_environment(DJANGO_SETTINGS_MODULE="config.settings", **environment)
    command, kept = [sys.executable, "-c", script], [end for pair in theirs for end in pair]
    with subprocess.Popen(command, cwd=ROOT, env=settings, pass_fds=kept) as leader, ExitStack() as ours:
        for end in kept:
            os.close(end)
        yield [
            Racer(ours.enter_context(os.fdopen(pipe_in[1], "w")), ours.enter_context(os.fdopen(pipe_out[0])))
            for pipe_in, pipe_out in pipes
        ]
        ours.close()
        assert leader.wait() == 0


def race(code: str, racers: int, **environment: str) -> list[int]:
    """What each of some processes says in the end that begin at the same moment; each is given its number."""
    with pack(code, racers, **environment) as running:
        start(running)
        return [int(line(racer)) for racer in running]


def start(racers: Sequence[Process | Racer]) -> None:
    """Wait until each has said that it is ready, and let all of them go."""
    assert [line(racer) for racer in racers] == ["ready"] * len(racers)
    for racer in racers:
        print("go", file=racer.stdin, flush=True)
