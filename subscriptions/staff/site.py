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
