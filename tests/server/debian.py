"""A folder that stands for a Debian server, with a shell in which the operator's book is typed as it stands.

Paths are mapped into the folder, users are left out, and services are real ones of the tests.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from tests.config.web.test_proxy import FRAME, KINDS
from tests.server import units
from tests.services import ROOT, PostgresServer, RedisServer, free_port, process_environment, program

END = "@@ the block has ended"


class Server:
    """replaced holds what is typed otherwise, by what the book says."""

    def __init__(self, postgres: PostgresServer, redis: RedisServer, mail_url: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pr"))
        self.port = free_port()
        nginx = f"{program('nginx', 'nginx-light', '../sbin')} -t -e stderr -c {self.folder}/etc/nginx/nginx.conf"
        self.replaced = {
            "runuser -u postgres -- ": "",
            "runuser -u paper-round -- ": "",
            "-o root -g paper-round ": "",
            "-o paper-round -g paper-round ": "",
            "/opt/paper-round": f"{self.folder}/opt/paper-round",
            "/var/lib/paper-round": f"{self.folder}/state",
            "/usr/local/sbin": f"{self.folder}/bin",
            "/var/backups": f"{self.folder}",
            "/etc/": f"{self.folder}/etc/",
            "redis-cli ": f"redis-cli -p {redis.port} ",
            "127.0.0.1:6379": f"127.0.0.1:{redis.port}",
            "%2Frun%2Fpostgresql": f"{quote(str(postgres.folder), safe='')}:{postgres.port}",
            "127.0.0.1:8000": f"127.0.0.1:{self.port}",
            "nginx -t": nginx,
            "submission://user:password@mail.example.org:587": mail_url,
            'if [ "$(id -u)" != 0 ]': "if false",
            "listen 80;": f"listen 127.0.0.1:{free_port()};",
            "listen [::]:80;": "",
            "listen 443 ": f"listen 127.0.0.1:{free_port()} ",
            "listen [::]:443 ssl http2;": "",
        }
        self._pattern = re.compile("|".join(map(re.escape, self.replaced)))
        self._lay_out()
        self.shell = self._start_shell(postgres)
        self.processes: list[subprocess.Popen[bytes]] = []

    def mapped(self, text: str) -> str:
        return self._pattern.sub(lambda found: self.replaced[found[0]], text)

    def type(self, commands: str) -> str:
        """What is said to it; AssertionError where a command fails."""
        assert self.shell.stdin
        assert self.shell.stdout
        self.shell.stdin.write(f"{self.mapped(commands)}\necho '{END}'\n")
        self.shell.stdin.flush()
        said = ""
        while END not in said:
            line = self.shell.stdout.readline()
            assert line, f"It ended at:\n{commands}\n{said}"
            said += line
        return said.removesuffix(f"{END}\n")

    def set(self, **settings: str) -> None:
        """Add to the settings what only a test needs."""
        with (self.folder / "etc/paper-round/settings.env").open("a") as file:
            file.writelines(f"{name}='{value}'\n" for name, value in settings.items())

    def start(self, role: str) -> None:
        """Start a service as its unit says."""
        added, words = units.command(role)
        settings = (
            f"set -a; . {self.folder}/etc/paper-round/settings.env; export {' '.join(added)}; exec {' '.join(words)}"
        )
        with self.log(role).open("wb") as log:
            process = subprocess.Popen(
                ["sh", "-c", settings],
                cwd=self.folder / "opt/paper-round",
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)

    def log(self, role: str) -> Path:
        return self.folder / f"{role}.log"

    def remove(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(120)
        self.shell.kill()
        self.shell.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _lay_out(self) -> None:
        """The release, with the files of deploy/ mapped, and what Debian's packages have made."""
        app = self.folder / "opt/paper-round"
        for place in (app, self.folder / "bin", self.folder / "etc/systemd/system", self.folder / "etc/nginx/conf.d"):
            place.mkdir(parents=True)
        for part in ("manage.py", "config", "papers", "recommender", "subscriptions", "templates"):
            (app / part).symlink_to(ROOT / part)
        (app / ".venv").symlink_to(sys.prefix)
        shutil.copytree(ROOT / "deploy", app / "deploy")
        for file in filter(Path.is_file, (app / "deploy").rglob("*")):
            file.write_text(self.mapped(file.read_text()))
        folders = "\n".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in KINDS)
        frame = FRAME.format(self.folder, folders).replace("site.conf", "etc/nginx/conf.d/*.conf")
        (self.folder / "etc/nginx/nginx.conf").write_text(frame)

    def _start_shell(self, postgres: PostgresServer) -> subprocess.Popen[str]:
        tools = Path(postgres.program("createdb")).parent
        path = f"{self.folder}/bin:{tools}:{os.environ['PATH']}"
        found = {"PATH": path, "PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGUSER": "postgres"}
        return subprocess.Popen(
            ["bash", "-e"],
            cwd=self.folder,
            env=self._environment() | found,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _environment(self) -> dict[str, str]:
        return process_environment(VAR_DIR=f"{self.folder}/state", PORT=str(self.port))
