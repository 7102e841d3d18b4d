"""Messages in a folder: none lost, none doubled, none kept."""

import multiprocessing
import os
import threading
from pathlib import Path
from typing import Any

import kombu
import pytest
from django.conf import settings

from config.brokers import folder_broker
from config.celery import app
from tests.processes import PATIENCE
from tests.volume import fill, small_volume

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


NO_MESSAGES = {
    "empty": b"",
    "half": b'{"body": "W10=", "proper',
    "not text": b"\xff\xfe\x00",
    "another JSON": b"[1, 2]",
    "without properties": b'{"body": "W10="}',
    "a body that cannot be decoded": b'{"body": "a", "properties": {"body_encoding": "base64", "delivery_tag": "1"}}',
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("content", NO_MESSAGES.values(), ids=NO_MESSAGES.keys())
def test_a_damaged_message_is_put_aside_and_named_and_the_next_one_is_taken(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path, 1, 1)
    (tmp_path / "mail" / "0").write_bytes(content)
    with connect(tmp_path) as connection, connection.SimpleQueue("mail") as queue:
        message = queue.get(timeout=PATIENCE)
        message.ack()
    assert message.payload == 1
    assert [file.read_bytes() for file in files(tmp_path)] == [content]
    assert [path.parent.name for path in files(tmp_path)] == ["damaged"]
    assert len(caplog.records) == 1
    assert "mail is damaged" in caplog.text


def test_of_damaged_messages_the_last_hundred_are_kept(tmp_path: Path) -> None:
    put(tmp_path, 1, 1)
    for number in range(folder_broker.KEPT_DAMAGED + 2):
        (tmp_path / "mail" / f"00{number:03}").write_text(f"damaged {number:03}")
    with connect(tmp_path) as connection, connection.SimpleQueue("mail") as queue:
        queue.get(timeout=PATIENCE).ack()
    kept = sorted(file.read_text() for file in files(tmp_path))
    assert kept == [f"damaged {number:03}" for number in range(2, folder_broker.KEPT_DAMAGED + 2)]


def test_a_folder_and_a_link_among_the_messages_stay_where_they_are(tmp_path: Path) -> None:
    put(tmp_path, 1, 1)
    (tmp_path / "mail" / "0").mkdir()
    (tmp_path / "mail" / "00").symlink_to(tmp_path / "nowhere")
    with connect(tmp_path) as connection, connection.SimpleQueue("mail") as queue:
        assert queue.qsize() == 1
        message = queue.get(timeout=PATIENCE)
        message.ack()
        assert (message.payload, queue.clear()) == (1, 0)
    assert {path.name for path in (tmp_path / "mail").iterdir()} == {"0", "00"}


def test_a_file_that_may_only_be_read_is_taken_like_any_other(tmp_path: Path) -> None:
    put(tmp_path, 1, 1)
    [waiting] = files(tmp_path)
    waiting.chmod(0o400)
    with connect(tmp_path) as connection, connection.SimpleQueue("mail") as queue:
        message = queue.get(timeout=PATIENCE)
        message.ack()
    assert (message.payload, files(tmp_path)) == (1, [])


def test_a_full_disk_is_an_error_for_the_sender_and_leaves_no_half_message() -> None:
    with small_volume(1) as volume:
        put(volume, 1, 1)
        filler = fill(volume)
        with connect(volume) as connection, pytest.raises(OSError, match="No space left"):
            connection.SimpleQueue("mail").put("x" * 10_000)
        assert [path for path in files(volume) if path != filler and path.stat().st_size == 0] == []
        os.truncate(filler, 0)
        put(volume, 2, 1)
        with connect(volume) as connection, connection.SimpleQueue("mail") as queue:
            assert [queue.get(timeout=PATIENCE).payload for _ in range(2)] == [1, 2]
