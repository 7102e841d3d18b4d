from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now

from papers.admin import ReadOnly
from subscriptions import compose, emails, lifecycle
from subscriptions.addresses import canonical
from subscriptions.control_admin import ControlAdmin, RateBucketAdmin, RunAdmin
from subscriptions.models import (
    AccountMail,
    AddressChange,
    BounceScore,
    Consent,
    Control,
    DeliveryEvent,
    Digest,
    DigestItem,
    Feedback,
    Interest,
    RateBucket,
    Run,
    SignUp,
    Subscriber,
    Suppression,
)
from subscriptions.reports import UNREADABLE

admin.site.register(Control, ControlAdmin)
admin.site.register(Run, RunAdmin)
admin.site.register(RateBucket, RateBucketAdmin)


class InterestInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    model = Interest
    extra = 0
    fields = ["kind", "__str__", "muted", "created_at"]
    readonly_fields = ["kind", "__str__", "muted", "created_at"]


class ConsentInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Consent
    extra = 0
    fields = ["requested_at", "confirmed_at", "withdrawn_at", "source", "email", "form_text_hash"]


@admin.register(Subscriber)
class SubscriberAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["email", "status", "frequency", "send_hour", "timezone", "next_digest_at", "preview_link"]
    list_filter = ["status", "frequency"]
    search_fields = ["email"]
    date_hierarchy = "created_at"
    # The status changes by the actions below, which do all that belongs to a change.
    readonly_fields = [
        "email",
        "status",
        "next_digest_at",
        "created_at",
        "confirmed_at",
        "paused_until",
        "preview_link",
    ]
    inlines = [InterestInline, ConsentInline]
    actions = ["suppress", "unsubscribe", "erase"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Subscriber | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview)
        return [path("<int:pk>/preview/", view, name="subscriber-preview"), *super().get_urls()]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The digest this subscriber would get now; nothing is stored."""
        message = emails.digest_message(*compose.preview(get_object_or_404(Subscriber, pk=pk), now().date()), now())
        return HttpResponse(message.alternatives[0][0])

    @admin.display(description="digest")
    def preview_link(self, subscriber: Subscriber) -> SafeString:
        return format_html('<a href="{}">preview</a>', reverse("admin:subscriber-preview", args=[subscriber.pk]))

    @admin.action(description="Suppress: never mail these addresses again")
    def suppress(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        for subscriber in queryset:
            lifecycle.suppress(subscriber.email, reason="operator", note=f"by {request.user}")
        self.message_user(request, f"{queryset.count()} suppressed.", messages.SUCCESS)

    @admin.action(description="Unsubscribe")
    def unsubscribe(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        for subscriber in queryset:
            lifecycle.unsubscribe(subscriber, now())
        self.message_user(request, f"{queryset.count()} unsubscribed.", messages.SUCCESS)

    @admin.action(description="Erase: remove these people and everything about them")
    def erase(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        people = list(queryset)
        for subscriber in people:
            lifecycle.erase(subscriber)
        self.message_user(request, f"{len(people)} erased.", messages.SUCCESS)


class DigestItemInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = DigestItem
    extra = 0
    fields = ["role", "rank", "paper", "score", "relevance", "interest", "reason"]


class DeliveryEventInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = DeliveryEvent
    extra = 0
    fields = ["happened_at", "event_type", "reject_reason", "meaning", "provider", "description", "status"]


@admin.register(Digest)
class DigestAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["subscriber", "local_date", "status", "reason", "attempts", "considered", "due_at", "finished_at"]
    list_filter = ["status", "local_date"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__email"]
    date_hierarchy = "local_date"
    inlines = [DigestItemInline, DeliveryEventInline]
    actions = ["resend", "give_up"]

    @admin.action(description="Uncertain ones: send again, though a second copy may arrive")
    def resend(self, request: HttpRequest, queryset: QuerySet[Digest]) -> None:
        count = Digest.objects.resend(queryset.values_list("pk", flat=True), now())
        self.message_user(request, f"{count} uncertain digests go again.", messages.SUCCESS)

    @admin.action(description="Uncertain ones: give up, their papers come with later digests")
    def give_up(self, request: HttpRequest, queryset: QuerySet[Digest]) -> None:
        count = Digest.objects.give_up(queryset.values_list("pk", flat=True), now())
        self.message_user(request, f"{count} uncertain digests are given up.", messages.SUCCESS)


@admin.register(AddressChange)
class AddressChangeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["subscriber", "requested_at", "confirmed_at"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__email"]


@admin.register(AccountMail)
class AccountMailAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["subscriber", "kind", "status", "reason", "attempts", "created_at", "finished_at"]
    list_filter = ["kind", "status"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__email"]


@admin.register(DeliveryEvent)
class DeliveryEventAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["received_at", "event_type", "meaning", "subscriber", "digest", "provider", "status", "error"]
    list_filter = ["status", "meaning", "event_type", "provider"]
    list_select_related = ["subscriber", "digest__subscriber"]
    search_fields = ["subscriber__email", "event_id", "error"]
    actions = ["process_again"]

    @admin.action(description="Process again those that were given up")
    def process_again(self, request: HttpRequest, queryset: QuerySet[DeliveryEvent]) -> None:
        count = DeliveryEvent.objects.filter(pk__in=queryset).exclude(event_type=UNREADABLE).again(now())
        self.message_user(request, f"{count} will be tried again within a minute.", messages.SUCCESS)


@admin.register(BounceScore)
class BounceScoreAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["__str__", "score", "counted_on", "counts_since"]
    ordering = ["-score"]


class SuppressForm(forms.ModelForm):  # type: ignore[type-arg]
    address = forms.CharField(max_length=254, help_text="It is stored as a keyed hash, which nobody can read.")

    class Meta:
        model = Suppression
        fields = ["note"]

    def clean_address(self) -> str:
        return canonical(self.cleaned_data["address"])


@admin.register(Suppression)
class SuppressionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Adding one suppresses an address for good; removing it is for an operator who was asked by the person."""

    list_display = ["__str__", "reason", "note", "created_at"]
    list_filter = ["reason"]
    search_fields = ["note"]

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


@admin.register(Interest)
class InterestAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["subscriber", "kind", "__str__", "created_at"]
    list_filter = ["kind", "topic"]
    list_select_related = ["subscriber", "topic"]
    search_fields = ["subscriber__email", "text"]


@admin.register(Consent)
class ConsentAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["subscriber", "source", "requested_at", "confirmed_at", "withdrawn_at"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__email"]
    date_hierarchy = "requested_at"


@admin.register(Feedback)
class FeedbackAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["subscriber", "paper", "kind", "at"]
    list_filter = ["kind"]
    list_select_related = ["subscriber", "paper"]
    search_fields = ["subscriber__email", "=paper__identifier"]
    date_hierarchy = "at"


@admin.register(SignUp)
class SignUpAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What waits for its turn: on a quiet day nothing. The rows of a flood can be deleted."""

    list_display = ["email", "requested_at", "next_attempt_at", "waits_for", "proven"]
    list_filter = ["proven", "waits_for"]
    search_fields = ["email", "=network_key"]
    date_hierarchy = "requested_at"

    def has_delete_permission(self, request: HttpRequest, obj: SignUp | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)
