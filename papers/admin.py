from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE
from django.db import models, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from papers.admin_lists import LONG_TEXTS, TEXTS_OF_ITS_PAPER, Long
from papers.admin_rights import GuardedAdmin, ReadOnly, Rows
from papers.editions import curation
from papers.feeds.sources_admin import FeedStateAdmin
from papers.ingest.merging import read_plainly
from papers.models import (
    Alias,
    Edition,
    EditionEntry,
    FeedState,
    FieldAttention,
    Harvest,
    ListOrder,
    Paper,
    PaperChange,
    Signal,
    Turn,
    Validator,
    Verb,
    WantedPaper,
)
from papers.shared_clock import now

ONE_LINE: "dict[type[models.Field[Any, Any]], dict[str, Any]]" = {
    models.TextField: {"widget": forms.Textarea(attrs={"rows": 1, "cols": 30})}
}
CURATED = Q(hidden=True) | Q(featured=True) | ~Q(note="")


def _counted(which: Q) -> Coalesce:
    """Count entries of an edition, for the rows of a page alone: a join would count for all of them."""
    rows = EditionEntry.objects.filter(which, edition=OuterRef("pk")).order_by().values("edition")
    return Coalesce(Subquery(rows.annotate(count=models.Count("pk")).values("count")), 0)


admin.site.register(FeedState, FeedStateAdmin)


def isolated(text: str) -> SafeString:
    """Return a text from outside in a <bdi> element, so that its direction turns nothing around it."""
    return format_html("<bdi>{}</bdi>", text)


