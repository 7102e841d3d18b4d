"""Keep a number for each fact and day: today's so far, and those of the days that are over, once they are."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Min

from papers.models import Paper
from papers.periods import utc_date
from subscriptions.models import Consent, DayCount, Fact, Run
from subscriptions.operations.charts.facts import AS_IT_IS, DAY, NEVER_FEWER, OF_A_DAY, Numbers, counted, span
from subscriptions.reports.safe_values import KEPT

COUNTED_IN = timedelta(hours=2)  # after its end a day's reports and retries are in
AT_ONCE = 7  # days of a backlog


def count(now: datetime) -> int:
    """Count today, and the days of the last weeks that were not counted since they ended; return how many days.

    To count again changes nothing that has not changed; erased people stay in what was counted.
    """
    today = utc_date(now)
    store(today, counted(today, (*AS_IT_IS, *OF_A_DAY)), now)
    waiting = _uncounted(today, now)[-AT_ONCE:]
    for day in waiting:
        store(day, counted(day, OF_A_DAY), now)
    return 1 + len(waiting)


def store(day: date, numbers: Numbers, now: datetime) -> None:
    """Keep these numbers of a day; those of people that were higher before stay."""
    with transaction.atomic():
        rows = DayCount.objects.filter(day=day).select_for_update()
        before = {(Fact(fact), of): number for fact, of, number in rows.values_list("fact", "of", "number")}
        kept = {key: max(number, before.get(key, 0) if key[0] in NEVER_FEWER else 0) for key, number in numbers.items()}
        gone = {key: number for key, number in before.items() if key[0] in NEVER_FEWER and key not in kept}
        new = [
            DayCount(day=day, fact=fact, of=of, number=number, counted_at=now)
            for (fact, of), number in (gone | kept).items()
        ]
        DayCount.objects.bulk_create(
            new,
            update_conflicts=True,
            unique_fields=["day", "fact", "of"],
            update_fields=["number", "counted_at"],
        )


def _uncounted(today: date, now: datetime) -> list[date]:
    """Return days, the oldest first, that were not counted since they ended, as far back as rows are kept."""
    first = max(today - KEPT, _first_day(today))
    seen = dict(DayCount.objects.filter(day__gte=first, fact=Fact.MAILS, of="").values_list("day", "counted_at"))
    days = [first + number * DAY for number in range((today - first).days)]
    return [day for day in days if _is_in(day, now) and not _is_in(day, seen.get(day))]


def _is_in(day: date, moment: datetime | None) -> bool:
    """Tell whether all that happened on a day was stored by that moment."""
    return moment is not None and span(day)[1] + COUNTED_IN <= moment


def _first_day(today: date) -> date:
    """Return the day on which the first paper, reader or digest came; today where nothing has come yet."""
    moments = [
        rows.order_by().aggregate(first=Min(column))["first"]
        for rows, column in (
            (Paper.objects.all(), "created_at"),
            (Consent.objects.all(), "requested_at"),
            (Run.objects.all(), "hour"),
        )
    ]
    return min([utc_date(moment) for moment in moments if moment] or [today])
