"""One visitor cannot close the sign-up form: floods through the form itself, several processes, on both databases."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.services import ROOT, migrated_database, migrated_file, process_environment

# In full 5,000 forms and the usual caps; else in small, with an hour that still has a place for each network.
LONG = bool(os.environ.get("PAPER_ROUND_LONG"))
FORMS, PER_HOUR, PER_NETWORK = (5000, 200, 20) if LONG else (400, 60, 4)
WITHOUT_PROOF = PER_HOUR // 2
QUEUE = 24 * WITHOUT_PROOF
FLOODS = ["twenty networks", "eleven of one /48"]


class Visitor:
    """A process that fills in forms, or does a worker's work."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.subscriptions.signup.flood"]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, cwd=ROOT, env=process_environment(**environment), **pipes)

    def begin(self, minutes: float, verb: str, *arguments: object, **fields: str) -> None:
        print(json.dumps([minutes, verb, arguments, fields]), file=self.process.stdin, flush=True)

    def end(self) -> tuple[Any, list[str]]:
        """Its answer, and the errors that were logged meanwhile."""
        assert self.process.stdout
        answer, alarms = json.loads(self.process.stdout.readline())
        return answer, alarms

    def does(self, minutes: float, verb: str, *arguments: object, **fields: str) -> Any:
        self.begin(minutes, verb, *arguments, **fields)
        return self.end()[0]

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def visitors(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Visitor]]:
    """Three processes on one empty database."""
    if request.param == "PostgreSQL":
        url = migrated_database(request.getfixturevalue("postgres_server"), "flood")
    else:
        url = migrated_file(tmp_path / "flood.sqlite3")
    caps = {"SIGN_UPS_PER_HOUR": PER_HOUR, "SIGN_UPS_WITHOUT_PROOF": WITHOUT_PROOF, "SIGN_UPS_PER_NETWORK": PER_NETWORK}
    environment = {name: str(value) for name, value in caps.items()}
    environment |= {"DATABASE_URL": url, "VAR_DIR": str(tmp_path), "TRUSTED_PROXIES": "1", "SIGN_UP_SECONDS": "0"}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    with ExitStack() as stack:
        made = [Visitor(environment) for _ in range(3)]
        for visitor in made:
            stack.callback(visitor.close)
        yield made


def together(visitors: list[Visitor], minutes: float, verb: str, *arguments: list[object]) -> tuple[list[Any], int]:
    """All at once: what each answered, and how many errors they logged."""
    for number, visitor in enumerate(visitors):
        visitor.begin(minutes, verb, *(arguments[number] if arguments else []))
    ended = [visitor.end() for visitor in visitors]
    return [answer for answer, _ in ended], sum(len(alarms) for _, alarms in ended)


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_sends_no_more_than_the_caps_sounds_one_alarm_and_keeps_nobody_out(
    visitors: list[Visitor], kind: str
) -> None:
    visitor, third = visitors[0], FORMS // 3
    answers, alarms = together(visitors, 1, "flood", *([kind, number * third, third] for number in range(3)))
    assert set(sum(map(Counter, answers), Counter())) <= {"302", "400"}
    alarms += together(visitors, 2, "work")[1]

    assert visitor.does(3, "post", "ada@a.example", "203.0.113.1") == 400  # is asked for a proof
    assert visitor.does(3, "proven", "ada@a.example", "203.0.113.1") == 302
    assert visitor.does(3, "proven", "bob@b.example", "198.51.0.9") == 302  # from within the flood
    assert visitor.does(3, "post", "eve@e.example", "192.0.2.1", patience="1") == 302
    alarms += together(visitors, 4, "work")[1]
    seen = visitor.does(4, "look")
    assert {"ada@a.example", "bob@b.example"} <= set(seen["sent"])
    assert seen["unproven"] <= WITHOUT_PROOF
    assert len(seen["sent"]) <= PER_HOUR
    assert seen["waiting"] <= QUEUE + len(visitors)
    assert seen["waiting with proof"] == 0
    assert alarms == 1

    _, alarms = together(visitors, 62, "work")
    later = visitor.does(62, "look")
    assert "eve@e.example" in later["sent"]
    assert later["unproven"] <= 2 * WITHOUT_PROOF
    assert alarms <= 1
