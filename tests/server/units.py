"""The units of deploy/systemd as they are written, and as systemd itself reads them."""

import os
import subprocess
import sys
from pathlib import Path

from tests.services import ROOT, program

FOLDER = ROOT / "deploy" / "systemd"
COMMON = FOLDER / "paper-round-.service.d" / "common.conf"
APP, STATE = "/opt/paper-round", "/var/lib/paper-round"
Settings = dict[str, list[str]]


def settings(unit: Path) -> Settings:
    """Each key's values in their order, whatever section they stand in."""
    found: Settings = {}
    for line in unit.read_text().splitlines():
        key, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def service(role: str) -> Settings:
    return settings(FOLDER / f"paper-round-{role}.service")


def command(role: str) -> tuple[set[str], list[str]]:
    """What a unit adds to the environment, and the words that it starts."""
    unit = service(role)
    [line] = unit["ExecStart"]
    added = " ".join(unit.get("Environment", []))
    return set(added.split()), line.replace("%%", "%").replace(f"{APP}/.venv/bin/", "").split()


class Analysis:
    """systemd-analyze over the units, laid out in a folder as on a machine, with a Python that is there."""

    def __init__(self, folder: Path) -> None:
        self.tool = program("systemd-analyze", "systemd")
        self.folder = folder / "etc/systemd/system"
        (self.folder / COMMON.parent.name).mkdir(parents=True)
        for unit in [*FOLDER.glob("*.*"), COMMON]:
            if unit.is_file():
                words = unit.read_text().replace(f"{APP}/.venv/bin/python", sys.executable)
                (self.folder / unit.relative_to(FOLDER)).write_text(words)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*.service"))

    def verify(self) -> str:
        """What systemd finds wrong with any of them; '' for nothing."""
        units = [str(path) for path in sorted(self.folder.iterdir()) if path.is_file()]
        # A colon at the end: what the units name of others is looked for in the usual folders.
        return self._run("verify", *units, SYSTEMD_UNIT_PATH=f"{self.folder}:")

    def exposure(self, name: str) -> float:
        """From 0, closed, to 10, wide open."""
        root = self.folder.parent.parent.parent
        said = self._run("security", "--offline=true", f"--root={root}", "--no-pager", name)
        return float(said.rpartition("exposure level for")[2].split()[1])

    def _run(self, *words: str, **environment: str) -> str:
        done = subprocess.run([self.tool, *words], capture_output=True, text=True, env=os.environ | environment)
        return done.stdout + done.stderr
