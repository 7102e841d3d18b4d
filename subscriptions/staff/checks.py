"""A system check that the admin's path hides no page, and no page hides the admin."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

ELSEWHERE = {"static", "mailbox"}  # answered before any URL is looked up, or in development alone


@register()
def the_admins_path_is_its_own(**kwargs: Any) -> list[CheckMessage]:
    """Refuse an ADMIN_PATH that begins like another page's path."""
    first = settings.ADMIN_PATH.split("/")[0]
    if first not in {*ELSEWHERE, *_first_parts(get_resolver().url_patterns)} and _leads_to_the_admin():
        return []
    hint = "Set ADMIN_PATH to a name of your own, such as ADMIN_PATH=desk-of-ours/."
    return [Error(f"ADMIN_PATH begins with {first}/, where readers' pages are.", hint=hint, id="subscriptions.E010")]


def _leads_to_the_admin() -> bool:
    try:
        return resolve(f"/{settings.ADMIN_PATH}").namespace == "admin"
    except Resolver404:
        return False


def _first_parts(patterns: list[Any]) -> set[str]:
    """Return the first parts of the paths of all pages but the admin's."""
    parts: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver) and pattern.namespace == "admin":
            continue
        route = str(pattern.pattern).split("/")[0]
        if isinstance(pattern, URLPattern) or route:
            parts.add(route)
        else:
            parts |= _first_parts(pattern.url_patterns)
    return parts - {""}
