"""What the mail provider in use can promise, and what only its own pages can set; all from its row of the table."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import get_connection

from subscriptions.doctor.findings import Finding, error, fine, warning
from subscriptions.models import DeliveryEvent, DeliveryStatus, Digest
from subscriptions.providers import table
from subscriptions.providers.promises import in_words
from subscriptions.providers.row import Provider
from subscriptions.transport import backends

# Of so many digests a provider that is set up reports on one at least, within hours.
ENOUGH, SOON, RECENT = 20, timedelta(hours=6), timedelta(days=7)


def check(now: datetime) -> Iterator[Finding]:
    row = table.in_use()
    if row is None:
        return
    yield from _of_settings(row)
    yield _of_tracking(row)
    yield from _of_reports(row, now)
    yield _of_second_copies(row)
    yield from _of_choice(row)
    yield from _of_tests(row)
    if row.name == "postmark":
        yield from _of_streams()


def _of_settings(row: Provider) -> Iterator[Finding]:
    """Make the connection, which asks nobody: libraries complain of what they lack when one is made."""
    try:
        connection = get_connection(backends.backend())
        connection.open()
    except Exception as problem:  # of any library below
        yield error(
            "settings",
            f"No mail can go through {row.title}: {problem}",
            why="Each mail fails in the same way.",
            remedy="Complete ANYMAIL; Amazon SES also takes a region and keys from the environment"
            " (AWS_DEFAULT_REGION and its like).",
        )
    else:
        connection.close()


def _of_tracking(row: Provider) -> Finding:
    if not row.tracking:
        return fine("tracking", "Each message asks the provider for none.")
    return warning(
        "tracking",
        f"{row.title} cannot be told by a message to leave opens and links alone.",
        why="A hidden picture and rewritten links would track readers, which we promise not to do.",
        remedy=f"At the provider, {row.tracking}; then look at a mail that you got.",
    )


def _of_reports(row: Provider, now: datetime) -> Iterator[Finding]:
    if not row.view:
        yield warning(
            "reports",
            f"{row.title} has no reports that can be heard here.",
            why="Addresses that bounce and readers who complain are mailed on, which costs the sender's good name, and"
            " a digest that is uncertain stays so.",
            remedy="Look at bounces and complaints on its pages, and suppress these readers in the admin; or choose a"
            " provider that reports (docs/delivery.md).",
        )
        return
    many = _sent_lately(now) == ENOUGH
    heard = DeliveryEvent.objects.filter(received_at__gte=now - RECENT)
    if many and not heard.exists():
        yield _of_silence(row)
    elif many and row.ties_need and not heard.filter(digest__isnull=False).exists():
        yield warning(
            "reports",
            f"Reports of {row.title} come, and none says which mail it is about.",
            why="A digest that is uncertain stays so, whatever became of it.",
            remedy=f"At the provider, {row.ties_need}.",
        )
    else:
        yield fine("reports", f"They are taken at {_webhook()} and name their mail by {' or '.join(row.ties)}.")


def _of_silence(row: Provider) -> Finding:
    return error(
        "reports",
        f"{row.title} took {ENOUGH} digests and more within a week and reported on none.",
        why="Addresses that bounce and readers who complain are mailed on, which costs the sender's good name.",
        remedy=f"Have it report to {_webhook()}, with bounces, complaints, deliveries and unsubscribing, and see in the"
        " log whether its reports are refused.",
    )


def _sent_lately(now: datetime) -> int:
    """Return how many digests left within a week, long enough ago to be reported on; ENOUGH of them for more."""
    lately = (now - RECENT, now - SOON)
    return Digest.objects.filter(status=DeliveryStatus.SENT, finished_at__range=lately)[:ENOUGH].count()


def _webhook() -> str:
    return f"{settings.SITE_URL}/anymail/{table.name_of(settings.EMAIL_BACKEND)}/tracking/"


def _of_second_copies(row: Provider) -> Finding:
    if row.key is None:
        return fine("second copies", f"{row.title} knows none, so what is unclear is not sent again.")
    return fine("second copies", f"{row.title} drops them for {in_words(row.key.life)}, so what is unclear goes again.")


def _of_choice(row: Provider) -> Iterator[Finding]:
    name = table.name_of(settings.EMAIL_BACKEND)
    if row.avoid:
        yield warning(
            "choice",
            f"{row.title} is better avoided: {row.avoid}.",
            why="What is misread fails, is sent twice, or suppresses readers.",
            remedy="Choose another provider (docs/delivery.md).",
        )
    if name != row.name:
        yield warning(
            "choice",
            f"{name} is a former name of {row.title}.",
            why="Anymail will drop it, and our own care for this provider goes by the name of today.",
            remedy=f"Set EMAIL_BACKEND={table.path_of(row.name)}, name its settings {row.name.upper()}_…, and have it"
            f" report to /anymail/{row.name}/tracking/.",
        )
    if row.remark:
        yield warning(
            "choice",
            f"{row.title} {row.remark}.",
            why="Gmail and Yahoo ask for them in mail to many.",
            remedy="See with manage.py provider check --to your own address that they arrive.",
        )


def _of_tests(row: Provider) -> Iterator[Finding]:
    prefix = table.name_of(settings.EMAIL_BACKEND).upper()
    trial = row.trial.without_account if row.trial else {}
    names = [f"{prefix}_{name}" for name in row.is_test if settings.ANYMAIL.get(f"{prefix}_{name}")]
    names += [f"{prefix}_{name}" for name, value in trial.items() if settings.ANYMAIL.get(f"{prefix}_{name}") == value]
    if row.trial and row.trial.extra and _holds(settings.DIGEST_ESP_EXTRA, row.trial.extra):
        names.append("DIGEST_ESP_EXTRA")
    for name in names:
        yield error(
            "sandbox",
            f"{name} sends all mail into a sandbox of {row.title}.",
            why="It is recorded as sent, and no reader gets it.",
            remedy=f"Set {name} to the account's own, or take it out.",
        )


def _holds(extra: Any, part: Any) -> bool:
    """Tell whether an extra says all that a part of it would say."""
    if not isinstance(part, Mapping):
        return bool(extra == part)
    return isinstance(extra, Mapping) and all(_holds(extra.get(name), value) for name, value in part.items())


def _of_streams() -> Iterator[Finding]:
    if settings.DIGEST_ESP_EXTRA.get("MessageStream") in {None, "outbound"}:
        yield warning(
            "streams",
            "Digests go out on Postmark's stream for transactional mail.",
            why="Postmark asks for a broadcast stream, and complaints about digests would hurt the confirm mails.",
            remedy='Make a broadcast stream and set DIGEST_ESP_EXTRA={"MessageStream": "broadcast"}.',
        )
