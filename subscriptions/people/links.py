"""Make the link of a row, and find the row of a link's token, if it still counts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeAlias

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from subscriptions.models import AddressChange, Consent, Digest, PrivateFeed, Subscriber
from subscriptions.people import tokens
from subscriptions.people.tokens import EVER, Purpose, Terms

Row: TypeAlias = Subscriber | Digest | Consent | AddressChange | PrivateFeed
ACCOUNT_FOR = timedelta(hours=1)
# The page that a link of each purpose leads to.
PAGES = {
    Purpose.CONFIRM: "confirm",
    Purpose.DIGEST: "digest",
    Purpose.UNSUBSCRIBE: "unsubscribe",
    Purpose.PREFERENCES: "preferences",
    Purpose.ACCOUNT: "account",
    Purpose.NEW_ADDRESS: "new_address",
    Purpose.MOVE_BACK: "move_back",
}
ROWS: dict[Purpose, Callable[[], QuerySet[Any]]] = {
    Purpose.CONFIRM: lambda: Consent.objects.select_related("subscriber"),
    Purpose.DIGEST: lambda: Digest.objects.select_related("subscriber"),
    Purpose.NEW_ADDRESS: lambda: AddressChange.objects.select_related("subscriber"),
    Purpose.MOVE_BACK: lambda: AddressChange.objects.select_related("subscriber"),
    Purpose.FEED: lambda: PrivateFeed.objects.select_related("subscriber"),
}  # all others stand for a subscriber
# Unsubscribing works for ever, and changes of address have a state of their own. All others die with the epoch.
OUTLIVE_AN_EPOCH = {Purpose.UNSUBSCRIBE, Purpose.NEW_ADDRESS, Purpose.MOVE_BACK, Purpose.OLD_PREFERENCES}


def subscriber_of(row: Row) -> Subscriber:
    """Return the subscriber whose row it is."""
    return row if isinstance(row, Subscriber) else row.subscriber


def token(purpose: Purpose, row: Row, until: datetime | None = None) -> str:
    """Return the token by which a link opens this row for a purpose, until then if it is to expire."""
    return tokens.make(purpose, row.handle, _terms(purpose, row, until))


def url(purpose: Purpose, row: Row, until: datetime | None = None) -> str:
    """Return the absolute link that opens this row for a purpose."""
    before, after = _path(PAGES[purpose])
    return f"{settings.SITE_URL}{before}{token(purpose, row, until)}{after}"


def linker(purpose: Purpose, page: str = "") -> Callable[[Row], str]:
    """Return a function that makes the links of many rows, to that page or the one of the purpose."""
    before, after = _path(page or PAGES[purpose])
    start, makers = settings.SITE_URL + before, {EVER: tokens.maker(purpose)}

    def link(row: Row) -> str:
        terms = _terms(purpose, row)
        if terms not in makers:
            makers[terms] = tokens.maker(purpose, terms)
        return f"{start}{makers[terms](row.handle)}{after}"

    return link


def _terms(purpose: Purpose, row: Row, until: datetime | None = None) -> Terms:
    epoch = 0 if purpose in OUTLIVE_AN_EPOCH else subscriber_of(row).link_epoch
    return Terms(epoch, int(until.timestamp()) if until else 0)


@cache
def _path(page: str) -> tuple[str, str]:
    before, _, after = reverse(page, args=["TOKEN"]).partition("TOKEN")
    return before, after


def find(purpose: Purpose, token: str, now: datetime, *, late: bool = False) -> Row | None:
    """Return the row that a token of this purpose stands for; late: also after its time, but not after a new epoch.

    A token of a digest that names no time of its own, as those in mails, ends WEB_COPY_DAYS after the digest was due.
    """
    terms, handles = tokens.terms_of(token), tokens.read(purpose, token)
    if terms.until and terms.until <= now.timestamp() and not late:
        return None
    rows = ROWS.get(purpose, Subscriber.objects.all)().filter(handle__in=handles)
    if purpose == Purpose.DIGEST and not terms.until and not late:
        rows = rows.filter(due_at__gt=now - timedelta(days=settings.WEB_COPY_DAYS))
    if purpose not in OUTLIVE_AN_EPOCH:
        epoch = "subscriber__link_epoch" if purpose in ROWS else "link_epoch"
        rows = rows.filter(**{epoch: terms.epoch})
    row: Row | None = rows.first()
    return row
