"""The addresses of everything in the admin that can be read, found by looking at it: new pages come along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any, NamedTuple

from django.contrib import admin
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse

from papers.admin_checks import own_urls

OF_A_ROW = ("change", "history", "delete")
NOT_MEASURED = re.compile(r"login|logout|password_change_done|autocomplete|view_on_site|jsi|_password_change")
LINK = re.compile(r'href="(\?[^"]*)"')


class Address(NamedTuple):
    name: str
    path: str


def all_pages(day: date) -> Iterator[Address]:
    """Yield every page of the admin once, those of a row for the newest one; day stands for any date in an address."""
    names = {url.name for model_admin in admin.site._registry.values() for url in model_admin.get_urls()}
    yield from (page for page in _of_the_site(names))
    for model_admin in admin.site._registry.values():
        yield from _of_a_model(model_admin, day)


def _of_the_site(of_models: set[str | None]) -> Iterator[Address]:
    for url in _patterns(admin.site.get_urls()):
        if not url.name or url.name in of_models or NOT_MEASURED.search(url.name):
            continue
        apps = {model._meta.app_label for model in admin.site._registry} if url.name == "app_list" else {""}
        for app in sorted(apps):
            path = _reversed(f"admin:{url.name}", {"app_label": app} if app else {})
            if path:
                yield Address(" ".join(filter(None, (url.name, app))), path)


def _patterns(urls: list[Any]) -> Iterator[URLPattern]:
    for url in urls:
        if isinstance(url, URLResolver):
            yield from _patterns(url.url_patterns)
        else:
            yield url


def _of_a_model(model_admin: admin.ModelAdmin[Any], day: date) -> Iterator[Address]:
    opts = model_admin.opts
    key = model_admin.model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    base, words = f"{opts.app_label}_{opts.model_name}", opts.verbose_name
    yield Address(f"{words}: list", reverse(f"admin:{base}_changelist"))
    yield Address(f"{words}: search", reverse(f"admin:{base}_changelist") + "?q=reader77")
    yield Address(f"{words}: add", reverse(f"admin:{base}_add"))
    if key is not None:
        for page in OF_A_ROW:
            yield Address(f"{words}: {page}", reverse(f"admin:{base}_{page}", args=[key]))
    for url in own_urls(model_admin):
        if "GET" not in getattr(url.callback, "methods", ("GET",)):
            continue
        values: dict[str, Any] = {
            name: day.isoformat() if name in ("day", "date") else key for name in url.pattern.regex.groupindex
        }
        path = None if None in values.values() else _reversed(f"admin:{url.name}", values)
        if path:
            yield Address(str(url.name), path)


def _reversed(name: str, values: dict[str, Any]) -> str | None:
    try:
        return reverse(name, kwargs=values)
    except NoReverseMatch:
        return None


def links_in(text: str) -> list[str]:
    """Return where a list leads to by itself: its filters, orders, days and pages."""
    return list(dict.fromkeys(unescape(found) for found in LINK.findall(text) if found != "?"))
