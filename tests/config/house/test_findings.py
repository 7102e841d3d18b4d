"""Findings keep to their form; to run them is for people with a package index, see findings/README.md."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TABLE = (ROOT / "findings/README.md").read_text()
SCRIPTS = sorted((ROOT / "findings").glob("*.sh"))
GUARDS = sorted(set(re.findall(r"`(tests/[\w/]+\.py|test_\w+)`", TABLE)))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_finding_keeps_to_its_form(script: Path) -> None:
    text = script.read_text()
    assert os.access(script, os.X_OK)
    assert text.count("\n") < 80
    assert "\nset -euo pipefail\n" in text
    assert re.search(r" [\w./@-]+(==?|@)\d", text), "no package is named with its version"
    assert TABLE.count(f"]({script.name})") == 1


def test_the_table_names_scripts_and_guards_that_are_here() -> None:
    assert set(re.findall(r"\]\(([\w.]+\.sh)\)", TABLE)) == {script.name for script in SCRIPTS}
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    gone = [name for name in GUARDS if not ((ROOT / name).is_file() or f"def {name}(" in tests)]
    assert GUARDS
    assert not gone
