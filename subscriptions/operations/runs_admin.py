"""Runs in the admin: a list of days, and each day as a balance with what can be done about what did not arrive."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from papers.admin_rights import GuardedAdmin, ReadOnly, needs, page
from papers.shared_clock import now
from subscriptions.digests import balance
from subscriptions.digests.balance import Balance, Said
from subscriptions.limits import blockers
from subscriptions.models import DeliveryStatus, Digest, Run, SkipReason

DAYS_SHOWN = 31
GROUPS_SHOWN = 25
SEES_CONTROL = ("subscriptions.view_control", "subscriptions.view_subscriber")
SEES_DIGESTS = ("subscriptions.view_digest", "subscriptions.view_subscriber")
# For operators; a reader is told the same in other words.
SKIPPED: dict[str, str] = {
    SkipReason.EMPTY: "no paper came close enough",
    SkipReason.NO_PAPERS: "no new papers had arrived",
    SkipReason.LATE: "too late in the day",
    SkipReason.PAUSED: "paused meanwhile",
    SkipReason.UNSUBSCRIBED: "unsubscribed meanwhile",
    SkipReason.SUPPRESSED: "address suppressed meanwhile",
}


@dataclass(slots=True)
class Day:
    """A day of UTC in the list; of runs that are not closed the digests are counted now."""

    date: date
    balance: Balance
    is_open: bool
    is_known: bool  # False where a run was closed by a release that kept no numbers
    note: str  # what does not agree
    failed: int
    uncertain: int


class RunAdmin(ReadOnly, GuardedAdmin):
    """A list of days in place of one of hours; reasons are shown without addresses, so no person is named here."""

    list_display = ["hour", "eligible", "erased", "closed_at", "note"]

    @needs("view")
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = self._context(request, "Runs") | {"days": list(_days(now())), "shown": DAYS_SHOWN}
        return TemplateResponse(request, "admin/subscriptions/run/change_list.html", context)

    @page("day/<str:day>/", "run-day", permissions=["view"])
    def day(self, request: HttpRequest, day: str) -> HttpResponse:
        """Show a day as a balance."""
        chosen, moment = date_in_address(day), now()
        found = balance.of_day(chosen, moment)
        runs = list(balance.runs_of_day(chosen).order_by("hour"))
        context = self._context(request, f"Mail of {chosen:%A} {chosen.day} {chosen:%B %Y}") | {
            "day": chosen,
            "before": chosen - timedelta(days=1),
            "next": chosen + timedelta(days=1),
            "after": chosen + timedelta(days=1) if chosen < moment.date() else None,
            "found": found,
            "skipped": sorted(
                ((SKIPPED.get(key, key), n) for key, n in found.skipped.items()), key=lambda one: -one[1]
            ),
            "failed": _of(found, DeliveryStatus.FAILED),
            "uncertain": _of(found, DeliveryStatus.UNCERTAIN),
            "waiting": _of(found, DeliveryStatus.PLANNED),
            "anew": _may_begin_anew(chosen, moment),
            "runs": runs,
            "now": moment,
            "blockers": blockers.present(),
            "may_resend": request.user.has_perms([*SEES_DIGESTS, "subscriptions.resend_digest"]),
            "may_give_up": request.user.has_perms([*SEES_DIGESTS, "subscriptions.give_up_digest"]),
            "may_see_digests": request.user.has_perms(SEES_DIGESTS),
            "may_see_control": request.user.has_perms(SEES_CONTROL),
        }
        return TemplateResponse(request, "admin/subscriptions/run/day.html", context)

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return self.admin_site.each_context(request) | {"opts": self.opts, "title": title, "media": self.media}


def date_in_address(written: str) -> date:
    """Return the date that an address names; raise Http404 for any other text."""
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise Http404(f"{written} is no date.") from error


def _of(found: Balance, status: DeliveryStatus) -> list[Said]:
    return [one for one in found.said if one.status == status][:GROUPS_SHOWN]


def _may_begin_anew(day: date, moment: datetime) -> dict[str, int]:
    """Return how many failed digests of a day may be begun anew, by what was said of them."""
    failed = Digest.objects.never_left(moment).filter(run__in=balance.runs_of_day(day).order_by().values("pk"))
    return dict(failed.order_by().values_list("reason").annotate(count=Count("pk")))


def _days(moment: datetime) -> Iterator[Day]:
    """Yield the last days on which something was planned, the newest first, with a constant number of queries."""
    since = moment - timedelta(days=DAYS_SHOWN)
    runs_of: dict[date, list[Run]] = {}
    for run in Run.objects.filter(hour__gte=since).order_by("-hour"):
        runs_of.setdefault(run.hour.date(), []).append(run)
    keys = [run.pk for runs in runs_of.values() for run in runs]
    unsettled = {status: dict(_counted(status, keys)) for status in (DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN)}
    for day, runs in runs_of.items():
        closed = [run for run in runs if run.closed_at]
        yield Day(
            day,
            balance.of_stored(runs),
            len(closed) < len(runs),
            all(run.ended is not None for run in closed),
            " ".join(run.note for run in runs if run.note),
            *(sum(unsettled[status].get(run.pk, 0) for run in runs) for status in unsettled),
        )


def _counted(status: DeliveryStatus, runs: Sequence[int]) -> Any:
    """Return runs and how many of their digests are in a status that few are in, from an index of these alone."""
    rare = Digest.objects.filter(status=status, run__in=runs).order_by()
    return rare.values_list("run").annotate(count=Count("pk"))
