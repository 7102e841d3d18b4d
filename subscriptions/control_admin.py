"""The operator's page in the admin: the kill switch, the instance, and the breakers of the mail providers."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.timezone import now

from papers.admin import ReadOnly
from subscriptions import breakers, control
from subscriptions.models import Breaker, Control, StopReason


class ControlAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """One page in place of a list, since there is one row."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self.page(request)
        if not may_change(request):
            raise PermissionDenied
        verb = VERBS.get(request.POST.get("verb", ""))
        if verb is None:
            raise BadRequest("no such verb")
        said = verb(request)
        self.log_change(request, control.ensure(), said)
        self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:subscriptions_control_changelist")

    def page(self, request: HttpRequest) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": "Control",
            "control": Control.objects.first(),
            "me": settings.INSTANCE_ID,
            "may_send": control.may_send(),
            "may_change": may_change(request),
            "breakers": Breaker.objects.order_by("provider"),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/subscriptions/control/change_list.html", context)


def may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("subscriptions.change_control")


def stop(request: HttpRequest) -> str:
    note = request.POST.get("note", "").strip()[:200]
    stopped = control.stop(StopReason.OPERATOR, f"{note} ({request.user})".strip(), now())
    return "All sending is stopped." if stopped else "Sending was stopped already."


def resume(request: HttpRequest) -> str:
    return "Mail may leave again." if control.resume() else "Sending was not stopped."


def close(request: HttpRequest) -> str:
    provider = request.POST.get("provider", "")
    closed = breakers.close(provider, now())
    return f"Mail goes to {provider} again." if closed else "That breaker was closed already."


VERBS: dict[str, Callable[[HttpRequest], str]] = {"stop": stop, "resume": resume, "close": close}


class RunAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["hour", "eligible", "erased", "closed_at", "note"]
    date_hierarchy = "hour"


class RateBucketAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["key", "window", "used", "free_at"]
    date_hierarchy = "window"
