"""What looks after workers and beat sees whether they work, and not only whether they exist."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from recommender.encoding import query_encoder
from subscriptions.doctor.machines import life
from subscriptions.operations import life_signs
from tests.services import ROOT, RedisServer, eventually, free_port
from tests.stack import Stack


def what_is_wrong(role: str, **environment: str) -> str:
    """What deploy/alive says; nothing where the role lives."""
    done = subprocess.run(
        [ROOT / "deploy" / "alive", role], env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == bool(done.stderr), done
    return done.stderr


@pytest.fixture
def site(redis_server: RedisServer) -> Iterator[Stack]:
    stack = Stack(REDIS_URL=redis_server.url)
    stack.app = "tests.config.house.hanging_app"
    stack.migrate()
    yield stack
    stack.kill()
    stack.remove()


def wrong(site: Stack, role: str) -> str:
    return what_is_wrong(role, VAR_DIR=str(site.folder))


def becomes_wrong(site: Stack, role: str, words: str) -> None:
    eventually(lambda: words in wrong(site, role), 10, lambda: site.log(role))


def lives(site: Stack, role: str) -> None:
    eventually(lambda: not wrong(site, role), 20, lambda: wrong(site, role) + site.log(role))


def test_worker_and_beat_that_stand_still_are_noticed_until_they_go_on(site: Stack) -> None:
    site.start("mail", "beat")
    for role in ("mail", "beat"):
        lives(site, role)
        site.processes[role].send_signal(signal.SIGSTOP)
        becomes_wrong(site, role, "is stopped by a signal")
        site.processes[role].send_signal(signal.SIGCONT)
        lives(site, role)
        site.processes[role].kill()
        becomes_wrong(site, role, "has ended")


def test_a_worker_whose_main_loop_hangs_is_noticed(site: Stack) -> None:
    site.start("mail")
    lives(site, "mail")
    (site.folder / "hang").touch()
    becomes_wrong(site, "mail", "it hangs, or cannot reach the broker")
    (site.folder / "hang").unlink()
    lives(site, "mail")


def test_a_worker_without_its_broker_is_noticed_until_that_is_back(site: Stack, redis_server: RedisServer) -> None:
    site.start("mail")
    lives(site, "mail")
    redis_server.kill()
    becomes_wrong(site, "mail", "cannot reach the broker")
    redis_server.start()
    lives(site, "mail")


def test_a_worker_that_does_its_tasks_itself_is_not_taken_for_dead_while_it_is_at_one(site: Stack) -> None:
    site.start("embed")
    lives(site, "embed")
    (site.folder / "busy").touch()
    send = "from celery import current_app; current_app.send_task('tests.takes_long', queue='embed')"
    site.manage("shell", "-v0", "-c", send)
    file = site.folder / "alive" / f"embed@{socket.gethostname()}"
    eventually(lambda: file.stat().st_mtime > file.stat().st_atime + 3000, 20, lambda: site.log("embed"))
    assert not wrong(site, "embed")


def test_a_worker_that_was_told_to_end_takes_its_sign_away(site: Stack) -> None:
    site.start("embed")
    lives(site, "embed")
    site.stop("embed")
    assert "has left no sign" in wrong(site, "embed")


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    return tmp_path


def test_the_doctor_names_a_process_that_left_its_sign_and_is_gone(folder: Path) -> None:
    from django.utils.timezone import now

    name = f"mail@{socket.gethostname()}"
    assert not list(life.check(now()))
    life_signs.begin(name, 60)
    assert [finding.level for finding in life.check(now())] == ["ok"]
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (folder / "alive" / name).write_text(str(ended.pid))
    [finding] = life.check(now())
    assert finding.level == "error"
    assert "has ended" in finding.what


def test_what_nobody_removed_is_forgotten_after_a_day(folder: Path) -> None:
    life_signs.begin("mail@gone", -life_signs.FORGOTTEN - 1)
    life_signs.begin("mail@new", 60)
    assert [file.name for file in (folder / "alive").iterdir()] == ["mail@new"]


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/livez" else 404)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


def test_a_web_server_lives_that_answers_at_livez() -> None:
    port = free_port()
    assert "does not answer" in what_is_wrong("web", PORT=str(port), BIND_ADDRESS="0.0.0.0")
    with HTTPServer(("127.0.0.1", port), Answers) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert not what_is_wrong("web", PORT=str(port), BIND_ADDRESS="0.0.0.0")


def test_a_query_encoder_lives_that_answers_at_its_socket(folder: Path) -> None:
    assert "does not answer" in what_is_wrong("encoder")
    with query_encoder.Server(folder / "encoder.sock") as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert not what_is_wrong("encoder")
        thread.join()


def test_no_role_is_no_answer() -> None:
    assert subprocess.run([ROOT / "deploy" / "alive"], capture_output=True, check=False).returncode == 1
