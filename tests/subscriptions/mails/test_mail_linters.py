"""Linters of HTML mail, of npm: what mail programs lack, and what the HTML standard forbids."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.services import ROOT

FOLDER = Path(__file__).parent / "linters"
PACKAGES = ROOT / ".mail-linters" / "node_modules"


def linted(mails: dict[str, str]) -> dict[str, Any]:
    """What the linters say of all mails together: by feature the programs that lack it, by rule what breaks it."""
    done = subprocess.run(
        ["node", str(FOLDER / "lint.js")],
        env=os.environ | {"NODE_PATH": str(PACKAGES)},
        input=json.dumps(mails),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def _linters() -> None:
    if not PACKAGES.is_dir() or not shutil.which("node"):
        pytest.skip("The linters of mails are not here: make mail-linters")


@pytest.mark.usefixtures("_linters")
def test_the_linters_find_what_no_mail_should_have() -> None:
    found = linted({"bad": "<!doctype html><p style='display:grid;position:fixed'>a<b>c</p><img src=x>"})
    assert "outlook.windows" in found["lacks"]["position"]
    assert "close-order" in found["rules"]
