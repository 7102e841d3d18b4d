"""The lock files name one version of everything, with its hashes, and nothing of the machine they were written on."""

import re
import tomllib

import pytest

from tests.services import ROOT

LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-cuda.lock"]
ENTRY = re.compile(r"^([\w.-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return {package: version for package, version, _ in ENTRY.findall((ROOT / name).read_text())}


def hashes_of_torch(name: str) -> set[str]:
    return set(
        re.findall(r"[0-9a-f]{64}", next(e[2] for e in ENTRY.findall((ROOT / name).read_text()) if e[0] == "torch"))
    )


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(section: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = project["dependencies"] if section == "run" else project["optional-dependencies"]["dev"]
    return {canonical(re.match(r"[\w.-]+", requirement)[0]) for requirement in listed}


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_is_one_exact_version_with_hashes_and_nothing_else_is_in_the_file(name: str) -> None:
    text = (ROOT / name).read_text()
    assert pins(name)
    assert all(re.fullmatch(r"[\w.]+", version) for version in pins(name).values())
    assert not [line for line in ENTRY.sub("", text).splitlines() if line and not line.startswith(("# ", "-r "))]


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_and_no_build_of_this_machine_is_named(name: str) -> None:
    assert not re.search(r"://|\+cpu|--(?!hash=)|file:|@", (ROOT / name).read_text())


def test_what_the_project_asks_for_is_pinned() -> None:
    assert wanted("run") <= {canonical(name) for name in pins("requirements.lock")}
    assert wanted("dev") <= {canonical(name) for name in pins("requirements-dev.lock")}


def test_torch_is_named_without_the_suffix_of_a_build() -> None:
    assert pins("requirements.lock")["torch"] == pins("requirements-cuda.lock")["torch"] == "2.13.0"


def test_the_list_for_graphics_cards_shares_only_torch_with_the_others() -> None:
    others = pins("requirements.lock").keys() | pins("requirements-dev.lock").keys()
    assert pins("requirements-cuda.lock").keys() & others == {"torch"}
    assert not hashes_of_torch("requirements.lock") & hashes_of_torch("requirements-cuda.lock")


def test_the_second_list_stands_on_the_first_and_repeats_nothing_of_it() -> None:
    assert "\n-r requirements.lock\n" in (ROOT / "requirements-dev.lock").read_text()
    assert not pins("requirements.lock").keys() & pins("requirements-dev.lock").keys()
