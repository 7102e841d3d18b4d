from typing import Any

from django import template
from django.contrib import admin
from django.db.models import Model

from papers.shared_clock import now
from subscriptions.limits import blockers
from subscriptions.models import Control, DayCount
from subscriptions.operations.charts.drawing import drawing
from subscriptions.operations.charts.series import IN_BRIEF, charts

register = template.Library()


@register.inclusion_tag("admin/_blockers.html", takes_context=True)
def blockers_of_sending(context: template.Context) -> dict[str, Any]:
    """Show what keeps mail from leaving, on every page of the admin, to those who may look at Control."""
    request = context.get("request")
    control = admin.site.get_model_admin(Control)
    may_look = request and admin.site.has_permission(request) and control.has_view_permission(request)
    return {"blockers": blockers.present() if may_look else []}


@register.inclusion_tag("admin/_charts_in_brief.html", takes_context=True)
def charts_in_brief(context: template.Context) -> dict[str, Any]:
    """Show two charts of the last thirty days, to those who may look at their numbers."""
    request = context.get("request")
    numbers = admin.site.get_model_admin(DayCount)
    may_look = request and admin.site.has_permission(request) and numbers.has_view_permission(request)
    return {"drawings": [drawing(chart) for chart in charts("30", now(), IN_BRIEF)] if may_look else []}


@register.filter
def thousands(number: int) -> str:
    """Write a count with commas between thousands."""
    return f"{number:,}"


@register.filter
def of(counts: dict[str, int], key: str) -> int:
    """Return the count of a key, 0 where there is none."""
    return counts.get(key, 0)


@register.filter
def place(row: Model) -> str:
    """Name the page of a row in the admin."""
    return f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
