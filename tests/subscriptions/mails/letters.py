"""A batch of composed digests to write, and what a mail looks like on the wire."""

import re
from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from django.template.loader import render_to_string

from papers.models import Paper
from subscriptions.mails import emails
from subscriptions.mails.templates import ascii_html, in_both_parts
from subscriptions.mails.typesetting import one_line
from subscriptions.models import Digest, DigestItem, Role, Subscriber
from subscriptions.people.links import url
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING, TODAY

URL = re.compile(r"https?://[^\s\"'<>]+")
REASON = {"kind": "topic", "label": "Graphs", "closeness": 0.74, "closeness_words": "close", "trend": 0.97}
NASTY = [
    "<script>alert(1)</script>",
    "a<b and b>c & d &amp; &lt;e&gt;",
    "{{ 7|add:7 }} {% now 'Y' %} {{7*7}} %s {0} {title}",
    "\u202eright to left\u202c שלום עולם",
    "emoji 🦉👩‍💻 and \"quotes\" 'both' “these”",
    "</td></tr></table><!-- --> <![CDATA[ ]]>",
    "nul\x00 bell\x07 feed\x0c line\nbreak\r\nand\ttab\x85next\xa0space",
    "half \ud83d of a pair \ufffe",
    "=?utf-8?q?pretended?= \\0 =3D =\r\n.\r\n",
    "x" * 10_000,
    "long " * 2_000,
    "ℓ₁ after Erdős — 深度学习 " * 9,
]


def make_digest(subscriber: Subscriber, papers: Sequence[Paper], /, **reason: Any) -> Digest:
    """Stored and composed, with these papers as its picks."""
    digest = Digest.objects.create(
        subscriber=subscriber,
        local_date=TODAY,
        due_at=MORNING,
        next_attempt_at=MORNING,
        composed_at=MORNING,
        considered=812,
    )
    for rank, paper in enumerate(papers, 1):
        add(digest, paper, rank, **reason)
    return digest


def add(digest: Digest, paper: Paper, rank: int, role: Role = Role.PICK, **reason: Any) -> None:
    DigestItem.objects.create(
        digest=digest,
        subscriber=digest.subscriber,
        paper=paper,
        role=role,
        rank=rank,
        score=0.5,
        relevance=0.5,
        reason=REASON | reason,
    )


def writer_of(*digests: Digest, now: datetime = MORNING) -> emails.Writer:
    return emails.Writer(digests, {digest.pk: list(digest.items.all()) for digest in digests}, now)


def as_a_whole(writer: emails.Writer, digest: Digest) -> tuple[str, str, str]:
    """Subject, text and HTML by rendering the three templates at once, as anybody would who has time."""
    web = url(Purpose.DIGEST, digest)
    parts = writer.sections(digest, in_both_parts(web))
    words = writer.words(digest, parts) | {"web_url": web, "sections": [part.words for part in parts]}
    subject, text, html = [render_to_string(f"emails/digest.{one}", words) for one in ("subject.txt", "txt", "html")]
    return one_line(subject), text.strip() + "\n", ascii_html(html)


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)  # type: ignore[return-value]


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def pages(text: str) -> set[str]:
    """The pages that a part leads to, wherever on them."""
    return {link.partition("#")[0] for link in links(text)}


def links(text: str) -> set[str]:
    return {url.rstrip(".,)") for url in URL.findall(text.replace("&amp;", "&"))}
