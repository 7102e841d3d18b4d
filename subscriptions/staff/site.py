"""The admin of this site: who gets in, and by which steps."""

from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.decorators.cache import never_cache

# The lists that people come for, by heading; all others are tables of the machinery, and stand inside.
IN_FRONT = {
    "Papers": ("papers.edition", "papers.paper", "papers.topic"),
    "Readers": ("subscriptions.subscriber", "subscriptions.suppression", "subscriptions.experiment"),
    "Mail": ("subscriptions.digest", "subscriptions.run", "subscriptions.control", "subscriptions.deliveryevent"),
    "Sources": ("papers.feedstate",),
    "Staff": ("auth.user", "auth.group", "admin.logentry"),
}


class StaffSite(AdminSite):
    site_header = site_title = settings.SITE_NAME
    index_title = "For curators and operators"

    def has_permission(self, request: HttpRequest) -> bool:
        """Admit staff, with their second factor where it is asked for; every page of the admin asks this."""
        if not super().has_permission(request):
            return False
        return not settings.ADMIN_SECOND_FACTOR or getattr(request.user, "otp_device", None) is not None

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from subscriptions.staff.sign_in import code_page, enrol_page

        return [
            path("login/code/", never_cache(code_page), name="sign-in-code"),
            path("login/enrol/", never_cache(enrol_page), name="sign-in-enrol"),
            path("r/<int:content_type_id>/<path:object_id>/", self.admin_view(self.on_site), name="view_on_site"),
            *super().get_urls(),
        ]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the lists that people come for under plain headings, as far as this one may see them.

        Those of one app are all of them, as they are on its own page.
        """
        if app_label:
            return cast(list[dict[str, Any]], super().get_app_list(request, app_label))
        shown = {label: model for app in self._build_app_dict(request).values() for label, model in _labelled(app)}
        found = {name: [shown[label] for label in labels if label in shown] for name, labels in IN_FRONT.items()}
        place = reverse("admin:index", current_app=self.name)
        return [
            {"name": name, "app_label": name.lower(), "app_url": f"{place}#{name.lower()}", "models": models}
            for name, models in found.items()
            if models
        ]

    def inside(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the tables of the machinery by app, as far as this one may see them."""
        front = {label for labels in IN_FRONT.values() for label in labels}
        apps = cast(list[dict[str, Any]], super().get_app_list(request))
        for app in apps:
            app["models"] = [model for label, model in _labelled(app) if label not in front]
        return [app for app in apps if app["models"]]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show Django's page of the password, with a step behind it."""
        from subscriptions.staff.sign_in import PasswordView

        index = reverse("admin:index", current_app=self.name)
        if request.method == "GET" and self.has_permission(request):
            return redirect(index)
        request.current_app = self.name
        context = self.each_context(request) | {
            "title": "Log in",
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
        }
        if REDIRECT_FIELD_NAME not in request.GET | request.POST:
            context[REDIRECT_FIELD_NAME] = index
        page = PasswordView.as_view(extra_context=context | (extra_context or {}), next_page=index)
        return cast(HttpResponse, page(request))

    def on_site(self, request: HttpRequest, content_type_id: int, object_id: str) -> HttpResponseBase:
        """Redirect to the public page of a row, for those who may see it here."""
        model = get_object_or_404(ContentType, pk=content_type_id).model_class()
        if model not in self._registry or not self._registry[model].has_view_permission(request):
            raise PermissionDenied
        return shortcut(request, content_type_id, object_id)


def _labelled(app: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(model["model"]._meta.label_lower, model) for model in app["models"]]
