"""Subscribers and suppressed addresses in the admin: what operators may see, and what they may do to a person."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import DELETION
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from papers.admin_rights import GuardedAdmin, ReadOnly, asks_for, confirmed, page
from papers.shared_clock import now
from subscriptions import lifecycle
from subscriptions.digests.status_line import status_line
from subscriptions.models import Consent, Interest, LeftBecause, Subscriber, SubscriberStatus, Suppression
from subscriptions.people.addresses import address_hash, canonical
from subscriptions.people.export import export
from subscriptions.staff import mail_previews, reader_pages

LONGEST_REASON = 200  # characters
ENDED = (SubscriberStatus.UNSUBSCRIBED, SubscriberStatus.SUPPRESSED)


class AboutPeople(GuardedAdmin):
    """Admin of rows that name a person, on their pages or in their titles: only for staff who may see subscribers."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and request.user.has_perm("subscriptions.view_subscriber")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.has_view_permission(request, obj)

    def name_in_log(self, row: Model) -> str:
        """Return a name without the person's: the log outlives an erased person, and the first page shows it."""
        return f"{self.opts.verbose_name} {row.pk}"


class ReadOnlyAboutPeople(ReadOnly, AboutPeople):
    """Admin of what the service recorded of a person."""


class InterestInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    model = Interest
    extra = 0
    fields = ["kind", "__str__", "muted", "created_at"]
    readonly_fields = ["kind", "__str__", "muted", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Interest]:
        return super().get_queryset(request).select_related("topic")


class ConsentInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Consent
    extra = 0
    fields = ["requested_at", "confirmed_at", "withdrawn_at", "source", "email", "form_text_hash"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consent]:
        return super().get_queryset(request).select_related("subscriber")


