from typing import Any

from django import template

from subscriptions.pages.subscribing.forms import SubscribeForm

register = template.Library()


@register.inclusion_tag("subscriptions/_subscribe_field.html", takes_context=True)
def subscribe_field(context: template.Context) -> dict[str, Any]:
    """Show the short sign-up form: what you work on, and your address."""
    return {"form": SubscribeForm(auto_id="quick-%s"), "csrf_token": context.get("csrf_token")}
