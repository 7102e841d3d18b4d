from collections.abc import Callable

import pytest
from celery import current_app
from pytest_django import Settings

from subscriptions.delivery import queue
from subscriptions.digests import planning
from subscriptions.models import Digest, Subscriber
from tests.services import free_port
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.delivery.test_nudges import broker_at

pytestmark = pytest.mark.django_db


def queued(url: str) -> int:
    with current_app.connection_for_write(url) as connection, connection.channel() as channel:
        return queue.queued(channel)


def send(task: str) -> None:
    with current_app.connection_for_write() as connection:
        current_app.send_task(task, connection=connection)


@pytest.fixture
def broker(redis_url: str) -> str:
    """Redis as the broker of this process."""
    with broker_at(redis_url):
        yield redis_url  # type: ignore[misc]


@pytest.fixture
def due(make_subscriber: Callable[..., Subscriber]) -> int:
    for number in range(120):
        make_subscriber(f"reader{number}@example.org", follows=())
    return planning.plan(MORNING)


def test_there_is_one_message_for_each_batch_that_waits(broker: str, due: int) -> None:
    assert queue.dispatch(MORNING) == 3
    assert queued(broker) == 3


def test_what_is_told_already_is_not_told_again(broker: str, due: int) -> None:
    queue.dispatch(MORNING)
    assert queue.dispatch(MORNING) == 0
    assert queued(broker) == 3


def test_other_tasks_that_wait_hold_no_message_back(broker: str, due: int) -> None:
    for _ in range(5):  # as every minute, when planning is taken first and the rest of the minute's tasks still wait
        send("subscriptions.tasks.sweep")
    assert queue.dispatch(MORNING) == 3


def test_messages_go_where_they_are_counted(broker: str, due: int) -> None:
    send(queue.TASK)
    assert queued(broker) == 1


def test_the_queue_has_a_limit_however_many_wait(broker: str, due: int, settings: Settings) -> None:
    settings.QUEUE_LIMIT = 2
    assert [queue.dispatch(MORNING) for _ in range(3)] == [2, 0, 0]
    assert queued(broker) == 2


def test_messages_that_redis_lost_are_sent_again(broker: str, due: int, redis_server: object) -> None:
    queue.dispatch(MORNING)
    redis_server.client().flushall()  # type: ignore[attr-defined]
    assert queue.dispatch(MORNING) == 3


def test_a_broker_that_is_away_delays_and_breaks_nothing(
    broker: str, due: int, caplog: pytest.LogCaptureFixture
) -> None:
    away = f"redis://127.0.0.1:{free_port()}/0"
    current_app.conf.update(broker_url=away, broker_write_url=away)
    assert queue.dispatch(MORNING) == 0
    assert "could not be reached" in caplog.text
    assert Digest.objects.waiting(MORNING).count() == 120


def test_nothing_is_said_where_nothing_waits(broker: str) -> None:
    assert queue.dispatch(MORNING) == 0
