from typing import Any

from django import template
from django.contrib import admin

from subscriptions.limits import blockers
from subscriptions.models import Control

register = template.Library()


@register.inclusion_tag("admin/_blockers.html", takes_context=True)
def blockers_of_sending(context: template.Context) -> dict[str, Any]:
    """Show what keeps mail from leaving, on every page of the admin, to those who may look at Control."""
    request = context.get("request")
    control = admin.site.get_model_admin(Control)
    may_look = request and admin.site.has_permission(request) and control.has_view_permission(request)
    return {"blockers": blockers.present() if may_look else []}
