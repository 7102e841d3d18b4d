"""What a digest costs at least, and written plainly: two processes that neither match, plan, claim nor record."""

from __future__ import annotations

import multiprocessing
import smtplib
from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connections
from django.template.loader import render_to_string

from subscriptions.emails import digest_context, digest_message
from subscriptions.models import Digest

PROCESSES = 2
SENDER, RECIPIENT = "digest@example.org", "reader@example.org"


def plain_rate(digests: list[int], port: int) -> float:
    """Digests per second by a loop: query, two templates, one message, one open connection."""
    shares = [digests[nth::PROCESSES] for nth in range(PROCESSES)]
    return len(digests) / _side_by_side([(_loop, share, port) for share in shares])


def limit_rate(digest: int, count: int, port: int) -> float:
    """Digests per second of bytes that are ready, of the size of a real one, handed over by two processes."""
    raw = message_of(digest)
    return PROCESSES * count / _side_by_side([(_hand_over, [raw] * count, port) for _ in range(PROCESSES)])


def message_of(digest: int) -> bytes:
    found = Digest.objects.select_related("subscriber").get(pk=digest)
    return digest_message(found, list(found.items.all()), found.due_at).message().as_bytes()


def _side_by_side(works: list[tuple[Callable[..., None], list[Any], int]]) -> float:
    """Seconds until all are done, from the moment at which all are ready."""
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    start = fork.Barrier(len(works) + 1)
    processes = [fork.Process(target=_when_all_are_ready, args=(start, *work)) for work in works]
    for process in processes:
        process.start()
    start.wait()
    began = perf_counter()
    for process in processes:
        process.join()
    return perf_counter() - began


def _when_all_are_ready(start: object, work: Callable[..., None], of: list[Any], port: int) -> None:
    start.wait()  # type: ignore[attr-defined]
    work(of, port)


def _loop(digests: list[int], port: int) -> None:
    connection = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port)
    connection.open()
    for pk in digests:
        digest = Digest.objects.select_related("subscriber").get(pk=pk)
        context = digest_context(digest, list(digest.items.all()), digest.due_at)
        context |= {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
        message = EmailMultiAlternatives(
            render_to_string("emails/digest.subject.txt", context).strip(),
            render_to_string("emails/digest.txt", context),
            settings.DEFAULT_FROM_EMAIL,
            [digest.subscriber.email],
            connection=connection,
        )
        message.attach_alternative(render_to_string("emails/digest.html", context), "text/html")
        message.send()
    connection.close()


def _hand_over(raws: list[bytes], port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for raw in raws:
            server.sendmail(SENDER, [RECIPIENT], raw)
