"""The units for systemd start what the Procfile starts, are right in systemd's own eyes, and leave little open."""

import re
from pathlib import Path

import pytest

from tests.server.units import APP, COMMON, FOLDER, STATE, Analysis, command, service, settings
from tests.services import ROOT
from tests.stack import PROCFILE

MOST_EXPOSED = 1.5  # of ten; systemd calls less than 2 "OK", and a service without any of this has 9.6
WRAPPER = (ROOT / "deploy" / "paper-round").read_text()
# A unit may add to these. Whatever else stands in both would be that of the common file, which systemd reads last.
LISTS = {"Wants", "After", "Environment", "EnvironmentFile"}
TORCH = {"embed", "encoder", "prepare"}


def services() -> list[str]:
    return sorted(path.stem.removeprefix("paper-round-") for path in FOLDER.glob("paper-round-*.service"))


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    return Analysis(tmp_path)


@pytest.mark.parametrize("role", PROCFILE)
def test_a_service_starts_what_its_line_of_the_procfile_starts(role: str) -> None:
    line = PROCFILE[role].removeprefix("exec setpriv --pdeathsig TERM ").removeprefix("${GIVE_WAY-} ")
    words = line.removeprefix("env ").split()
    added = {word for word in words if re.match(r"[A-Z_]+=", word)}
    assert command(role) == (added, [word for word in words if word not in added])


@pytest.mark.parametrize("role", PROCFILE)
def test_the_target_starts_and_stops_each_service_that_is_enabled(role: str) -> None:
    unit = service(role)
    assert unit["PartOf"] == unit["WantedBy"] == ["paper-round.target"]
    assert unit["Restart"] == ["always"]
    assert "paper-round-prepare.service" in " ".join(unit["After"])


@pytest.mark.parametrize("role", services())
def test_what_a_service_has_otherwise_does_not_stand_in_what_all_have(role: str) -> None:
    assert not service(role).keys() & settings(COMMON).keys() - LISTS


@pytest.mark.parametrize("role", PROCFILE)
def test_memory_is_bounded_and_only_where_torch_runs_may_data_become_code(role: str) -> None:
    unit = service(role)
    assert unit["MemoryMax"]
    assert unit["MemoryDenyWriteExecute"] == ["no" if role in TORCH else "yes"]


def test_a_mail_that_is_on_its_way_has_longer_than_a_slow_mail_server_may_take() -> None:
    from config.settings import EMAIL_TIMEOUT, SMTP_ANSWER_SECONDS

    assert service("mail")["TimeoutStopSec"] == [str(SMTP_ANSWER_SECONDS + 2 * EMAIL_TIMEOUT)]
    assert settings(COMMON)["KillMode"] == ["mixed"]  # only the worker's first process is told, see config/celery.py


def test_systemd_finds_nothing_wrong_with_any_unit(analysis: Analysis) -> None:
    assert analysis.verify() == ""


def test_systemd_notices_a_setting_that_it_does_not_know(analysis: Analysis) -> None:
    """Else the test above could not fail."""
    unit = analysis.folder / "paper-round-web.service"
    unit.write_text(unit.read_text().replace("MemoryMax=", "MostMemory="))
    assert "MostMemory" in analysis.verify()


def test_no_service_is_more_exposed_than_the_bar(analysis: Analysis) -> None:
    figures = {name: analysis.exposure(name) for name in analysis.names()}
    assert max(figures.values()) <= MOST_EXPOSED, figures


def test_the_command_for_operators_runs_as_the_services_do() -> None:
    common = settings(COMMON)
    assert f"VAR_DIR={STATE}" in common["Environment"]
    assert f"VAR_DIR={STATE}" in WRAPPER
    assert f"runuser -u {common['User'][0]} " in WRAPPER
    assert all(path.removeprefix("-") in WRAPPER for path in common["EnvironmentFile"])
    assert f"{APP}/.venv/bin/python" in WRAPPER
