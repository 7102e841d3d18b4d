"""Run a function on bytes of strangers in a process of its own, with limits of time, memory and output.

Whatever happens to that process (it loops, eats memory, crashes, floods), the caller gets one exception. The process
gets none of the caller's secrets: neither its memory nor its environment. It knows no Django, so it starts in a fifth
of a second, and it gives way to others when processors are scarce.
"""

import os
import resource
import selectors
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")  # of the environment: what Python may need to start
OUT_OF_MEMORY, FAILED = 3, 4  # statuses
GENTLE = 10  # added to niceness
AT_ONCE = 65_536


class Trouble(Enum):
    TIME = "it took too long"
    MEMORY = "it took too much memory"
    OUTPUT = "it said too much"
    CRASH = "it crashed"


class ConfinedError(Exception):
    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(f"{trouble.value} ({detail})" if detail else trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Limits:
    cpu_seconds: int
    seconds: float  # by the clock, from outside
    memory: int  # bytes of address space, Python's own included
    output: int  # bytes


def run(function: str, pieces: Iterable[bytes], limits: Limits) -> bytes:
    """Return what the function "module:name" yields of the bytes, a line each; raise ConfinedError if it fails."""
    with _in_memory(pieces) as source:
        deadline = time.monotonic() + limits.seconds
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, function, str(limits.cpu_seconds), str(limits.memory)],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={name: os.environ[name] for name in KEPT if name in os.environ} | {"PYTHONUTF8": "1"},
        )
    with process:
        try:
            output = b"".join(_pieces(process, deadline, limits.output))
            status = process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            raise ConfinedError(Trouble.TIME) from error
        finally:
            process.kill()  # by its own id, and nothing if it has ended
    _judge(status, output)
    return output


def _in_memory(pieces: Iterable[bytes]) -> BinaryIO:
    """Return a file that lies on no disk: the process reads all of it, however late, and nobody has to feed it."""
    file = os.fdopen(os.memfd_create("data"), "w+b")
    file.writelines(pieces)
    file.seek(0)
    return file


def _pieces(process: subprocess.Popen[bytes], deadline: float, most: int) -> Iterator[bytes]:
    assert process.stdout
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            piece = os.read(process.stdout.fileno(), AT_ONCE)
            most -= len(piece)
            if most < 0:
                raise ConfinedError(Trouble.OUTPUT)
            if not piece:
                return
            yield piece
    raise ConfinedError(Trouble.TIME)


def _judge(status: int, output: bytes) -> None:
    if status == OUT_OF_MEMORY:
        raise ConfinedError(Trouble.MEMORY)
    if status == -signal.SIGXCPU:
        raise ConfinedError(Trouble.TIME)
    if status == FAILED:
        raise ConfinedError(Trouble.CRASH, output[-300:].decode(errors="replace").rpartition("\n")[2])
    if status:
        raise ConfinedError(Trouble.CRASH, f"status {status}")


def main(function: str, cpu_seconds: str, memory: str) -> int:
    """Run the process itself: limit it, and only then read the data."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_seconds), int(cpu_seconds) + 1))
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    os.nice(GENTLE)
    try:
        _work(function)
    except MemoryError:
        return OUT_OF_MEMORY
    except Exception as error:
        sys.stdout.write(f"\n{_place(error)}")
        sys.stdout.flush()
        return FAILED
    return 0


def _work(function: str) -> None:
    module, _, name = function.partition(":")
    for line in getattr(import_module(module), name)(sys.stdin.buffer.read()):
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _place(error: Exception) -> str:
    """Say what happened and where, without a word of the data."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:]))  # a million objects need not be taken apart one by one
