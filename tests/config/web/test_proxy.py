"""The example of a proxy in deploy/, run as it stands but for ports, the certificate and folders."""

import json
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest

from tests.config.web.odd_stack import OddStack
from tests.services import ROOT, Service, free_port, process_environment, program
from tests.stack import Stack

SITE = "papers.example.org"
FRAME = """
daemon off;
worker_processes 1;
error_log stderr;
pid {0}/pid;
events {{}}
http {{
    {1}
    include {0}/site.conf;
}}
"""
KINDS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Nginx(Service):
    def __init__(self, site: Stack) -> None:
        super().__init__()
        self.site, self.plain = site, free_port()
        self.nginx = program("nginx", "nginx-light", "../sbin")
        self._certify()
        shutil.copy(ROOT / "deploy" / "paper_round_proxy.conf", self.folder)
        (self.folder / "site.conf").write_text(self._site_conf())
        folders = "\n".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in KINDS)
        (self.folder / "nginx.conf").write_text(FRAME.format(self.folder, f"access_log off;\n{folders}"))

    def _site_conf(self) -> str:
        words = (ROOT / "deploy" / "nginx.conf").read_text()
        changes = {
            "127.0.0.1:8000": f"127.0.0.1:{self.site.port}",
            "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2;\n": "",
            f"/etc/letsencrypt/live/{SITE}": str(self.folder),
        }
        for theirs, ours in changes.items():
            assert theirs in words
            words = words.replace(theirs, ours)
        return words

    def _certify(self) -> None:
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={SITE}"]
        files = ["-keyout", self.folder / "privkey.pem", "-out", self.folder / "fullchain.pem"]
        subprocess.run([*command, *files], check=True, capture_output=True)

    def command(self) -> list[str]:
        return [self.nginx, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]

    def environment(self) -> dict[str, str]:
        return process_environment()

    def is_ready(self) -> bool:
        assert not self.has_ended(), self.log()
        try:
            return self.ask("GET", "/robots.txt")[0] == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
        trusting = ssl._create_unverified_context()
        connection = HTTPSConnection("127.0.0.1", self.port, timeout=120, context=trusting)
        return _answer(connection, method, path, body, headers)

    def ask_plainly(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str]:
        return _answer(HTTPConnection("127.0.0.1", self.plain, timeout=120), method, path, body, {})


def _answer(
    connection: HTTPConnection, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> tuple[int, str]:
    try:
        connection.request(method, path, body, {"Host": SITE} | headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def proxy() -> Iterator[Nginx]:
    site = OddStack(PYTHONPATH=str(Path.cwd()), ALLOWED_HOSTS=f"{SITE},127.0.0.1", TRUSTED_PROXIES="1")
    site.migrate()
    site.start("web")
    nginx = Nginx(site)
    nginx.start()
    yield nginx
    nginx.remove()
    site.remove()


def test_what_a_client_says_of_its_own_address_does_not_get_through(proxy: Nginx) -> None:
    forged = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http", "Forwarded": "for=192.0.2.1"}
    told = json.loads(proxy.ask("GET", "/environ/", **forged)[1])
    assert (told["HTTP_X_FORWARDED_FOR"], told["HTTP_X_FORWARDED_PROTO"]) == ("127.0.0.1", "https")


@pytest.mark.parametrize(
    ("path", "takes"),
    [
        ("/", 64 * 1024),
        ("/u/AAAAAAAAAAAAAAAAAAAAAA", 4 * 1024),
        ("/subscribe/", 600 * 1024),
        ("/preferences/A/", 600 * 1024),
        ("/preferences/A/library/", 5100 * 1024),
        ("/anymail/postmark/tracking/", 1024 * 1024),
    ],
)
def test_the_proxy_refuses_more_than_the_address_takes(proxy: Nginx, path: str, takes: int) -> None:
    status, text = proxy.ask("POST", path, b"a" * (takes + 1))
    assert (status, "nginx" in text) == (413, True)


def test_one_click_is_answered_by_http_too_and_everything_else_sent_to_https(proxy: Nginx) -> None:
    form = b"List-Unsubscribe=One-Click"
    assert proxy.ask_plainly("POST", "/u/AAAAAAAAAAAAAAAAAAAAAA", form)[0] == 200
    assert proxy.ask_plainly("GET", "/about/")[0] == 308


def test_forms_sent_in_a_flood_from_one_address_are_refused(proxy: Nginx) -> None:
    statuses = [proxy.ask("POST", "/subscribe/", b"email=a")[0] for _ in range(40)]
    assert 429 in statuses
    assert proxy.ask("GET", "/robots.txt")[0] == 200
