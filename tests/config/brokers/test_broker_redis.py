"""Redis down or silent: whoever nudges a worker learns it within a second or so."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from kombu import Connection, Queue

from config.brokers import folder_broker  # noqa: F401  registers the transports
from config.brokers.redis_broker import Transport
from tests.services import ROOT, RedisServer, process_environment

NUDGE = """
import sys, time
import django
django.setup()
from config.celery import app
from kombu.exceptions import OperationalError
for line in sys.stdin:
    start = time.monotonic()
    try:
        app.send_task("a.task")
        print("sent", time.monotonic() - start, flush=True)
    except OperationalError:
        print("refused", time.monotonic() - start, flush=True)
"""


class Nudger:
    """A process like the web server's: it keeps its connection to Redis between two messages."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", NUDGE],
            cwd=ROOT,
            env=process_environment(REDIS_URL=url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def nudge(self) -> tuple[str, float]:
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        outcome, seconds = self.process.stdout.readline().split()
        return outcome, float(seconds)

    def end(self) -> None:
        self.process.communicate()


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.process.send_signal(signal.SIGCONT)
    server.remove()


@pytest.fixture
def nudger(redis: RedisServer) -> Iterator[Nudger]:
    nudger = Nudger(redis.url)
    yield nudger
    nudger.end()


def test_a_nudge_to_a_redis_that_is_down_fails_at_once(redis: RedisServer, nudger: Nudger) -> None:
    assert nudger.nudge()[0] == "sent"
    redis.kill()
    outcome, seconds = nudger.nudge()
    assert (outcome, seconds < 5) == ("refused", True)


def test_a_nudge_to_a_redis_that_hangs_fails_after_a_second(redis: RedisServer, nudger: Nudger) -> None:
    assert nudger.nudge()[0] == "sent"
    redis.process.send_signal(signal.SIGSTOP)
    outcome, seconds = nudger.nudge()
    assert (outcome, seconds < 20) == ("refused", True)


def test_a_redis_that_was_started_again_gets_the_next_nudge(redis: RedisServer, nudger: Nudger) -> None:
    assert nudger.nudge()[0] == "sent"
    redis.kill()
    redis.start()
    assert nudger.nudge()[0] == "sent"


def test_a_server_that_takes_the_connection_and_says_nothing_costs_a_second_or_two() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nudger = Nudger(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        start = time.monotonic()
        outcome, seconds = nudger.nudge()
        nudger.end()
    assert (outcome, seconds < 20) == ("refused", True), time.monotonic() - start


def test_a_connection_that_was_given_up_can_be_closed_with_messages_that_nobody_acknowledged(
    redis: RedisServer,
) -> None:
    """As Celery does it when Redis goes away; any other error than one of the connection would end the worker."""
    lost = Connection(redis.url)
    channel = lost.channel()
    Queue("hints")(channel).declare()
    lost.Producer(channel).publish({}, routing_key="hints")
    assert channel.basic_get("hints")
    errors = lost.connection_errors
    lost.transport.client = None
    with pytest.raises(errors):
        channel.close()


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_redis_is_spoken_to_through_our_transport(scheme: str) -> None:
    assert Connection(f"{scheme}://127.0.0.1:1/0").get_transport_cls() is Transport
