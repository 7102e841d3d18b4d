"""A system check: nothing stands in the admin that does not say which right it asks for."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.checks import CheckMessage, Error, Tags, register
from django.urls import URLPattern

VIEWS = ("changelist_view", "changeform_view", "add_view", "change_view", "delete_view", "history_view")
STOCK = ("changelist", "add", "history", "delete", "change", "password_change")  # each asks by itself
HINT = (
    "Give an action permissions=[…], and make a page with @page or @needs of papers.admin_rights; a right that is not"
    " one of Django's four is made by asks_for and stands in the model's Meta.permissions."
)


@register(Tags.admin)
def everything_in_the_admin_names_its_right(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each action, page or view of the admin that names no right."""
    return [
        Error(f"{type(model_admin).__name__}: {what} names no right that it needs.", hint=HINT, id="papers.E001")
        for model_admin in admin.site._registry.values()
        for what in undeclared(model_admin)
    ]


def undeclared(model_admin: "admin.ModelAdmin[Any]") -> Iterator[str]:
    """Yield our own actions, pages and views of an admin that anybody who is let in could use."""
    actions = model_admin._get_base_actions()  # type: ignore[attr-defined]  # with those of the whole site
    yield from (f"the action {name}" for act, name, _ in actions if not _declared(act))
    yield from (f"the page {url.pattern}" for url in own_urls(model_admin) if not _declared(url.callback))
    views = {name: getattr(type(model_admin), name) for name in VIEWS}
    ours = {name: view for name, view in views.items() if not view.__module__.startswith("django.")}
    yield from (f"the view {name}" for name, view in ours.items() if not _declared(view))


def own_urls(model_admin: "admin.ModelAdmin[Any]") -> list[URLPattern]:
    """Return an admin's pages besides those that Django gives to every model."""
    prefix = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_"
    stock = {prefix + name for name in STOCK} | {None}  # the one without a name redirects to the change page
    return [url for url in model_admin.get_urls() if url.name not in stock]


def _declared(callback: object) -> bool:
    return bool(getattr(callback, "allowed_permissions", None))
