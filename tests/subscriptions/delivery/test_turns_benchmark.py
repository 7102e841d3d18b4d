"""Two builds in turns: in a repository of two commits, whose benchmark tells what each was made to tell."""

import json
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

PROGRAM = """
import json, pathlib, sys
mark = pathlib.Path(sys.argv[0]).resolve().parent / "turns"
mark.write_text(str(int(mark.read_text()) + 1) if mark.exists() else "1")
if "broken" in sys.argv:
    sys.exit("it cannot be measured")
print("Making papers")
figure = {"bench": sys.argv[2], "value": VALUE * int(mark.read_text()), "unit": "a second", "limit": 50.0}
print(json.dumps(figure | {"ratio": 0.5, "bytes_a_digest": 7, "asked": sys.argv[3:]}))
"""
MAKEFILE = "install:\n\tmkdir -p .venv/bin && ln -sf $(PYTHON_HERE) .venv/bin/python\n"


@pytest.fixture
def two_builds(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose first commit makes 2 a second and more each time, and whose second one makes thrice that."""
    if shutil.which("git") is None or shutil.which("make") is None:
        pytest.skip("Needs git and make.")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.setenv("PYTHON_HERE", sys.executable)
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.setenv(name, "Somebody")
    for name in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "somebody@example.org")
    git(here, "init", "-q")
    for value in (2, 6):
        (here / "manage.py").write_text(PROGRAM.replace("VALUE", str(value)))
        (here / "Makefile").write_text(MAKEFILE)
        git(here, "add", "manage.py", "Makefile")
        git(here, "commit", "-q", "-m", f"{value} a second")
    settings.BASE_DIR, settings.VAR_DIR = here, here / "var"
    return here


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def figures(*words: str) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("bench", "turns", "--json", *words, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_both_builds_have_as_many_turns_and_their_medians_are_told(two_builds: Path) -> None:
    earlier = git(two_builds, "rev-parse", "--short", "HEAD~1")
    *pairs, last = figures("--pairs", "3", "HEAD~1", "digests", "--subscribers", "9")
    assert [(one["value"], one["limit"]) for one in pairs] == [(6, 2), (12, 4), (18, 6)]
    assert (last["value"], last["limit"], last["ratio"], last["pairs"]) == (12, 4, 3, 3)
    assert (last["this"], last["earlier"]) == (git(two_builds, "rev-parse", "--short", "HEAD"), earlier)
    assert pairs[0]["bytes_a_digest"] == pairs[0]["bytes_a_digest_earlier"] == 7
    assert (two_builds / "var/earlier" / earlier / "turns").read_text() == "3"


def test_a_build_that_is_there_is_used_again(two_builds: Path) -> None:
    figures("--pairs", "1", "HEAD~1", "digests")
    assert figures("--pairs", "1", "HEAD~1", "digests")[-1]["limit"] == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["HEAD~1"], "Name a benchmark"),
        (["no-such-commit", "digests"], "no-such-commit"),
        (["HEAD~1", "digests", "broken"], "it cannot be measured"),
    ],
)
def test_what_cannot_be_measured_is_one_error(two_builds: Path, words: list[str], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        figures("--pairs", "1", *words)
