"""Nothing that anybody can send is answered with 500: on both databases, and through the real server.

FUZZ_CASES=10000 sends more than a run of all tests has time for; FUZZ_SEED repeats one.
"""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT, PostgresServer, fresh_database, migrated_database, process_environment
from tests.stack import Stack
from tests.subscriptions.pages.site import PRODUCTION

NEITHER_OURS = {501, 505}  # what a server may say of a method or a version that it does not know
HEAD = b" HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
RAW = {
    "a NUL in a path": b"GET /papers/a%00b/" + HEAD,
    "a NUL in a path, bare": b"GET /papers/a\0b/" + HEAD,
    "a NUL in a query": b"GET /search/?q=a%00b" + HEAD,
    "a NUL in a DOI": b"GET /papers/doi:10.1101/%00/" + HEAD,
    "a NUL in a static file": b"GET /static/%00.css" + HEAD,
    "bytes that are no UTF-8": b"GET /search/?q=%ff%fe&topic=%ED%A0%80" + HEAD,
    "bytes that were never encoded": b"GET /papers/\xff\xfe/?q=\xff" + HEAD,
    "half a percent sign": b"GET /%?q=%&%=%z" + HEAD,
    "a page beyond all": b"GET /?page=" + b"9" * 4400 + HEAD,
    "a NUL in a session": b"GET /admin/" + HEAD + b'Cookie: sessionid="\\000\\000\\000\\000\\000\\000\\000\\000"\r\n',
    "an encoding that is none": b"GET /search/?q=a" + HEAD + b"Content-Type: text/plain; charset=rot13\r\n",
    "an encoding with a NUL": b"GET /" + HEAD + b"Content-Type: text/plain; charset*=utf-8''%00\r\n",
    "an encoding nobody knows": b"GET /" + HEAD + b"Content-Type: text/plain; charset*=nothing''x\r\n",
    "many fields in latin-1": b"GET /?" + b"a&" * 1500 + HEAD + b"Content-Type: text/plain; charset=latin-1\r\n",
    "parts without a boundary": b"POST /nowhere/"
    + HEAD
    + b"Content-Type: multipart/form-data\r\nContent-Length: 0\r\n",
    "a NUL in a form": b"POST /subscribe/" + HEAD + FORM + b"Content-Length: 8\r\n\r\ntext=%00",
    "half a pair in a form": b"POST /u/x" + HEAD + FORM + b"Content-Length: 14\r\n\r\ntext=%ED%A0%80",
    "a length that is none": b"POST /subscribe/" + HEAD + FORM + b"Content-Length: 1e3\r\n",
    "two lengths": b"POST /subscribe/" + HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n",
    "an odd host": b"GET / HTTP/1.1\r\nHost: [::1\r\n",
    "no host": b"GET / HTTP/1.1\r\n",
    "a method that nobody knows": b"FOO /" + HEAD,
    "a trace": b"TRACE /" + HEAD,
    "an odd range": b"GET /static/paper_round.css" + HEAD + b"Range: bytes=9-1,-0,a\r\nIf-Range: x\r\n",
    "an odd date": b"GET /robots.txt" + HEAD + b"If-Modified-Since: Thu, 99 Foo 99999 99:99:99 GMT\r\n",
    "another version": b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n",
    "no request at all": b"\x16\x03\x01\0\xff",
}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_request_is_answered_with_500(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path}/fuzz.sqlite3"
    if database == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = fresh_database(server, "fuzz")
    (tmp_path / "static").mkdir()
    settings = process_environment(
        DJANGO_SETTINGS_MODULE="config.settings", DATABASE_URL=url, VAR_DIR=str(tmp_path), SIGN_UP_SECONDS="0"
    )
    chosen = {name: value for name, value in os.environ.items() if name.startswith("FUZZ_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz"], cwd=ROOT, env=settings | chosen, capture_output=True, text=True
    )
    sys.stdout.write(done.stdout)  # the seed, shown where the test fails
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    assert re.search(r"(\d{3,}) requests to \d{3,} addresses", done.stdout)


def test_the_real_server_answers_raw_nonsense_too(stack: Stack, postgres_server: PostgresServer) -> None:
    stack.environment |= PRODUCTION | {
        "DATABASE_URL": migrated_database(postgres_server, "raw"),
        "TRUSTED_PROXIES": "1",
    }
    stack.environment |= {"EMAIL_URL": "smtp://127.0.0.1:9"}
    stack.manage("collectstatic", "--no-input", "-v0")
    stack.start("web")
    answers = {what: ask(stack.port, raw) for what, raw in RAW.items()}
    assert {what: status for what, status in answers.items() if status >= 500 and status not in NEITHER_OURS} == {}
    assert answers["a NUL in a path"] == answers["a NUL in a static file"] == 404
    assert answers["a NUL in a query"] == answers["bytes that are no UTF-8"] == answers["a NUL in a form"] == 400
    assert answers["a NUL in a session"] == 302
    assert stack.is_answering()


def ask(port: int, raw: bytes) -> int:
    """The status of the answer; 0 where the server says nothing and hangs up."""
    ended = raw if b"\r\n\r\n" in raw else raw + b"\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=120) as client:
        client.sendall(ended.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
        client.shutdown(socket.SHUT_WR)
        try:
            status = re.match(rb"HTTP/1\.\d (\d{3})", client.recv(1000))
        except ConnectionResetError:
            return 0
    return int(status[1]) if status else 0