@admin.register(Paper)
class PaperAdmin(GuardedAdmin):
    list_display = ["shown", "identifier", "primary_category", "announced_on", "listed_on", "trend"]
    list_filter = ["field"]
    unlisted = LONG_TEXTS
    search_fields = ["=identifier", "title", "plain_title"]
    date_hierarchy = "announced_on"
    computed = ["announced_estimated", "plain_title", "plain_abstract", "plain_authors", "title_key", "took_off_on"]
    asked = ["trend", "trend_at", "looked_up_at", "stars_asked_at", "created_at", "updated_at"]
    readonly_fields = ["version", "field", *computed, *asked]
    ordering = ["-announced_on", "-listed_on", "-identifier"]
    actions = ["hide_in_newest_edition", "feature_in_newest_edition"]

    def get_readonly_fields(self, request: HttpRequest, obj: Paper | None = None) -> list[str]:
        """Lock the identifier of a stored paper: every source finds the paper by it."""
        return [*self.readonly_fields, *(["identifier"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Paper, form: "forms.ModelForm[Paper]", change: bool) -> None:
        read_plainly(obj, form.initial)
        super().save_model(request, obj, form, change)

    @admin.display(description="title", ordering="title")
    def shown(self, paper: Paper) -> SafeString:
        return isolated(paper.shown_title)

    @admin.action(description="Hide in its newest edition", permissions=["change"])
    def hide_in_newest_edition(self, request: HttpRequest, papers: QuerySet[Paper]) -> None:
        _curate(self, request, papers, Verb.HIDE, curation.newest_entries)

    @admin.action(description="Feature in its newest edition", permissions=["change"])
    def feature_in_newest_edition(self, request: HttpRequest, papers: QuerySet[Paper]) -> None:
        _curate(self, request, papers, Verb.FEATURE, curation.newest_entries)


class EntryForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any] | None:
        """Separate an entry that is shown again from the paper that it was merged into."""
        cleaned = super().clean()
        if not self.cleaned_data.get("hidden"):
            self.instance.merged_into = None
        return cleaned


class CuratedEntryInline(admin.TabularInline):  # type: ignore[type-arg]
    """Only entries with a decision: a form with all papers of a day would be larger than Django accepts."""

    model = EditionEntry
    form = EntryForm
    verbose_name_plural = "curated entries"
    autocomplete_fields = ["paper"]
    fields = ["paper", "reason", "hidden", "featured", "note"]
    formfield_overrides = ONE_LINE
    extra = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[EditionEntry]:
        return super().get_queryset(request).filter(CURATED).select_related("paper")


@admin.register(Edition)
class EditionAdmin(GuardedAdmin):
    list_display = ["date", "size", "decided", "note", "entries"]
    date_hierarchy = "date"
    fields = ["date", "note"]
    inlines = [CuratedEntryInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Edition]:
        editions: QuerySet[Edition] = super().get_queryset(request)
        return editions.annotate(size=_counted(Q()), curated=_counted(CURATED))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the entries of the page, and keep what was decided about each."""
        changed = [one.instance for one in formset.forms if one.has_changed()]
        before = EditionEntry.objects.in_bulk([entry.pk for entry in changed if entry.pk])
        super().save_formset(request, form, formset, change)
        for entry in changed:
            if entry.pk and entry not in formset.deleted_objects:
                curation.keep(before.get(entry.pk), entry, by=request.user, now=now())

    @admin.display(description="papers")
    def size(self, edition: Edition) -> int:
        return int(edition.size)  # type: ignore[attr-defined]  # counted by get_queryset

    @admin.display(description="decided")
    def decided(self, edition: Edition) -> int:
        return int(edition.curated)  # type: ignore[attr-defined]  # counted by get_queryset

    @admin.display(description="all its papers")
    def entries(self, edition: Edition) -> SafeString:
        url = reverse("admin:papers_editionentry_changelist")
        return format_html('<a href="{}?edition__id__exact={}">as a table</a>', url, edition.pk)


@admin.register(EditionEntry)
class EditionEntryAdmin(GuardedAdmin):
    list_display = ["title", "day", "reason", "state", "its_note"]
    form = EntryForm
    exclude = ["merged_into"]
    list_filter = ["hidden", "featured", "reason", ("edition", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["paper", "edition"]
    unlisted = TEXTS_OF_ITS_PAPER
    search_fields = ["=paper__identifier", "paper__title", "paper__plain_title", "note"]
    date_hierarchy = "edition__date"
    ordering = ["-edition__date", "paper__identifier"]
    autocomplete_fields = ["paper"]
    formfield_overrides = ONE_LINE
    actions = ["hide", "unhide", "feature", "unfeature"]

    def save_model(self, request: HttpRequest, obj: EditionEntry, form: Any, change: bool) -> None:
        """Save an entry, and keep what was decided about it."""
        before = EditionEntry.objects.filter(pk=obj.pk).first()
        super().save_model(request, obj, form, change)
        curation.keep(before, obj, by=request.user, now=now())

    @admin.display(description="paper", ordering="paper__title")
    def title(self, entry: EditionEntry) -> SafeString:
        return format_html('<bdi class="wide">{}</bdi>', entry.paper.shown_title)

    @admin.display(description="decision", ordering="-featured")
    def state(self, entry: EditionEntry) -> str:
        if entry.merged_into_id:
            return "merged"
        return "featured" if entry.featured else "hidden" if entry.hidden else ""

    @admin.display(description="note", ordering="note")
    def its_note(self, entry: EditionEntry) -> SafeString | str:
        return format_html('<bdi class="note">{}</bdi>', entry.note) if entry.note else ""

    @admin.display(description="edition", ordering="edition__date")
    def day(self, entry: EditionEntry) -> date:
        return entry.edition.date

    @admin.action(description="Hide from readers", permissions=["change"])
    def hide(self, request: HttpRequest, entries: QuerySet[EditionEntry]) -> None:
        _curate(self, request, entries, Verb.HIDE)

    @admin.action(description="Show to readers again", permissions=["change"])
    def unhide(self, request: HttpRequest, entries: QuerySet[EditionEntry]) -> None:
        _curate(self, request, entries, Verb.UNHIDE)

    @admin.action(description="Feature", permissions=["change"])
    def feature(self, request: HttpRequest, entries: QuerySet[EditionEntry]) -> None:
        _curate(self, request, entries, Verb.FEATURE)

    @admin.action(description="No longer feature", permissions=["change"])
    def unfeature(self, request: HttpRequest, entries: QuerySet[EditionEntry]) -> None:
        _curate(self, request, entries, Verb.UNFEATURE)


def _curate(
    model_admin: GuardedAdmin,
    request: HttpRequest,
    rows: Rows,
    verb: Verb,
    entries_of: Callable[[Rows], Rows] = lambda rows: rows,
) -> None:
    """Decide about these rows, enter it into the log, and say for how many entries it was news."""
    chosen = list(rows)
    with transaction.atomic():
        count = len(curation.decide(entries_of(rows), verb, by=request.user, now=now()))
        model_admin.record(request, chosen if count else [], CHANGE, verb.label)
    what = f"{'entry is' if count == 1 else 'entries are'} {verb.label.lower()}"
    model_admin.message_user(request, f"{count} {what}", messages.SUCCESS if count else messages.WARNING)


@admin.register(Signal)
class SignalAdmin(Long, ReadOnly, GuardedAdmin):
    list_display = ["paper", "kind", "value", "observed_at"]
    list_filter = ["kind"]
    list_select_related = ["paper"]
    unlisted = TEXTS_OF_ITS_PAPER
    search_fields = ["=paper__identifier"]


@admin.register(PaperChange)
class PaperChangeAdmin(ReadOnly, GuardedAdmin):
    list_display = ["paper", "kind", "detail", "noticed_at"]
    list_filter = ["kind"]
    list_select_related = ["paper"]
    unlisted = TEXTS_OF_ITS_PAPER
    search_fields = ["=paper__identifier", "paper__title"]
    date_hierarchy = "noticed_at"
    ordering = ["-noticed_at"]


@admin.register(Alias)
class AliasAdmin(ReadOnly, GuardedAdmin):
    list_display = ["identifier", "paper"]
    list_select_related = ["paper"]
    unlisted = TEXTS_OF_ITS_PAPER
    search_fields = ["=identifier", "=paper__identifier"]


@admin.register(WantedPaper)
class WantedPaperAdmin(ReadOnly, GuardedAdmin):
    list_display = ["identifier", "wanted_at", "asked_at", "unknown"]
    list_filter = ["unknown"]
    search_fields = ["=identifier"]
    ordering = ["-wanted_at"]


@admin.register(FieldAttention)
class FieldAttentionAdmin(ReadOnly, GuardedAdmin):
    list_display = ["field", "papers", "computed_at"]


@admin.register(ListOrder)
class ListOrderAdmin(ReadOnly, GuardedAdmin):
    list_display = ["day", "span", "field", "ended_on"]
    list_filter = ["span", "field"]


@admin.register(Turn)
class TurnAdmin(ReadOnly, GuardedAdmin):
    list_display = ["host", "free_at", "holder"]


@admin.register(Validator)
class ValidatorAdmin(ReadOnly, GuardedAdmin):
    list_display = ["url", "etag", "last_modified", "seen_at"]
    search_fields = ["url"]
    ordering = ["-seen_at"]


@admin.register(Harvest)
class HarvestAdmin(ReadOnly, GuardedAdmin):
    list_display = ["source", "wanted_set", "since", "papers", "total", "updated_at", "finished_at"]
    ordering = ["-updated_at"]
