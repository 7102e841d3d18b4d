"""Editions in the admin with their desk: where a curator looks through the candidates of a day and decides."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from papers.admin import EditionAdmin
from papers.admin_rights import asks_for, page
from papers.editions import curation
from papers.models import Decision, Edition, EditionEntry, Verb
from papers.shared_clock import now
from recommender.candidates import kept_stretch
from subscriptions.curating import sample_readers
from subscriptions.curating.desk_words import did, meanwhile
from subscriptions.curating.listing import Listing, Order, Show, Wanted
from subscriptions.curating.sample_readers import Named
from subscriptions.models import Reach, Subscriber
from subscriptions.people.addresses import canonical

LATEST = 12  # decisions that the desk names
CHOSEN = "sample_readers"  # of the session
VIEW = ("order", "show", "field", "page")  # what an address of the desk says, and each act returns to
PERSON = ("subscriptions.view_subscriber", "subscriptions.preview_subscriber")

admin.site.unregister(Edition)


@admin.register(Edition)
class EditionDeskAdmin(EditionAdmin):
    list_display = ["date", "size", "decided", "words", "desk_link", "entries"]

    has_undo_others_permission = asks_for("undo_others")

    @admin.display(description="note on top of its digests")
    def words(self, edition: Edition) -> SafeString | str:
        return format_html('<bdi class="note">{}</bdi>', edition.note) if edition.note else ""

    @admin.display(description="desk")
    def desk_link(self, edition: Edition) -> SafeString:
        return format_html('<a href="{}#papers">curate</a>', reverse("admin:edition-desk", args=[edition.pk]))

    @page("<int:pk>/desk/", "edition-desk", permissions=["view"])
    def desk(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the candidates of an edition, a page at a time, with what can be decided about each."""
        edition = get_object_or_404(Edition, pk=pk)
        reach = Reach.objects.filter(edition=edition).first()
        wanted = _wanted(request, edition)
        listing = Listing(edition, wanted, reach)
        context = self._context(request, edition) | {
            "title": f"Desk of {edition.date:%A} {edition.date.day} {edition.date:%B}",
            "listing": listing,
            "rows": listing.page(),
            "reach": reach,
            "wanted": wanted,
            "seen_of_merged": curation.mark(wanted.like) if wanted.like else "",
            "at": _number(request.GET.get("at", ""), 0),
            "orders": [Order.TREND, *([Order.REACH] if reach else []), Order.FIELD],
            "shows": [(show, listing.count(show)) for show in Show],
            "fields": listing.fields,
            "latest": self._latest(request, edition),
            "mine": curation.last_of(edition.pk, request.user),
            "longest_note": curation.LONGEST_NOTE,
        }
        return TemplateResponse(request, "admin/papers/edition/desk.html", context)

    @page("<int:pk>/desk/effects/", "edition-effects", permissions=["view"])
    def effects(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what the decisions do to the next digests of the readers whom the curator has chosen."""
        edition = get_object_or_404(Edition, pk=pk)
        context = self._context(request, edition) | {"title": "Sample readers", "may_see_people": _may_see(request)}
        chosen = _chosen(request)
        try:
            context["effects"] = sample_readers.effects(edition, chosen, now().date())
        except kept_stretch.BeingRead:
            context["being_read"] = True
        part = "_effects" if request.headers.get("HX-Request") else "effects"
        slots = [*(one for one in chosen if one.kind == "topic"), *sample_readers.usual()][: sample_readers.READERS]
        context |= {"topics": sample_readers.topics(), "slots": slots}
        return TemplateResponse(request, f"admin/papers/edition/{part}.html", context)

    @page("<int:pk>/desk/readers/", "edition-readers", permissions=["view"], methods=["POST"])
    def choose_readers(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Remember for this session whose digests are shown beside the list."""
        edition = get_object_or_404(Edition, pk=pk)
        wanted = [Named.read(text) for text in request.POST.getlist("reader")[: sample_readers.READERS]]
        chosen = [one for one in wanted if one and one.kind == "topic"]
        if _may_see(request) and (person := self._person(request)):
            chosen = [*chosen[: sample_readers.READERS - 1], person]
        request.session[CHOSEN] = [str(one) for one in chosen]
        return redirect(f"{reverse('admin:edition-desk', args=[edition.pk])}#effects")

    @page("<int:pk>/desk/decide/", "edition-decide", permissions=["view", "change"], methods=["POST"])
    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do one act on one entry, unless somebody else has decided about it since the page was shown."""
        entry = get_object_or_404(EditionEntry.objects.select_related("paper", "edition"), edition=pk, pk=_key(request))
        act = ACTS.get(request.POST.get("act", ""))
        if act:
            self._do(request, entry, act)
        return self._back(request, entry.edition, entry)

    @page("<int:pk>/desk/undo/", "edition-undo", permissions=["view", "change"], methods=["POST"])
    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take back one act, of others only for those who may."""
        edition = get_object_or_404(Edition, pk=pk)
        decisions = Decision.objects.filter(edition=edition).select_related("paper", "by")
        decision = get_object_or_404(decisions, pk=_key(request))
        if decision.by_id != request.user.pk and not self.has_undo_others_permission(request):
            self.message_user(request, f"{did(decision)} Only who may undo what others decided can.", messages.ERROR)
            return self._back(request, edition)
        entry = EditionEntry.objects.filter(edition=edition, paper=decision.paper_id).first()
        try:
            with transaction.atomic():
                if entry and curation.undo(decision, by=request.user, now=now()):
                    what = f"Undone: {decision.get_verb_display().lower()}"
                    self.record(request, [entry], CHANGE, what)
                    self.message_user(request, f"{what} {_short(decision.paper)}")
        except curation.DecidedMeanwhile as since:
            self.message_user(request, meanwhile(since.decision, request.user), messages.ERROR)
        return self._back(request, edition, entry)

    def _do(self, request: HttpRequest, entry: EditionEntry, act: "Act") -> None:
        try:
            with transaction.atomic():
                for decision in act(request, entry):
                    self.record(request, [entry], CHANGE, decision.get_verb_display())
                    self.message_user(request, f"{decision.get_verb_display()} {_short(entry.paper)}")
        except curation.DecidedMeanwhile as since:
            self.message_user(request, meanwhile(since.decision, request.user), messages.ERROR)
        except curation.CannotBeMerged as refusal:
            self.message_user(request, str(refusal), messages.ERROR)

    def _person(self, request: HttpRequest) -> Named | None:
        """Return the subscriber of the address that was typed; the log says that somebody looks at their digest."""
        typed = request.POST.get("address", "").strip()[:254]
        try:
            person = Subscriber.objects.filter(email=canonical(typed)).first() if typed else None
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return None
        if person:
            people = self.admin_site.get_model_admin(Subscriber)
            people.log_change(request, person, "Looked at at the desk of an edition.")
        elif typed:
            self.message_user(request, "Nobody has subscribed with this address.", messages.WARNING)
        return Named("subscriber", person.pk) if person else None

    def _context(self, request: HttpRequest, edition: Edition) -> dict[str, Any]:
        may_act = self.has_change_permission(request)
        shared = {"opts": self.opts, "edition": edition, "may_act": may_act}
        return self.admin_site.each_context(request) | shared

    def _latest(self, request: HttpRequest, edition: Edition) -> list[tuple[Decision, bool]]:
        """Return the last decisions, each with whether this curator may undo it."""
        rows = Decision.objects.filter(edition=edition).select_related("paper", "by", "undone_by")[:LATEST]
        others = self.has_undo_others_permission(request)
        return [(row, row.undone_at is None and (others or row.by_id == request.user.pk)) for row in rows]

    def _back(self, request: HttpRequest, edition: Edition, entry: EditionEntry | None = None) -> HttpResponse:
        """Return to the desk as it was, with the entry that was acted upon as the present one."""
        view = {name: value for name in VIEW if (value := request.POST.get(name, "")[:40])}
        place = {"at": entry.pk} if entry else {}
        query = urlencode(view | place)
        desk = reverse("admin:edition-desk", args=[edition.pk])
        return redirect(f"{desk}?{query}{f'#e{entry.pk}' if entry else ''}")


Act = Callable[[HttpRequest, EditionEntry], list[Decision]]


def _simply(verb: Verb) -> Act:
    return lambda request, entry: curation.act(entry, verb, by=request.user, now=now(), seen=_seen(request))


def _note(request: HttpRequest, entry: EditionEntry) -> list[Decision]:
    return curation.note(entry, request.POST.get("note", ""), by=request.user, now=now(), seen=_seen(request))


def _merge(request: HttpRequest, entry: EditionEntry) -> list[Decision]:
    """Merge the entry into the one whose row the button stands in."""
    kept = get_object_or_404(EditionEntry, edition=entry.edition_id, pk=_key(request, "into"))
    return curation.merge(entry, kept, by=request.user, now=now(), seen=_seen(request))


ACTS: dict[str, Act] = {
    **{verb.value: _simply(verb) for verb in curation.CHANGES},
    Verb.NOTE.value: _note,
    Verb.MERGE.value: _merge,
}


def _wanted(request: HttpRequest, edition: Edition) -> Wanted:
    """Return what an address asks for; what makes no sense is the usual."""
    asked = request.GET
    like = asked.get("merge", "")
    entry = None
    if like.isdecimal() and len(like) < 19:
        entry = EditionEntry.objects.filter(edition=edition, pk=like).select_related("paper").first()
    if entry:
        return Wanted(like=entry, page=_number(asked.get("page", "")))
    return Wanted(
        order=Order(asked["order"]) if asked.get("order") in Order.values else Order.TREND,
        show=Show(asked["show"]) if asked.get("show") in Show.values else Show.ALL,
        field=asked.get("field", "")[:16],
        page=_number(asked.get("page", "")),
    )


def _number(text: str, otherwise: int = 1) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else otherwise


def _chosen(request: HttpRequest) -> list[Named]:
    """Return the readers to look at: those of the session, without people for who may see none."""
    named = [one for text in request.session.get(CHOSEN, ()) if (one := Named.read(str(text)))]
    return [one for one in named if one.kind == "topic" or _may_see(request)] or sample_readers.usual()


def _may_see(request: HttpRequest) -> bool:
    return request.user.has_perms(PERSON)


def _key(request: HttpRequest, name: str = "key") -> int:
    key = request.POST.get(name, "")
    return int(key) if key.isdecimal() and len(key) < 19 else 0


def _seen(request: HttpRequest) -> str:
    return request.POST.get("seen", "") or "nothing"


def _short(paper: Any) -> str:
    return f"“{Truncator(paper.shown_title).chars(80)}”"
