"""A function on strangers' bytes, in a process that can harm nobody: not the caller, nor by hanging on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from subscriptions.bibliographies import confined
from subscriptions.bibliographies.confined import ConfinedError, Limits, Trouble
from tests.processes import PATIENCE
from tests.subscriptions.bibliographies import hostile_parsers

ROOMY = Limits(cpu_seconds=20 * PATIENCE, seconds=60 * PATIENCE, memory=512_000_000, output=1_000_000)
BRIEF = Limits(cpu_seconds=20, seconds=3, memory=512_000_000, output=1_000_000)
NARROW = Limits(cpu_seconds=20 * PATIENCE, seconds=60 * PATIENCE, memory=200_000_000, output=1_000_000)
FLEETING = Limits(cpu_seconds=1, seconds=60 * PATIENCE, memory=512_000_000, output=1_000_000)


def run(name: str, data: bytes = b"", limits: Limits = ROOMY) -> list[str]:
    return confined.run(f"{hostile_parsers.__name__}:{name}", [data], limits).decode().splitlines()


def children() -> set[int]:
    own = os.getpid()
    return set(map(int, Path(f"/proc/{own}/task/{own}/children").read_text().split()))


def resident() -> int:
    """Bytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_the_lines_of_a_function_come_back_in_their_order() -> None:
    assert run("in_order", "eins zwei drüben".encode()) == ["drüben", "zwei", "eins"]


def test_as_much_as_a_file_may_hold_goes_in_and_comes_out() -> None:
    words = b"word " * 190_000
    assert len(run("in_order", words)) == 190_000


@pytest.mark.parametrize(
    ("name", "limits", "trouble"),
    [
        ("eats_memory", NARROW, Trouble.MEMORY),
        ("loops", FLEETING, Trouble.TIME),
        ("waits", BRIEF, Trouble.TIME),
        ("closes_and_waits", BRIEF, Trouble.TIME),
        ("dies", ROOMY, Trouble.CRASH),
        ("is_killed", ROOMY, Trouble.CRASH),
        ("leaves", ROOMY, Trouble.CRASH),
        ("raises", ROOMY, Trouble.CRASH),
        ("recurses", ROOMY, Trouble.CRASH),
        ("floods", ROOMY, Trouble.OUTPUT),
        ("is_not_there", ROOMY, Trouble.CRASH),
    ],
)
def test_whatever_goes_wrong_is_one_exception_and_the_process_is_gone(
    name: str, limits: Limits, trouble: Trouble
) -> None:
    before, at_first = children(), resident()
    with pytest.raises(ConfinedError) as caught:
        run(name, limits=limits)
    assert caught.value.trouble == trouble
    assert children() == before
    assert resident() < at_first + 20_000_000


def test_a_failure_is_told_by_its_place_and_without_a_word_of_the_data() -> None:
    with pytest.raises(ConfinedError) as caught:
        run("raises", b"ada@example.org")
    assert "KeyError in hostile_parsers.py, line" in str(caught.value)
    assert "ada" not in str(caught.value)


def test_it_loads_neither_django_nor_torch_nor_what_knows_the_database() -> None:
    parser = "subscriptions.bibliographies.files"
    code = f"import {parser}, sys; print(*sys.modules)"
    loaded = set(run("names_its_modules")) | set(_modules_of(code))
    heavy = {"django", "torch", "numpy", "celery", "scipy", "sentence_transformers", "config"}
    assert parser in loaded
    assert {name.partition(".")[0] for name in loaded} & heavy == set()


def _modules_of(code: str) -> list[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=confined.ROOT, capture_output=True, text=True, check=True).stdout.split()


def test_it_is_given_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://user:password@host/name")
    assert set(run("names_its_environment")) <= {*confined.KEPT, "PYTHONUTF8", "LC_CTYPE"}
