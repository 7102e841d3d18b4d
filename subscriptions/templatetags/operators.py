from typing import Any

from django import template

from subscriptions import hindrances

register = template.Library()


@register.inclusion_tag("admin/_hindrances.html", takes_context=True)
def hindrances_to_sending(context: template.Context) -> dict[str, Any]:
    """What keeps mail from leaving, on top of every page of the admin; nothing for who is not signed in there."""
    user = getattr(context.get("request"), "user", None)
    return {"hindrances": hindrances.all_of_them() if user and user.is_active and user.is_staff else []}
