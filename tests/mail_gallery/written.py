"""Digests of given papers, and every account mail: stored and written as those that are sent."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

from django.core.mail import EmailMultiAlternatives

from papers.ingest.saving import save
from papers.models import EditionEntry, Paper
from papers.records import PaperRecord
from subscriptions.mails import emails
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    AddressChange,
    Consent,
    Role,
    Subscriber,
    SubscriberStatus,
)
from subscriptions.people.addresses import address_hash
from tests.mail_gallery import extremes
from tests.mail_gallery.extremes.extreme import Extreme
from tests.mail_gallery.extremes.news import all_changes
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.mails import letters

IN_A_MAIL = 10  # so that no paper of a mail is shown in brief, for want of room
NEWS = 5
_numbers = count(1)


class Pick(NamedTuple):
    """A paper, and the reason that picks it."""

    paper: Paper
    reason: dict[str, Any]


def reader(**columns: Any) -> Subscriber:
    """Make somebody who reads digests."""
    email = f"reader{next(_numbers)}@example.org"
    usual = {"status": SubscriberStatus.ACTIVE, "confirmed_at": MORNING, "next_digest_at": MORNING}
    return Subscriber.objects.create(email=email, address_hash=address_hash(email), **usual | columns)


def digest(
    picks: Sequence[Pick], near_misses: Sequence[Paper] = (), news: Sequence[Pick] = (), **columns: Any
) -> EmailMultiAlternatives:
    """Write the digest of a new reader with these columns, of picks in this order, and of news of papers they kept."""
    one = letters.make_digest(reader(**{"digest_size": len(picks)} | columns), [])
    for rank, pick in enumerate(picks, 1):
        letters.add(one, pick.paper, rank, **pick.reason)
    for rank, paper in enumerate(near_misses, 1):
        letters.add(one, paper, rank, Role.NEAR_MISS)
    for rank, told in enumerate(news, 1):
        letters.add(one, told.paper, rank, Role.NEWS, **told.reason)
    writer = letters.writer_of(one)
    mail = writer.mail(one)
    assert not writer.left_out
    return mail


def digests(picks: Iterable[Pick]) -> Iterator[EmailMultiAlternatives]:
    """Write as many digests as it takes to show all of them, each with news of papers of the next."""
    left = list(picks)
    for start in range(0, len(left), IN_A_MAIL):
        end = start + IN_A_MAIL
        told = [Pick(pick.paper, {"changes": all_changes()}) for pick in left[end : end + NEWS]]
        yield digest(left[start:end], news=told)


def stored(records: Iterable[PaperRecord]) -> list[Paper]:
    """Save them as the ingest does, and return their papers in this order."""
    wanted = list(records)
    save(wanted, MORNING)
    found = {paper.identifier: paper for paper in Paper.objects.all()}
    return [found[record.identifier] for record in wanted]


def extreme_picks() -> dict[str, Pick]:
    """Store all made-up papers with their notes, and return by name how each is picked."""
    named = extremes.records(MORNING)
    papers = dict(zip(named, stored(named.values()), strict=True))
    for name, one in extremes.ALL.items():
        if one.note:
            EditionEntry.objects.filter(paper=papers[name]).update(note=one.note)
    others = [paper.pk for paper in papers.values()]
    return {name: Pick(papers[name], _reason(one, papers[name], others)) for name, one in extremes.ALL.items()}


def _reason(one: Extreme, paper: Paper, others: list[int]) -> dict[str, Any]:
    gave_way = [key for key in others if key != paper.pk][: one.folded]
    return {"sentence": answering(paper), "folded": gave_way} | one.reason


def answering(paper: Paper) -> str:
    """Return a sentence out of the middle of the abstract, as if it were the one that answers the reader."""
    sentences = re.split(r"(?<=[.?!]) ", paper.shown_abstract)
    return sentences[len(sentences) // 2]


def account_mails() -> dict[str, EmailMultiAlternatives]:
    """Write one of each kind."""
    to = reader()
    known = {"subscriber": to, "next_attempt_at": MORNING}
    known |= {"change": AddressChange(), "consent": Consent(subscriber=to)}
    kinds = enumerate(AccountMailKind, 1)
    return {
        f"account-{emails.TEMPLATES[kind]}": emails.account_mail(AccountMail(pk=pk, kind=kind, **known), MORNING)
        for pk, kind in kinds
    }
