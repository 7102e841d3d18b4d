"""The operator's page in the admin: the kill switch, the instance, and the breakers of the mail providers."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from papers.admin_rights import GuardedAdmin, ReadOnly, asks_for, needs, page
from papers.shared_clock import now
from subscriptions.limits import kill_switch
from subscriptions.models import Breaker, Control, StopReason
from subscriptions.staff.people_admin import ReadOnlyAboutPeople
from subscriptions.transport import circuit_breakers


class ControlAdmin(ReadOnlyAboutPeople):
    """One page in place of a list, since there is one row, with a page behind each button.

    It quotes operators and mail providers, who may have named an address.
    """

    has_stop_permission = asks_for("stop")
    has_resume_permission = asks_for("resume")
    has_close_breaker_permission = asks_for("close_breaker")

    @needs("view")
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": "Control",
            "control": Control.objects.first(),
            "me": settings.INSTANCE_ID,
            "may_send": kill_switch.may_send(),
            "may_stop": self.has_stop_permission(request),
            "may_resume": self.has_resume_permission(request),
            "may_close": self.has_close_breaker_permission(request),
            "breakers": Breaker.objects.order_by("provider"),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/subscriptions/control/change_list.html", context)

    @page("stop/", "control-stop", permissions=["view", "stop"], methods=["POST"])
    def stop(self, request: HttpRequest) -> HttpResponse:
        note = request.POST.get("note", "").strip()[:200]
        stopped = kill_switch.stop(StopReason.OPERATOR, f"{note} ({request.user})".strip(), now())
        return self.done(request, "All sending is stopped." if stopped else "Sending was stopped already.")

    @page("resume/", "control-resume", permissions=["view", "resume"], methods=["POST"])
    def resume(self, request: HttpRequest) -> HttpResponse:
        return self.done(request, "Mail may leave again." if kill_switch.resume() else "Sending was not stopped.")

    @page("close-breaker/", "control-close-breaker", permissions=["view", "close_breaker"], methods=["POST"])
    def close_breaker(self, request: HttpRequest) -> HttpResponse:
        provider = request.POST.get("provider", "")[:64]
        closed = circuit_breakers.close(provider, now())
        return self.done(request, f"Mail goes to {provider} again." if closed else "That breaker was closed already.")

    def done(self, request: HttpRequest, message: str) -> HttpResponse:
        self.log_change(request, kill_switch.ensure(), message)
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:subscriptions_control_changelist")


class RateBucketAdmin(ReadOnly, GuardedAdmin):
    list_display = ["key", "window", "used", "free_at"]
    date_hierarchy = "window"


class HostRulesAdmin(ReadOnly, GuardedAdmin):
    list_display = ["host", "kind", "version", "source", "noted_at"]
