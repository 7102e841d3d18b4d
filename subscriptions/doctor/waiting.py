"""Mails and files that wait: for a person who decides, or for a worker that does not come."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from subscriptions.doctor.findings import Finding, error, fine, warning
from subscriptions.models import AccountMail, DeliveryEvent, DeliveryStatus, Digest, EventStatus, LibraryUpload

RECENT = timedelta(days=7)
FORGOTTEN = timedelta(minutes=30)


def check(now: datetime) -> Iterator[Finding]:
    yield from _of_uncertain()
    yield from _of_failed(now)
    yield from of_forgotten(now)
    yield from _of_unread(now)
    yield from _of_reports(now)


def _of_uncertain() -> Iterator[Finding]:
    digests = Digest.objects.filter(status=DeliveryStatus.UNCERTAIN).count()
    mails = AccountMail.objects.filter(status=DeliveryStatus.UNCERTAIN).count()
    if not digests + mails:
        yield fine("uncertain mails", "There is none.")
        return
    yield warning(
        "uncertain mails",
        f"Of {digests} digests and {mails} account mails nobody knows whether they left.",
        why="The provider's answer was lost. They are not sent again, so that nobody gets a mail twice.",
        remedy="Look them up at the provider. Its webhook settles those that were delivered; see Digests in the admin.",
    )


def _of_failed(now: datetime) -> Iterator[Finding]:
    recent = {"status": DeliveryStatus.FAILED, "finished_at__gt": now - RECENT}
    digests, mails = Digest.objects.filter(**recent), AccountMail.objects.filter(**recent)
    count = digests.count() + mails.count()
    if not count:
        yield fine("failed mails", "There is none of the last seven days.")
        return
    last = digests.order_by("-finished_at").first() or mails.order_by("-finished_at").first()
    yield warning(
        "failed mails",
        f"{count} in the last seven days; the last one: {last.reason if last else ''}",
        why="These people did not get their mail.",
        remedy="See Digests and Account mails in the admin, where each tells its reason.",
    )


def of_forgotten(now: datetime) -> Iterator[Finding]:
    since = now - FORGOTTEN
    count = Digest.objects.waiting(since).count() + AccountMail.objects.waiting(since).count()
    if not count:
        yield fine("waiting mails", "None waits for longer than half an hour.")
        return
    yield error(
        "waiting mails",
        f"{count} should have left more than half an hour ago.",
        why="No worker takes them, or sending is stopped; digests that get too late are skipped.",
        remedy="Start a worker of the queues mail and digests, unless another finding says why nothing leaves.",
    )


def _of_unread(now: datetime) -> Iterator[Finding]:
    count = LibraryUpload.objects.open().filter(uploaded_at__lt=now - FORGOTTEN).count()
    if not count:
        yield fine("uploaded libraries", "None waits for longer than half an hour.")
        return
    yield error(
        "uploaded libraries",
        f"{count} came more than half an hour ago and are not read.",
        why="No worker reads them; their readers look at a page that says it takes a minute.",
        remedy="Start a worker of the queue libraries, as the process sources of the Procfile does.",
    )


def _of_reports(now: datetime) -> Iterator[Finding]:
    recent = DeliveryEvent.objects.filter(status=EventStatus.FAILED, received_at__gt=now - RECENT)
    count, last = recent.count(), recent.order_by("-received_at").first()
    if last is None:
        yield fine("reports", "Each of the last seven days could be read, and acted upon.")
        return
    yield warning(
        "reports",
        f"{count} of the last seven days could not be read, or have a word that is not known; the last one, of"
        f" {last.provider}: {last.error}",
        why="Nothing followed from them: a reader who bounces or complained may still be mailed.",
        remedy="See Delivery events in the admin with the status given up. A newer release may know the word; where the"
        " error names an inbound webhook, give the provider another address for incoming mail, or none.",
    )
