"""The lock files name one version of everything and nothing of the machine they were written on."""

import re
import tomllib

import pytest

from tests.services import ROOT

LOCKS = ["requirements.lock", "requirements-dev.lock"]


def pins(name: str) -> dict[str, str]:
    lines = [line for line in (ROOT / name).read_text().splitlines() if not line.startswith(("#", "-r "))]
    return dict(line.split("==") for line in lines)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(section: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = project["dependencies"] if section == "run" else project["optional-dependencies"]["dev"]
    return {canonical(re.match(r"[\w.-]+", requirement)[0]) for requirement in listed}


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_is_one_exact_version(name: str) -> None:
    assert all(re.fullmatch(r"[\w.]+", version) for version in pins(name).values())


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_and_no_build_of_this_machine_is_named(name: str) -> None:
    assert not re.search(r"://|\+cpu|--|file:|@", (ROOT / name).read_text())


def test_what_the_project_asks_for_is_pinned() -> None:
    assert wanted("run") <= {canonical(name) for name in pins("requirements.lock")}
    assert wanted("dev") <= {canonical(name) for name in pins("requirements-dev.lock")}


def test_torch_is_named_without_the_suffix_of_a_build() -> None:
    assert pins("requirements.lock")["torch"] == "2.13.0"


def test_the_second_list_stands_on_the_first_and_repeats_nothing_of_it() -> None:
    assert "\n-r requirements.lock\n" in (ROOT / "requirements-dev.lock").read_text()
    assert not pins("requirements.lock").keys() & pins("requirements-dev.lock").keys()
