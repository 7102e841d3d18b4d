"""Each unhandled error in a process of production leaves one line with a traceback, and no address."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.log_lines import Line, errors, lines
from tests.services import ROOT, eventually, process_environment
from tests.stack import Stack
from tests.subscriptions.pages.site import PRODUCTION

MOST = 10_000_000  # characters: the whole log


@pytest.fixture
def production() -> Iterator[Stack]:
    stack = Stack(**PRODUCTION, EMAIL_URL="smtp://127.0.0.1:9")
    yield stack
    stack.remove()


@pytest.fixture
def worker(production: Stack) -> Stack:
    production.migrate()
    production.app = "tests.config.log.failing_app"
    production.start("mail")
    return production


def run_task(stack: Stack, name: str) -> list[Line]:
    """Its errors, when it and a task after it have ended."""
    send = f"from celery import current_app; current_app.send_task('tests.{name}')"
    stack.manage("shell", "-v0", "-c", send)
    return eventually(lambda: errors(stack.log("mail", MOST)), 60, lambda: stack.log("mail", MOST))


def settled(stack: Stack) -> list[Line]:
    """All errors, when another task has come to its end since."""
    before = stack.log("mail", MOST).count("succeeded")
    send = "from celery import current_app; current_app.send_task('subscriptions.tasks.process_events')"
    stack.manage("shell", "-v0", "-c", send)
    eventually(lambda: stack.log("mail", MOST).count("succeeded") > before, 60, lambda: stack.log("mail", MOST))
    return errors(stack.log("mail", MOST))


@pytest.mark.parametrize(
    ("task", "error"),
    [
        ("raises", "RuntimeError"),
        ("is_slow", "SoftTimeLimitExceeded"),
        ("hangs", "TimeLimitExceeded"),
        ("dies", "WorkerLostError"),
    ],
)
def test_a_task_that_fails_leaves_one_error(worker: Stack, task: str, error: str) -> None:
    run_task(worker, task)
    found = settled(worker)
    assert len(found) == 1, found
    [line] = found
    assert line.get("error", "") == error
    assert line["event"] == "task_failed"
    assert "ada@example.org" not in worker.log("mail", MOST)
    assert error in line["traceback"]
    if task in {"raises", "is_slow"}:  # what is told by the child itself; of a lost one its parent knows less
        assert line["task_name"] == f"tests.{task}"
        assert line["task"]


def python(code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    script = f"import django; django.setup()\n{code}"
    settings = process_environment(DJANGO_SETTINGS_MODULE="config.settings", **environment)
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=settings, capture_output=True, text=True)


def test_a_process_and_a_thread_that_end_by_an_error_leave_one_error_each(production: Stack) -> None:
    code = "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()\n{}['ada@example.org']"
    done = python(code, **production.environment)
    assert done.returncode == 1
    thread, process = lines(done.stderr)
    assert (thread["error"], process["error"]) == ("ZeroDivisionError", "KeyError")
    assert {line["event"] for line in (thread, process)} == {"process_failed"}
    assert done.stdout == ""


def test_a_command_that_fails_leaves_one_error(production: Stack) -> None:
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", "raise RuntimeError('ada@example.org')"]
    done = subprocess.run(
        command, cwd=ROOT, env=process_environment(**production.environment), capture_output=True, text=True
    )
    assert done.returncode == 1
    [line] = lines(done.stderr)
    assert line["error"] == "RuntimeError"
    assert "ada@" not in done.stderr


def test_the_query_encoder_tells_of_an_error_and_goes_on(production: Stack) -> None:
    code = """
import socket, threading
from pathlib import Path
from recommender.encoding import query_encoder
query_encoder.answer = lambda line: 1 / 0
path = Path("{path}")
server = query_encoder.Server(path)
threading.Thread(target=server.serve_forever, daemon=True).start()
for _ in range(2):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(b"{{}}\\n")
        assert client.recv(10) == b""
"""
    done = python(code.format(path=production.folder / "encoder.sock"), **production.environment)
    assert [line["error"] for line in lines(done.stderr)] == ["ZeroDivisionError"] * 2, done.stderr


def test_in_development_lines_are_for_people(production: Stack) -> None:
    done = python("1 / 0", VAR_DIR=str(production.folder))
    assert "ERROR config.hooks: This process ends by an error.\nTraceback (most recent call last):" in done.stderr
