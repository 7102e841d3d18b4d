"""Digests in the admin: what became of each, and the two things that can be done where it did not arrive."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_datetime

from papers.admin_lists import Long
from papers.admin_rights import ReadOnly, asks_for, confirmed, page
from papers.shared_clock import now
from subscriptions.digests import balance
from subscriptions.digests.balance import Said
from subscriptions.models import DeliveryEvent, DeliveryStatus, Digest, DigestItem, Run
from subscriptions.models.digests import DigestQuerySet
from subscriptions.operations.runs_admin import date_in_address
from subscriptions.staff.mail_previews import LeadsToMail
from subscriptions.staff.people_admin import ReadOnlyAboutPeople

AT_ONCE, IN_ONE_TRANSACTION = 2_000, 200


class DigestItemInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = DigestItem
    extra = 0
    fields = ["role", "rank", "paper", "score", "relevance", "interest", "reason"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DigestItem]:
        items: QuerySet[DigestItem] = super().get_queryset(request)
        return items.select_related("paper", "interest__topic")


class DeliveryEventInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = DeliveryEvent
    extra = 0
    fields = ["happened_at", "event_type", "reject_reason", "meaning", "provider", "description", "status"]


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that is done to all digests of a day of which the same was said, once somebody has confirmed it."""

    name: str
    question: str
    button: str
    done: str
    choose: Callable[[datetime], DigestQuerySet]  # for which it can be done
    act: Callable[[Sequence[int], datetime], int]


SEND_AGAIN = Verb(
    "again",
    "Send these again? Nobody knows whether they arrived: a second copy may.",
    "Send again",
    "go again",
    lambda moment: Digest.objects.filter(status=DeliveryStatus.UNCERTAIN),
    lambda keys, moment: Digest.objects.resend(keys, moment),
)
BEGIN_ANEW = Verb(
    "again",
    "Begin these anew? None of them has left. Their papers are chosen anew, and what was refused may be refused again.",
    "Begin anew",
    "are begun anew",
    lambda moment: Digest.objects.never_left(moment),
    lambda keys, moment: Digest.objects.begin_anew(keys, moment),
)
GIVE_UP = Verb(
    "give-up",
    "Give these up? They are not sent, and their papers come with later digests.",
    "Give up",
    "are given up",
    lambda moment: Digest.objects.filter(status=DeliveryStatus.UNCERTAIN),
    lambda keys, moment: Digest.objects.give_up(keys, moment),
)


def uncertain(digests: QuerySet[Digest]) -> QuerySet[Digest]:
    return digests.filter(status=DeliveryStatus.UNCERTAIN)


def never_left(digests: QuerySet[Digest]) -> QuerySet[Digest]:
    return digests.filter(pk__in=Digest.objects.never_left(now()).values("pk"))


