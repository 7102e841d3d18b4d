"""A digest with example papers in the real frame: what a reader gets, for nobody, and from no row of the database."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.mail import EmailMultiAlternatives

from subscriptions.mails.emails import Writer
from subscriptions.mails.mail_cards import COLUMNS, DATES, LISTS, CardMaker, Row
from subscriptions.models import Digest, DigestItem, Role, Subscriber

# Below nought, where no key of a paper is: a card that is kept for it is taken for no other's.
PAPERS: dict[int, Mapping[str, Any]] = {
    -1: {
        "title": "An example, not a paper: does every header of a digest arrive?",
        "abstract": "This mail was sent by an operator to try a mail provider. It has the frame, the length and the"
        " headers of a digest, and its papers are made up. Its links belong to nobody and open nothing.",
        "authors": ["Ada Example", "Grace Example"],
        "categories": ["cs.CL", "cs.LG"],
        "field": "cs",
    },
    -2: {
        "title": "Letters beyond ASCII in an example: ℓ₁ norms after Erdős, 深度学习, and “quotes”",
        "abstract": "If these letters arrive as they left, so do those of names and titles. Lines stay short, and the"
        " text part says the same as the other one.",
        "authors": ["Paul Erdős", "Zoë Beispiel"],
        "categories": ["math.ST"],
        "field": "math",
    },
    -3: {
        "title": "A third example with code beside it",
        "abstract": "It is here because a digest seldom has one paper alone.",
        "authors": ["Émilie Exemple"],
        "categories": ["stat.ML"],
        "field": "stat",
        "github_repo": "https://github.com/example/example",
    },
}
REASON = {"kind": "topic", "label": "Trying a mail provider", "closeness": 0.9, "closeness_words": "very close"}


def example(to: str, now: datetime) -> EmailMultiAlternatives:
    """Return a whole digest to an address: unsaved rows, and handles that stand for nobody."""
    reader = Subscriber(email=to, digest_size=len(PAPERS))
    digest = Digest(subscriber=reader, local_date=now.date(), considered=len(PAPERS))
    items = [
        DigestItem(digest=digest, paper_id=key, rank=rank, role=Role.PICK, reason=REASON)
        for rank, key in enumerate(PAPERS, start=1)
    ]
    return _ExampleWriter(digest, items, now).mail(digest)


class _ExampleWriter(Writer):
    def __init__(self, digest: Digest, items: list[DigestItem], now: datetime) -> None:
        super().__init__([digest], {digest.pk: items}, now)
        self._maker = _ExampleCards()


class _ExampleCards(CardMaker):
    def __init__(self) -> None:
        super().__init__(())
        self._rows = {key: _row(key, paper) for key, paper in PAPERS.items()}


def _row(key: int, paper: Mapping[str, Any]) -> Row:
    """Return a paper's columns as the database would give them."""
    empty: dict[str, Any] = {name: [] if name in LISTS else None if name in DATES else "" for name in COLUMNS}
    whole = empty | {"pk": key, "identifier": f"example:{-key}"} | dict(paper)
    whole |= {name: json.dumps(whole[name]) for name in LISTS}
    return tuple(whole[name] for name in COLUMNS)
