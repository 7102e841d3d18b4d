"""Mails use what mail programs support, and keep to the HTML standard, but for what a list beside the test allows.

Each entry says which programs lack it, and how the mail looks there. One that no longer occurs is an error, too.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.mail_gallery import kinds
from tests.services import ROOT

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parent / "linters"
PACKAGES = ROOT / ".mail-linters" / "node_modules"
ALLOWED = json.loads((FOLDER / "allowed.json").read_text())


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
def test_mails_use_nothing_but_what_is_listed_with_how_they_look_without_it() -> None:
    found = linted({name: str(mail.alternatives[0][0]) for name, mail in kinds.usual().items()})
    for table in ("lacks", "partly"):
        listed = {feature: entry["by"].split() for feature, entry in ALLOWED[table].items()}
        assert found[table] == listed, table
    others = {rule: lines for rule, lines in found["rules"].items() if rule not in ALLOWED["rules"]}
    assert others == {}
    assert found["rules"].keys() == ALLOWED["rules"].keys()


@pytest.mark.usefixtures("_linters")
def test_the_linters_find_what_no_mail_should_have() -> None:
    found = linted({"bad": "<!doctype html><p style='display:grid;position:fixed'>a<b>c</p><img src=x>"})
    assert "outlook.windows" in found["lacks"]["position"]
    assert "close-order" in found["rules"]


def test_every_allowed_entry_says_how_the_mail_looks_without_it() -> None:
    told = [entry["looks"] for table in ("lacks", "partly") for entry in ALLOWED[table].values()]
    assert all(len(words.split()) >= 4 for words in [*told, *ALLOWED["rules"].values()])
