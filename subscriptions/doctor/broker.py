"""The broker, which carries Celery's messages. They are only hints: without it mail is late, never lost."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import redis
from django.conf import settings

from subscriptions.doctor.findings import Finding, error, fine, warning

PATIENCE = 3.0  # seconds
KEEPS_EVERYTHING = "noeviction"
MOVING, DAMAGED = "being-moved", "damaged"  # folders of the broker that are no queues


def check(now: datetime) -> Iterator[Finding]:
    if settings.REDIS_URL:
        yield from _of_redis()
    else:
        yield from _of_folder(Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["folder"]))


def _of_redis() -> Iterator[Finding]:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        ) as client:
            memory: Any = client.info("memory")
    except (redis.RedisError, OSError) as problem:
        yield error(
            "Redis",
            f"It cannot be reached: {problem}",
            why="The workers hear of nothing, so that every mail waits.",
            remedy="Start Redis, or correct REDIS_URL. What waited goes out by itself then.",
        )
        return
    yield from _of_policy(memory["maxmemory_policy"])


def _of_policy(policy: str) -> Iterator[Finding]:
    if policy == KEEPS_EVERYTHING:
        yield fine("Redis", "It answers, and keeps every message.")
        return
    yield error(
        "Redis",
        f"Its maxmemory-policy is {policy}.",
        why="When its memory is full it throws messages and queues away without a word.",
        remedy="Set maxmemory-policy noeviction in redis.conf, or use a Redis of its own for Paper Round.",
    )


def _of_folder(folder: Path) -> Iterator[Finding]:
    yield from _of_damaged(folder / DAMAGED)
    entries = [entry for entry in folder.glob("*/*") if entry.parent.name not in (MOVING, DAMAGED)]
    waiting = [entry for entry in entries if entry.is_file() and not entry.is_symlink()]
    if foreign := sorted(set(entries).difference(waiting)):
        yield _foreign(foreign)
    if len(waiting) < settings.QUEUE_LIMIT:
        yield fine("broker", f"{len(waiting)} messages wait in {folder}.")
        return
    yield warning(
        "broker",
        f"{len(waiting)} messages wait in {folder}.",
        why="Nobody takes them, or there are more than one folder serves well.",
        remedy="See whether the workers run; for many readers use Redis (REDIS_URL).",
    )


def _of_damaged(folder: Path) -> Iterator[Finding]:
    if damaged := len(list(folder.glob("*"))):
        yield warning(
            "damaged messages",
            f"{damaged} were put aside in {folder}.",
            why="The disk was full, the machine lost power, or somebody else wrote there. No mail is lost by it.",
            remedy="Look for the cause in the log of that hour, then delete the files.",
        )


def _foreign(entries: list[Path]) -> Finding:
    return warning(
        "queues",
        f"{', '.join(map(str, entries[:3]))}: not a message but a folder or a link ({len(entries)} in all).",
        why="The workers pass it over every time they look.",
        remedy="Move it to another place.",
    )
