"""Mails in the admin: what somebody would be sent now, and what was sent as it would be written now."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from papers.admin_rights import GuardedAdmin
from papers.shared_clock import now
from subscriptions.digests import previews
from subscriptions.digests.previews import NothingWouldBeSent
from subscriptions.mails.as_page import mail_page
from subscriptions.mails.emails import NothingToShow
from subscriptions.models import AccountMail, Digest, Subscriber

LOOKED = "Looked at a preview of a mail."
ONE_LOOK = timedelta(minutes=1)  # a page, the frame on it and its other parts are one line in the log
# What the address names beside the reader, and how its message is made.
STORED: dict[str, tuple[Any, Callable[..., EmailMultiAlternatives]]] = {
    "digest": (Digest, previews.of_digest),
    "account_mail": (AccountMail, previews.of_account_mail),
}


def show(model_admin: GuardedAdmin, request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Show a mail with its headers as HTML, as text or as it goes over the wire; the log gets one line for a look."""
    enter_into_log(model_admin, request, subscriber)
    part, kind = request.GET.get("part", "html"), next((name for name in STORED if name in request.GET), "")
    message, problem = _written(request, subscriber, kind)
    if part == "frame":
        return _framed(message)
    context = model_admin.admin_site.each_context(request) | {"opts": model_admin.opts, "title": "Mail"}
    context |= {"part": part, "kind": kind, "subscriber": subscriber, "message": message, "problem": problem}
    context["query"] = f"{kind}={request.GET[kind]}&" if kind else ""
    context["source"] = message.message().as_bytes().decode() if message else ""
    return TemplateResponse(request, "admin/subscriptions/subscriber/mail.html", context)


def _written(request: HttpRequest, subscriber: Subscriber, kind: str) -> tuple[EmailMultiAlternatives | None, str]:
    """Return the mail, or why there is none."""
    try:
        return _message(request, subscriber, kind), ""
    except NothingWouldBeSent as nothing:
        return None, f"Nothing would be sent: {nothing}."
    except (NothingToShow, BadHeaderError, ValueError) as error:
        return None, f"This mail cannot be written: {error}"


def _message(request: HttpRequest, subscriber: Subscriber, kind: str) -> EmailMultiAlternatives:
    if not kind:
        return previews.preview(subscriber, now())
    model, written = STORED[kind]
    key = request.GET[kind]
    if not key.isdecimal():
        raise Http404("No mail has such a key.")
    return written(get_object_or_404(model, pk=key, subscriber=subscriber), now())


def _framed(message: EmailMultiAlternatives | None) -> HttpResponse:
    if message is None:
        raise Http404("There is no mail to show.")
    page = mail_page(str(message.alternatives[0][0]), framed_by="'self'")
    page["X-Frame-Options"] = "SAMEORIGIN"
    return page


def enter_into_log(
    model_admin: GuardedAdmin, request: HttpRequest, subscriber: Subscriber, looked: str = LOOKED
) -> None:
    """Note who looked at what of a subscriber, once a minute."""
    lately = LogEntry.objects.filter(user=request.user.pk, object_id=str(subscriber.pk), change_message=looked)
    if request.method == "GET" and not lately.filter(action_time__gt=now() - ONE_LOOK).exists():
        model_admin.log_change(request, subscriber, looked)


class LeadsToMail(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Admin of rows of which mails are made: each leads to its mail, for those who may look at previews."""

    kind_of_mail = ""
    readonly_fields = ("mail",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        return [name for name in fields if name != "mail" or request.user.has_perm("subscriptions.preview_subscriber")]

    @admin.display(description="mail")
    def mail(self, row: Any) -> SafeString:
        page = reverse("admin:subscriber-preview", args=[row.subscriber_id])
        return format_html('<a href="{}?{}={}">as it would be written now</a>', page, self.kind_of_mail, row.pk)
