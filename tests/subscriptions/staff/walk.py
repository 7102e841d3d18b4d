"""Every way into the admin, found by looking at it: lists, pages, actions, and what our own code has added."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, reverse

from papers.admin_checks import own_urls

NEEDS_OF_A_PAGE = {"changelist": "view", "add": "add", "change": "view", "history": "view", "delete": "delete"}
OF_A_ROW = {"change", "history", "delete"}


@dataclass(frozen=True)
class Way:
    """One request; needs are the rights without any of which it has to be refused."""

    model_admin: "admin.ModelAdmin[Any]"
    method: str
    url: str
    needs: tuple[str, ...]
    fields: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.url} {self.fields.get('action', '')}".strip()

    def go(self, client: Client) -> HttpResponse:
        return client.generic(self.method, self.url) if self.method != "POST" else client.post(self.url, self.fields)  # type: ignore[return-value]

    def open_to(self, user: User) -> bool:
        return all(user.has_perm(right) for right in self.needs)


def right(model_admin: "admin.ModelAdmin[Any]", verb: str) -> str:
    return f"{model_admin.opts.app_label}.{verb}_{model_admin.opts.model_name}"


def all_ways() -> list[Way]:
    return [way for model_admin in admin.site._registry.values() for way in ways_of(model_admin)]


def ways_of(model_admin: "admin.ModelAdmin[Any]") -> Iterator[Way]:
    row = model_admin.model._default_manager.first()
    for page, verb in NEEDS_OF_A_PAGE.items():
        if row is not None or page not in OF_A_ROW:
            url = address(model_admin, page, [row.pk] if row and page in OF_A_ROW else [])
            yield Way(model_admin, "GET", url, (right(model_admin, verb),))
    if row is not None:
        chosen = {"_selected_action": [row.pk], "confirm": "yes", "post": "yes"}
        for act, name, _ in model_admin._get_base_actions():  # type: ignore[attr-defined]
            needs = tuple(right(model_admin, verb) for verb in act.allowed_permissions)
            yield Way(model_admin, "POST", address(model_admin, "changelist"), needs, chosen | {"action": name})
    for url in own_urls(model_admin):
        needs = tuple(right(model_admin, verb) for verb in url.callback.allowed_permissions)  # type: ignore[attr-defined]
        where = reverse(f"admin:{url.name}", kwargs=arguments(url, row.pk if row else 1))
        for method in getattr(url.callback, "methods", ["GET"]):
            yield Way(model_admin, method, where, needs)


def arguments(url: URLPattern, key: int) -> dict[str, Any]:
    """For the arguments in an address: a date where they are called so, else a row's key."""
    return {name: "2026-06-30" if name in ("day", "date") else key for name in url.pattern.regex.groupindex}


def address(model_admin: "admin.ModelAdmin[Any]", page: str, args: Any = ()) -> str:
    return reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_{page}", args=args)


def every_page() -> list[str]:
    """All that can be read: what the ways read, the site's own pages, searches, pop-ups and autocompletion."""
    found = [way.url for way in all_ways() if way.method == "GET"]
    found += [reverse(f"admin:{name}") for name in ("index", "password_change", "jsi18n")]
    found += [
        reverse("admin:app_list", args=[app]) for app in ("papers", "recommender", "subscriptions", "axes", "auth")
    ]
    for model_admin in admin.site._registry.values():
        listed = address(model_admin, "changelist")
        found += [f"{listed}?q=zyzz", f"{listed}?_popup=1", f"{listed}?all="]
        found += list(related(model_admin))
    return found


def related(model_admin: "admin.ModelAdmin[Any]") -> Iterator[str]:
    """Whatever a field of this model could be completed to, and the public page of its row."""
    opts = model_admin.opts
    for one in opts.get_fields():
        if one.is_relation and not one.auto_created:
            query = f"app_label={opts.app_label}&model_name={opts.model_name}&field_name={one.name}"
            yield f"{reverse('admin:autocomplete')}?{query}&term="
    from django.contrib.contenttypes.models import ContentType

    row = model_admin.model._default_manager.first()
    if row:
        yield reverse("admin:view_on_site", args=[ContentType.objects.get_for_model(row).pk, row.pk])


def words_in(answer: HttpResponse, words: tuple[str, ...]) -> list[str]:
    text = answer.content.decode(errors="replace").lower() + str(answer.headers).lower()
    return [word for word in words if word in text]
