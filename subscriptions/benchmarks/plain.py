"""What a digest costs at least, and written plainly: two processes that neither match, plan, claim nor record."""

from __future__ import annotations

import multiprocessing
import smtplib
from collections.abc import Callable
from dataclasses import asdict
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connections
from django.template.loader import render_to_string

from subscriptions.mails.emails import digest_message, edition_note, header_for
from subscriptions.mails.pick_cards import PickCard, cards
from subscriptions.mails.sections import sections
from subscriptions.mails.top_lines import summary_line
from subscriptions.models import Digest, Role
from subscriptions.people import links
from subscriptions.people.tokens import Purpose

PROCESSES = 2
SENDER, RECIPIENT = "digest@example.org", "reader@example.org"


def plain_rate(digests: list[int], port: int) -> float:
    """Return digests per second by a loop: query, two templates, one message, one open connection."""
    shares = [digests[nth::PROCESSES] for nth in range(PROCESSES)]
    return len(digests) / _side_by_side([(_loop, share, port) for share in shares])


def limit_rate(digest: int, count: int, port: int) -> float:
    """Return digests per second of ready bytes, of the size of a real one, handed over by two processes."""
    raw = message_of(digest)
    return PROCESSES * count / _side_by_side([(_hand_over, [raw] * count, port) for _ in range(PROCESSES)])


def message_of(digest: int) -> bytes:
    found = Digest.objects.select_related("subscriber").get(pk=digest)
    return digest_message(found, list(found.items.all()), found.due_at).message().as_bytes()


def _side_by_side(works: list[tuple[Callable[..., None], list[Any], int]]) -> float:
    """Return the seconds until all are done, from the moment at which all are ready."""
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
        message = written(Digest.objects.select_related("subscriber").get(pk=pk))
        message.connection = connection
        message.send()
    connection.close()


def written(digest: Digest) -> EmailMultiAlternatives:
    """Return its mail by three templates that are rendered whole."""
    context = _context(digest)
    message = EmailMultiAlternatives(
        render_to_string("emails/digest.subject.txt", context).strip(),
        render_to_string("emails/digest.txt", context),
        settings.DEFAULT_FROM_EMAIL,
        [digest.subscriber.email],
    )
    message.attach_alternative(render_to_string("emails/digest.html", context), "text/html")
    return message


def _context(digest: Digest) -> dict[str, Any]:
    """Return what the templates of a digest show, queried again for each."""
    items = list(digest.items.filter(role=Role.PICK))
    header, web = header_for(digest.subscriber, digest.due_at), links.url(Purpose.DIGEST, digest)
    drawn = {card.paper_id: card for card in cards(items)}
    parts = [
        (part.heading, [drawn[item.paper_id] for item in part.items if item.paper_id in drawn])
        for part in sections(items)
    ]
    titles = [card.title for _, shown in parts for card in shown]
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "date": digest.local_date,
        "count": len(titles),
        "sections": [
            {"heading": heading, "cards": [_as_in_mails(one, web) for one in shown]} for heading, shown in parts
        ],
        "first_title": titles[0],
        "preheader": "; ".join(titles[1:4]),
        "edition_header": header.words if header else "",
        "edition_note": edition_note(digest.local_date),
        "web_url": web,
        "preferences_url": links.linker(Purpose.DIGEST, "send_link")(digest),
        "unsubscribe_url": links.url(Purpose.UNSUBSCRIBE, digest.subscriber),
        "summary_line": summary_line(digest, items, [], len(titles)),
    }


def _as_in_mails(card: PickCard, web: str) -> dict[str, Any]:
    (known, others), shown = card.authors, card.passage
    return asdict(card) | {
        "known": known,
        "authors": others,
        "people": ", ".join(filter(None, card.authors)),
        "excerpt": str(shown._replace(answer=f"*{shown.answer}*") if shown.answer else shown.before),
        "facts": " · ".join(filter(None, (", ".join(card.categories), card.reading))),
        "web_url": web,
    }


def _hand_over(raws: list[bytes], port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for raw in raws:
            server.sendmail(SENDER, [RECIPIENT], raw)
