"""The rules of time zones: which are in use here, how old they are, and whether all machines go by the same."""

from collections.abc import Iterator
from datetime import datetime

from papers import zone_rules
from subscriptions.digests import zone_changes
from subscriptions.doctor.findings import Finding, error, fine, warning
from subscriptions.models import Subscriber, SubscriberStatus
from subscriptions.models.people import zone_names

UPDATE = "Install the newest tzdata, of the system or by pip, on every machine, and restart all processes."


def check(now: datetime) -> Iterator[Finding]:
    yield from of_age(now)
    yield from of_machines(now)
    yield from of_readers()


def of_age(now: datetime) -> Iterator[Finding]:
    rules = zone_rules.in_use()
    year = rules.version[:4]
    if not rules.is_old(now.date()):
        yield fine("time zones", f"This process goes by {rules}, a release of {year}.")
        return
    what = f"This process goes by {rules}, a release of {year}; each year has had several since."
    yield warning(
        "time zones", what, why="Where the law was changed readers get their mail an hour off.", remedy=UPDATE
    )


def of_machines(now: datetime) -> Iterator[Finding]:
    rules, others = zone_rules.in_use(), zone_changes.noted(now)
    different = [host for host in others if host.version != rules.version]
    if not different:
        yield fine("time zones of machines", f"All that was said in the last week is {rules.version}.")
        return
    notes = "; ".join(f"{host}, said on {host.noted_at:%d %B}" for host in different)
    yield error(
        "time zones of machines",
        f"Here it is {rules.version}, but: {notes}.",
        why="The hour of a mail depends on the machine that planned it.",
        remedy=f"{UPDATE} What a machine that is gone said is forgotten after a week.",
    )


def of_readers() -> Iterator[Finding]:
    active = Subscriber.objects.filter(status=SubscriberStatus.ACTIVE)
    unknown = set(active.order_by().values_list("timezone", flat=True).distinct()) - zone_names()
    if unknown:
        yield warning(
            "zones of readers",
            f"No rules are known for {', '.join(sorted(unknown)[:5])}.",
            why="These readers get their mail by UTC; their preferences say so.",
            remedy=f"Set another zone for them in the admin. {UPDATE}",
        )
