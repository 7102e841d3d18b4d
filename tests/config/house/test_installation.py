"""What make installs, from a folder of small wheels in place of a package index, and what its audit says."""

import base64
import hashlib
import json
import shutil
import subprocess
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from tests.services import ROOT, process_environment

HASH = "sha256:"


def wheel(folder: Path, name: str, version: str, text: str = "") -> str:
    """A wheel with nothing in it but its name; gives its hash as a lock file writes it."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    parts = {
        f"{name}.py": text,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{part},sha256={digest(content)},{len(content)}\n" for part, content in parts.items())
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in (parts | {f"{info}/RECORD": record + f"{info}/RECORD,,\n"}).items():
            archive.writestr(part, content)
    return HASH + hashlib.sha256(path.read_bytes()).hexdigest()


def digest(content: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()


def entry(pin: str, *hashes: str) -> str:
    return " \\\n    ".join([pin, *(f"--hash={one}" for one in hashes)]) + "\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the Makefile, lock files that want torch and one package more, and a folder of wheels."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    cpu, other = wheel(tmp_path / "cpu", "torch", "2.13.0+cpu"), wheel(tmp_path / "index", "torch", "2.13.0")
    tiny, large = wheel(tmp_path / "both", "tiny", "1.0"), wheel(tmp_path / "both", "large", "1.0")
    (tmp_path / "requirements.lock").write_text(entry("tiny==1.0", tiny) + entry("torch==2.13.0", cpu))
    (tmp_path / "requirements-cuda.lock").write_text(entry("large==1.0", large) + entry("torch==2.13.0", other))
    (tmp_path / "requirements-dev.lock").write_text("-r requirements.lock\n")
    return tmp_path


def make(project: Path, *goals: str, wheels: str) -> subprocess.CompletedProcess[str]:
    folders = " ".join(str(project / name) for name in wheels.split())
    environment = process_environment(
        PIP_FIND_LINKS=folders, PIP_NO_INDEX="1", PIP_CONFIG_FILE="/dev/null", VENV=str(project / ".venv")
    )
    return subprocess.run(["make", *goals], cwd=project, env=environment, capture_output=True, text=True, timeout=720)


def installed(project: Path) -> set[str]:
    folders = (project / ".venv/lib").glob("python3*/site-packages/*.dist-info")
    return {folder.name.removesuffix(".dist-info") for folder in folders} - {"pip", "setuptools"}


def test_the_cpu_build_of_torch_is_taken_where_both_are_served(project: Path) -> None:
    done = make(project, "install", wheels="cpu index both")
    assert done.returncode == 0, done.stderr
    assert {"tiny-1.0", "torch-2.13.0+cpu"} <= installed(project)
    assert "large-1.0" not in installed(project)
    assert list((project / ".venv/lib").rglob("tiny.*.pyc"))  # nobody may write there later


def test_without_a_cpu_build_the_other_list_comes_first_and_that_is_said(project: Path) -> None:
    done = make(project, "install", wheels="index both")
    assert done.returncode == 0, done.stderr
    assert {"tiny-1.0", "large-1.0", "torch-2.13.0"} <= installed(project)
    assert "several gigabytes" in done.stdout


@pytest.mark.parametrize("changed", ["tiny", "torch"])
def test_a_file_that_was_exchanged_stops_the_installation_and_is_named(changed: str, project: Path) -> None:
    wheel(
        project / ("both" if changed == "tiny" else "cpu"), changed, "1.0" if changed == "tiny" else "2.13.0+cpu", "#"
    )
    done = make(project, "install", wheels="cpu both")
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert changed in done.stderr
    assert not list((project / ".venv").glob("installed-*"))
    assert not {"tiny-1.0", "torch-2.13.0+cpu"} & installed(project)


class Holes(BaseHTTPRequestHandler):
    """A service of known holes as pip-audit asks it: tiny 1.0 has one."""

    bad: ClassVar[dict[str, object]] = {
        "vulns": [{"id": "HOLE-1", "summary": "Opens every door", "affected": [], "schema_version": "1.0.0"}]
    }

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(self.bad if asked["package"]["name"] == "tiny" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.mark.parametrize(("pin", "code"), [("tiny", 1), ("torch", 0)])
def test_the_audit_fails_for_a_pin_with_a_known_hole_and_only_then(pin: str, code: int, tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(entry(f"{pin}==1.0", HASH + "0" * 64))
    with ThreadingHTTPServer(("127.0.0.1", 0), Holes) as service:
        Thread(target=service.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{service.server_port}/v1/query"
        done = audit(lock, f"--vulnerability-service osv --osv-url {url} --cache-dir {tmp_path / 'cache'}")
        service.shutdown()
    assert (done.returncode != 0) == bool(code), done.stderr
    assert ("HOLE-1" in done.stdout) == bool(code)


def audit(lock: Path, options: str) -> subprocess.CompletedProcess[str]:
    """The audit as the Makefile calls it, of another file."""
    recipe = next(line for line in (ROOT / "Makefile").read_text().splitlines() if "pip-audit --strict" in line)
    tool = shutil.which("pip-audit", path=str(ROOT / ".venv/bin")) or shutil.which("pip-audit") or "pip-audit"
    words = recipe.strip().replace("$(bin)/pip-audit", tool).replace("$(AUDIT)", options).split()
    return subprocess.run([*words[:-1], str(lock)], capture_output=True, text=True, timeout=360)
