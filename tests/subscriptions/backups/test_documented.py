"""docs/backups.md: every command in it is one that exists, with the options that it takes."""

import re
import shlex

import pytest
from django.core.management import CommandError, get_commands, load_command_class

from tests.processes import ROOT

PAGE = (ROOT / "docs" / "backups.md").read_text()
COMMANDS = re.findall(r"^manage\.py (.+)$", PAGE, re.MULTILINE)


def test_the_page_has_the_commands_of_a_restore() -> None:
    assert {"backup", "restore", "rehearse_restore", "sending", "suppressions"} <= {
        line.split()[0] for line in COMMANDS
    }


@pytest.mark.parametrize("line", COMMANDS)
def test_a_documented_command_takes_what_the_page_gives_it(line: str) -> None:
    name, *arguments = shlex.split(line)
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(arguments)


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    command = load_command_class(get_commands()["sending"], "sending")
    parser = command.create_parser("manage.py", "sending")
    parser.called_from_command_line = False  # type: ignore[attr-defined]
    with pytest.raises(CommandError):
        parser.parse_args(["adopted"])


def test_the_units_run_what_the_page_names() -> None:
    unit = (ROOT / "deploy" / "systemd" / "paper-round-backup.service").read_text()
    [line] = re.findall(r"manage\.py (backup .+)$", unit, re.MULTILINE)
    assert line in COMMANDS