def _not_suppressed(subscribers: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
    return subscribers.exclude(
        Exists(Suppression.objects.filter(address_hash=OuterRef("address_hash"))), status=SubscriberStatus.SUPPRESSED
    )


class SubscriberAdmin(AboutPeople):
    list_display = ["reader_link", "status", "frequency", "send_hour", "timezone", "next_digest_at", "preview_link"]
    list_display_links = None
    list_filter = ["status", "frequency"]
    search_fields = ["email"]
    # The status changes by the actions below, which do all that belongs to a change.
    readonly_fields = [
        "email",
        "status",
        "next_digest_at",
        "created_at",
        "confirmed_at",
        "paused_until",
        "paused_because",
        "last_sign_on",
        "asked_on",
        "slowed_on",
        "compares",
        "what_they_are_told",
        "preview_link",
    ]
    inlines = [InterestInline, ConsentInline]
    actions = ["suppress", "unsubscribe", "erase"]

    has_preview_permission = asks_for("preview")
    has_suppress_permission = asks_for("suppress")
    has_lift_permission = asks_for("lift")
    has_export_permission = asks_for("export")
    has_unsubscribe_permission = asks_for("unsubscribe")
    has_erase_permission = asks_for("erase")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Subscriber | None = None) -> bool:
        return False

    def get_list_display(self, request: HttpRequest) -> Any:
        return [name for name in self.list_display if name != "preview_link" or self.has_preview_permission(request)]

    def get_fields(self, request: HttpRequest, obj: Subscriber | None = None) -> Any:
        fields = super().get_fields(request, obj)
        return [name for name in fields if name != "preview_link" or self.has_preview_permission(request)]

    @admin.display(description="today, as their page says it")
    def what_they_are_told(self, subscriber: Subscriber) -> str:
        return status_line(subscriber, now())

    @admin.display(description="email", ordering="email")
    def reader_link(self, subscriber: Subscriber) -> SafeString:
        return format_html('<a href="{}">{}</a>', _reader_page(subscriber.pk), subscriber.email)

    @page("<int:pk>/reader/", "subscriber-reader", permissions=["view"])
    def reader(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what an operator is asked about a reader, and what can be done."""
        return reader_pages.overview(self, request, get_object_or_404(Subscriber, pk=pk))

    @page("<int:pk>/why/", "subscriber-why", permissions=["view", "preview"])
    def why(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show why a reader would get today's papers, and why others not; only the log is written."""
        return reader_pages.why(self, request, get_object_or_404(Subscriber, pk=pk))

    @page("<int:pk>/suppress/", "subscriber-suppress", permissions=["view", "suppress"], methods=["POST"])
    def suppress_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        def act(person: Subscriber, reason: str) -> object:
            return lifecycle.suppress(person.email, reason="operator", note=f"{reason} (by {request.user})")

        return self._with_reason(request, pk, "Suppressed", act)

    @page("<int:pk>/lift/", "subscriber-lift", permissions=["view", "lift"], methods=["POST"])
    def lift(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._with_reason(
            request, pk, "Suppression lifted", lambda person, reason: lifecycle.lift(person, now())
        )

    def _with_reason(
        self, request: HttpRequest, pk: int, said: str, act: Callable[[Subscriber, str], object]
    ) -> HttpResponse:
        """Do it for a reason that somebody must give and that stands in the log, and go back to the reader."""
        person = get_object_or_404(Subscriber, pk=pk)
        reason = " ".join(request.POST.get("reason", "").split())[:LONGEST_REASON]
        if not reason:
            self.message_user(request, "Say why: the reason stands in the log.", messages.ERROR)
            return redirect(_reader_page(pk))
        with transaction.atomic():
            done = act(person, reason)
            if done:
                self.log_change(request, person, f"{said}: {reason}")
        if done:
            self.message_user(request, f"{said}.", messages.SUCCESS)
        else:
            self.message_user(request, "There is nothing that this could be done to.", messages.WARNING)
        return redirect(_reader_page(pk))

    @page("<int:pk>/export/", "subscriber-export", permissions=["view", "export"], methods=["POST"])
    def export(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand out all that is stored about a reader, as they can have it themselves; the log says so."""
        person = get_object_or_404(Subscriber, pk=pk)
        self.log_change(request, person, "Exported what is stored about them.")
        headers = {"Content-Disposition": f'attachment; filename="subscriber-{pk}.json"'}
        return HttpResponse(export(person, now()), content_type="application/json", headers=headers)

    @page("<int:pk>/preview/", "subscriber-preview", permissions=["view", "preview"])
    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the digest that this subscriber would be sent now, or a mail that was; only the log is written."""
        return mail_previews.show(self, request, get_object_or_404(Subscriber, pk=pk))

    @admin.display(description="digest")
    def preview_link(self, subscriber: Subscriber) -> SafeString:
        return format_html('<a href="{}">preview</a>', reverse("admin:subscriber-preview", args=[subscriber.pk]))

    @admin.action(description="Suppress: never mail these addresses again", permissions=["suppress"])
    @confirmed("Never mail these addresses again, whoever signs up with them?", "Suppress", only=_not_suppressed)
    def suppress(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        def act(person: Subscriber) -> object:
            return lifecycle.suppress(person.email, reason="operator", note=f"by {request.user}")

        self.message_user(request, f"{self.do_each(request, queryset, act, 'Suppressed.')} suppressed.")

    @admin.action(description="Unsubscribe", permissions=["unsubscribe"])
    @confirmed(
        "End the subscriptions of these people? Only they can begin them anew.",
        "Unsubscribe",
        only=lambda people: people.exclude(status__in=ENDED),
    )
    def unsubscribe(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        def act(person: Subscriber) -> object:
            left = lifecycle.unsubscribe(person, now(), because=LeftBecause.OPERATOR)
            return left or person.status == SubscriberStatus.PENDING

        self.message_user(request, f"{self.do_each(request, queryset, act, 'Unsubscribed.')} unsubscribed.")

    @admin.action(description="Erase: remove these people and everything about them", permissions=["erase"])
    @confirmed("Remove these people and everything about them? Nobody can bring it back.", "Erase")
    def erase(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        count = 0
        for person in queryset:
            with transaction.atomic():
                if lifecycle.erase(person):
                    self.record(request, [person], DELETION, "Erased.")
                    count += 1
        self.message_user(request, f"{count} erased.", messages.SUCCESS)


def _reader_page(pk: int) -> str:
    return reverse("admin:subscriber-reader", args=[pk])


class SuppressForm(forms.ModelForm):  # type: ignore[type-arg]
    address = forms.CharField(max_length=254, help_text="It is stored as a keyed hash, which nobody can read.")

    class Meta:
        model = Suppression
        fields = ["note"]

    def clean_address(self) -> str:
        return canonical(self.cleaned_data["address"])


class SuppressionAdmin(AboutPeople):
    """Adding one suppresses an address for good; removing it is for an operator whom the person asked."""

    list_display = ["__str__", "reason", "note", "created_at"]
    list_filter = ["reason"]
    search_fields = ["note"]
    search_help_text = "A whole address, or words of a note."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        """Find an address by its hash too, which is all that is kept of it."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if "@" in search_term:
            found |= queryset.filter(address_hash=address_hash(search_term.strip()))
        return found, may_repeat

    def get_form(
        self, request: HttpRequest, obj: Suppression | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return super().get_form(request, obj, change, **kwargs) if obj else SuppressForm

    def get_fields(self, request: HttpRequest, obj: Suppression | None = None) -> Any:
        return ["address_hash", "reason", "note", "created_at"] if obj else ["address", "note"]

    def get_readonly_fields(self, request: HttpRequest, obj: Suppression | None = None) -> list[str]:
        return ["address_hash", "reason", "created_at"] if obj else []

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        suppression = lifecycle.suppress(form.cleaned_data["address"], reason="operator", note=obj.note)
        obj.pk, obj.address_hash = suppression.pk, suppression.address_hash