class DigestAdmin(Long, LeadsToMail, ReadOnlyAboutPeople):
    kind_of_mail = "digest"
    list_display = ["subscriber", "local_date", "status", "reason", "attempts", "considered", "due_at", "finished_at"]
    list_filter = ["status"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__email"]
    inlines = [DigestItemInline, DeliveryEventInline]
    actions = ["resend", "begin_anew", "give_up"]

    has_resend_permission = asks_for("resend")
    has_give_up_permission = asks_for("give_up")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let the page of a day lead to its digests."""
        return lookup in {"run__hour__gte", "run__hour__lt"} or super().lookup_allowed(lookup, value, request)

    @admin.action(description="Uncertain ones: send again, though a second copy may arrive", permissions=["resend"])
    @confirmed(SEND_AGAIN.question, SEND_AGAIN.button, only=uncertain)
    def resend(self, request: HttpRequest, queryset: QuerySet[Digest]) -> None:
        count = self.do_each(request, queryset, lambda digest: Digest.objects.resend([digest.pk], now()), "Sent again.")
        self.message_user(request, f"{count} uncertain digests go again.", messages.SUCCESS)

    @admin.action(description="Failed ones that never left: begin anew", permissions=["resend"])
    @confirmed(BEGIN_ANEW.question, BEGIN_ANEW.button, only=never_left)
    def begin_anew(self, request: HttpRequest, queryset: QuerySet[Digest]) -> None:
        def act(digest: Digest) -> int:
            return Digest.objects.begin_anew([digest.pk], now())

        count = self.do_each(request, queryset, act, "Begun anew.")
        self.message_user(request, f"{count} failed digests are begun anew.", messages.SUCCESS)

    @admin.action(description="Uncertain ones: give up, their papers come with later digests", permissions=["give_up"])
    @confirmed(GIVE_UP.question, GIVE_UP.button, only=uncertain)
    def give_up(self, request: HttpRequest, queryset: QuerySet[Digest]) -> None:
        count = self.do_each(request, queryset, lambda digest: Digest.objects.give_up([digest.pk], now()), "Given up.")
        self.message_user(request, f"{count} uncertain digests are given up.", messages.SUCCESS)

    @page("of-a-day/<str:day>/again/", "digest-again", permissions=["view", "resend"], methods=["POST"])
    def all_again(self, request: HttpRequest, day: str) -> HttpResponse:
        """Send again, or begin anew, all of a day of which the same was said."""
        verb = BEGIN_ANEW if request.POST.get("status") == DeliveryStatus.FAILED else SEND_AGAIN
        return self._do_to_all(request, date_in_address(day), verb)

    @page("of-a-day/<str:day>/give-up/", "digest-give-up", permissions=["view", "give_up"], methods=["POST"])
    def all_given_up(self, request: HttpRequest, day: str) -> HttpResponse:
        """Give up all uncertain ones of a day of which the same was said."""
        return self._do_to_all(request, date_in_address(day), GIVE_UP)

    def _do_to_all(self, request: HttpRequest, day: date, verb: Verb) -> HttpResponse:
        """Ask first; what came to it after the question was asked is left alone."""
        moment = now()
        until = _time(request.POST.get("until", "")) or moment
        said, rows = _meant(request, day, verb, until)
        if said is None or not rows:
            self.message_user(request, "There is nothing that this could be done to.", messages.WARNING)
        elif request.POST.get("confirm") != "yes":
            return self._question(request, {"day": day, "verb": verb, "said": said, "rows": rows, "until": moment})
        else:
            self._act(request, verb, said, rows)
        return redirect("admin:run-day", f"{day:%Y-%m-%d}")

    def _question(self, request: HttpRequest, words: dict[str, Any]) -> HttpResponse:
        context = self.admin_site.each_context(request) | words | {"opts": self.opts, "title": "Are you sure?"}
        context |= {"status": request.POST.get("status", ""), "reason": request.POST.get("reason", "")}
        context |= {"count": min(len(words["rows"]), AT_ONCE), "is_cut": len(words["rows"]) > AT_ONCE}
        return TemplateResponse(request, "admin/subscriptions/digest/all_of_a_day.html", context)

    def _act(self, request: HttpRequest, verb: Verb, said: Said, rows: Sequence[tuple[int, int]]) -> None:
        """Do it, and enter into the log of each run how many of its digests it was done to, both or neither."""
        done = 0
        for start in range(0, len(rows[:AT_ONCE]), IN_ONE_TRANSACTION):
            some = rows[start : min(start + IN_ONE_TRANSACTION, AT_ONCE)]
            with transaction.atomic():
                count = verb.act([key for key, _ in some], now())
                runs = Run.objects.filter(pk__in={run for _, run in some}) if count else Run.objects.none()
                words = f"{verb.button}: {count} {said.status} digests, “{said.words}”"
                self.admin_site.get_model_admin(Run).record(request, runs, CHANGE, words)  # type: ignore[attr-defined]
            done += count
        self.message_user(request, f"{done} {said.status} digests {verb.done}.", messages.SUCCESS)
        if len(rows) > AT_ONCE:
            self.message_user(request, "More are left: do the same once more for the rest.", messages.WARNING)


def _meant(request: HttpRequest, day: date, verb: Verb, until: datetime) -> tuple[Said | None, list[tuple[int, int]]]:
    """Return what was said, and the keys with the runs of the digests that a form means, at most one too many."""
    status, key = request.POST.get("status", ""), request.POST.get("reason", "")
    groups = balance.of_day(day, until).said
    said = next((one for one in groups if (one.status, one.key) == (status, key)), None)
    if said is None:
        return None, []
    runs = balance.runs_of_day(day).order_by().values("pk")
    rows = verb.choose(until).filter(run__in=runs, status=said.status, reason=said.reason, finished_at__lte=until)
    return said, list(rows.order_by("pk").values_list("pk", "run")[: AT_ONCE + 1])


def _time(written: str) -> datetime | None:
    try:
        moment = parse_datetime(written)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
