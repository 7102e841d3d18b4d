from typing import Any

from django import template
from django.contrib import admin

from papers.models import Edition
from papers.shared_clock import now
from subscriptions.curating import today

register = template.Library()


@register.inclusion_tag("admin/_today.html", takes_context=True)
def what_today_needs(context: template.Context) -> dict[str, Any]:
    """Show the edition of the day, what waits for a decision and what is wrong, as far as this person may see it."""
    request, moment = context["request"], now()
    present = today.today(request, moment)
    may_act = admin.site.get_model_admin(Edition).has_change_permission(request)
    points = {"waits": today.waits(request, present, moment), "wrong": today.wrong(request, moment)}
    return points | {"today": present, "may_act": may_act}


@register.simple_tag(takes_context=True)
def tables_inside(context: template.Context) -> list[dict[str, Any]]:
    """Return the tables of the machinery, as far as this person may see them."""
    return admin.site.inside(context["request"])  # type: ignore[attr-defined,no-any-return]  # our own site's
