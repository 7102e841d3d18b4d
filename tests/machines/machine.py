"""One machine: some of the site's processes, with a VAR_DIR, a name and an address of their own."""

import json
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from shlex import join

from tests.machines.network import Place
from tests.processes import PATIENCE
from tests.stack import Stack


class Machine(Stack):
    def __init__(self, place: Place, **environment: str) -> None:
        super().__init__(**environment)
        self.place = place
        self.url = f"http://{place.address}:{self.port}"
        del self.environment["STATIC_ROOT"]  # the machine makes its own
        self.environment |= {"BIND_ADDRESS": place.address, "TMPDIR": str(self.folder)}

    def command(self, name: str) -> str:
        return self.place.command(super().command(name))

    def manage(self, *arguments: str, seconds: float = 120) -> str:
        words = join((sys.executable, "manage.py", *arguments))
        done = subprocess.run(
            ["/bin/sh", "-c", self.place.command(f"exec {words}")],
            **self._place(),
            timeout=seconds * PATIENCE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def is_answering(self) -> bool:
        try:
            return bool(self.ask("/livez")[0])
        except OSError:
            return False

    def ask(self, path: str) -> tuple[int, bytes]:
        with closing(HTTPConnection(self.place.address, self.port, timeout=60)) as connection:
            connection.request("GET", path, headers={"Host": "papers.example.org", "X-Forwarded-Proto": "https"})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def parts(self) -> dict[str, bool]:
        """What this machine says of itself at /readyz."""
        return {part["name"]: part["ok"] for part in json.loads(self.ask("/readyz")[1])["parts"]}

    def opened(self) -> set[str]:
        """Paths of all files that this machine's processes have open or mapped."""
        found: set[str] = set()
        for process in self.alive():
            for link in Path(f"/proc/{process}/fd").glob("*"):
                try:
                    found.add(str(link.readlink()))
                except OSError:
                    continue
        return found
