"""Messages in a folder: none lost, none doubled, none kept."""

import multiprocessing
import threading
from pathlib import Path
from typing import Any

import kombu
import pytest
from django.conf import settings

from config.brokers import folder_broker
from config.celery import app
from tests.processes import PATIENCE

PRODUCERS, CONSUMERS, EACH = 2, 2, 750


def connect(folder: Path, polling_interval: float = 0.001) -> kombu.Connection:
    options = {"folder": str(folder), "polling_interval": polling_interval}
    return kombu.Connection("folder://", transport_options=options)


def put(folder: Path, first: int, count: int) -> None:
    with connect(folder) as connection, connection.SimpleQueue("mail") as queue:
        for number in range(first, first + count):
            queue.put(number)


def take(folder: Path, taken: Any, stop: Any) -> None:
    with connect(folder) as connection, connection.SimpleQueue("mail") as queue:
        numbers = []
        while not (stop.is_set() and queue.qsize() == 0):
            try:
                message = queue.get(timeout=0.05)
            except queue.Empty:
                continue
            numbers.append(message.payload)
            message.ack()
        taken.put(numbers)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_four_processes_lose_and_double_no_message_under_tight_polling(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    taken, stop = spawn.Queue(), spawn.Event()
    consumers = [spawn.Process(target=take, args=(tmp_path, taken, stop)) for _ in range(CONSUMERS)]
    producers = [spawn.Process(target=put, args=(tmp_path, EACH * each, EACH)) for each in range(PRODUCERS)]
    for process in consumers + producers:
        process.start()
    for process in producers:
        process.join(360)
    stop.set()
    numbers = [number for _ in consumers for number in taken.get(timeout=360)]
    for process in consumers:
        process.join(360)
    assert sorted(numbers) == list(range(PRODUCERS * EACH))
    assert files(tmp_path) == []


def test_messages_come_in_the_order_they_were_put(tmp_path: Path) -> None:
    put(tmp_path, 0, 5)
    with connect(tmp_path) as connection, connection.SimpleQueue("mail") as queue:
        assert [queue.get().payload for _ in range(5)] == [0, 1, 2, 3, 4]


def test_a_reader_sees_only_its_own_queue(tmp_path: Path) -> None:
    put(tmp_path, 0, 1)
    with connect(tmp_path) as connection, connection.SimpleQueue("embed") as queue, pytest.raises(queue.Empty):
        queue.get(timeout=0.01)


def test_a_message_that_was_not_worked_off_goes_back_when_the_worker_ends_in_order(tmp_path: Path) -> None:
    put(tmp_path, 7, 1)
    with connect(tmp_path) as connection:
        connection.SimpleQueue("mail").get()
    with connect(tmp_path) as connection, connection.SimpleQueue("mail") as queue:
        assert queue.get().payload == 7


def test_a_queue_can_be_counted_and_emptied(tmp_path: Path) -> None:
    put(tmp_path, 0, 3)
    with connect(tmp_path) as connection, connection.SimpleQueue("mail") as queue:
        assert (queue.qsize(), queue.clear(), queue.qsize()) == (3, 3, 0)


def test_a_reader_that_waits_gets_the_next_message_soon(tmp_path: Path) -> None:
    """One poll away, and the site polls twice a second."""
    with connect(tmp_path, 0.05) as connection, connection.SimpleQueue("mail") as queue:
        threading.Timer(0.1, put, (tmp_path, 1, 1)).start()
        assert queue.get(timeout=0.5 * PATIENCE).payload == 1
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["polling_interval"] <= 0.5


def test_without_redis_every_process_of_the_site_uses_the_folder() -> None:
    with app.connection_for_write() as connection:
        assert isinstance(connection.transport, folder_broker.Transport)
        assert connection.transport_options["folder"] == str(settings.VAR_DIR / "broker")


def test_a_folder_that_cannot_be_written_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "broker").write_text("a file stands where the folder should be")
    with connect(tmp_path / "broker") as connection, pytest.raises(NotADirectoryError):
        connection.SimpleQueue("mail").put(1)
