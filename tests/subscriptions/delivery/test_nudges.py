"""How often the workers are told: at once, and after that once a second however many forms come in."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from celery import current_app
from redis import Redis

from subscriptions.enqueue import PACE, LastMessages, enqueue
from tests.services import RedisServer, eventually

TASK = "send_account_mails"


@contextmanager
def broker_at(url: str) -> Iterator[None]:
    """The broker of this process, which goes back to the one before."""
    before = current_app.conf.broker_url, current_app.conf.broker_transport_options
    use(url, {})
    yield
    use(*before)


def use(url: str, options: dict[str, object]) -> None:
    """From now on: celery keeps its connections to the broker before."""
    current_app.conf.update(broker_url=url, broker_write_url=url, broker_transport_options=options)
    current_app._after_fork()


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """The broker of this process, which is not started yet."""
    server = RedisServer()
    with broker_at(server.url):
        yield server
    server.remove()


@pytest.fixture
def broker(server: RedisServer) -> Iterator[Redis]:
    server.start()
    with server.client() as client:
        yield client


def told(broker: Redis) -> list[str]:
    """The tasks that the messages in the queue name, the oldest first."""
    return [json.loads(message)["headers"]["task"] for message in broker.lrange("mail", 0, -1)[::-1]]


def test_a_flood_is_two_messages_and_the_second_leaves_after_its_last_form(
    broker: Redis, transactional_db: None
) -> None:
    for _ in range(50):
        enqueue(TASK)
    assert len(told(broker)) == 1
    eventually(lambda: len(told(broker)) > 1, 10, lambda: "nothing more is sent")
    enqueue(TASK)
    eventually(lambda: len(told(broker)) > 2, 10, lambda: "the next flood is not told")
    assert told(broker) == [f"subscriptions.tasks.{TASK}"] * 3


def test_each_task_is_told_for_itself(broker: Redis, transactional_db: None) -> None:
    enqueue(TASK)
    enqueue("process_events")
    assert told(broker) == [f"subscriptions.tasks.{task}" for task in (TASK, "process_events")]


def test_who_could_not_be_told_is_told_again(server: RedisServer, transactional_db: None) -> None:
    enqueue(TASK)
    server.start()
    enqueue(TASK)
    with server.client() as client:
        assert len(told(client)) == 1


def test_no_form_is_left_without_a_message_that_leaves_after_it() -> None:
    last_messages, leaves = LastMessages(), []
    for step in range(500):
        at = step * 0.037
        delay = last_messages.delay(TASK, at)
        leaves += [] if delay is None else [at + delay]
        assert leaves[-1] >= at
    assert len(leaves) > 15
    assert all(later - earlier >= PACE * 0.999 for earlier, later in pairwise(leaves))


def test_after_a_rest_the_next_message_goes_at_once() -> None:
    last_messages = LastMessages()
    assert last_messages.delay(TASK, 10.0) == 0
    assert last_messages.delay(TASK, 10.0 + PACE) == 0
