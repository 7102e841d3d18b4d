"""Every address that the site answers at, and what is read there: found in the URL conf, the views and the pages."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from django import forms
from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

OURS = re.compile(
    r"(papers|recommender|subscriptions)\b.*(views|development|control_admin|forms|fields|subscribing|desk)\b"
)
READ = re.compile(r'(?:request\.(?:GET|POST|FILES)\.(?:get|getlist)\(|\(request, )"(\w+)"|"([\w-]+)" in request\.POST')
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)+|\([^)]*\)\??")
LOOKUPS = ("exact", "in", "isnull", "gte", "lt", "year", "month", "day", "icontains", "contains", "regex", "range")
OF_A_LIST = ("q", "p", "o", "all", "e", "_popup", "_to_field", "_changelist_filters", "id__in", "pk__exact", "_facets")
OF_A_CHOICE = ("term", "app_label", "model_name", "field_name", "page", "action", "_selected_action", "index", "next")
OF_A_CHOICE += ("select_across", "post", "delete_confirmation_max_display", "form-TOTAL_FORMS", "form-0-id", "_save")


@dataclass(frozen=True)
class Target:
    """A pattern of the URL conf; its path has a gap {name} for each parameter."""

    name: str
    path: str
    parameters: tuple[str, ...]  # of the path
    fields: tuple[str, ...]  # of the query and of forms
    model: type[Model] | None = field(default=None, compare=False)

    @property
    def is_in_admin(self) -> bool:
        return self.name.startswith("admin:")


def targets() -> list[Target]:
    found = {target.path: target for target in _walk(get_resolver().url_patterns, "/", "")}
    return [*found.values(), Target("static", "/static/{file}", ("file",), ())]


def _walk(patterns: list[URLPattern | URLResolver], prefix: str, namespace: str) -> Iterator[Target]:
    for one in patterns:
        route = prefix + re.sub(r"\\(.)|[\^$]", r"\1", str(one.pattern))
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, route, one.namespace or namespace)
            continue
        gaps = (match[1] or match[2] or "rest" for match in PARAMETER.finditer(route))
        names = tuple(name if name != "name" else "mail" for name in gaps)
        remaining = iter(names)
        path = PARAMETER.sub(lambda match, left=remaining: f"{{{next(left)}}}", route)
        model = _model_of(one)
        yield Target(f"{namespace}:{one.name}", path, names, fields_of(model, namespace), model)


def _model_of(pattern: URLPattern) -> type[Model] | None:
    """The admin's views remember whose they are."""
    owner = getattr(pattern.callback, "model_admin", None)
    return owner.model if isinstance(owner, ModelAdmin) else None


def fields_of(model: type[Model] | None, namespace: str) -> tuple[str, ...]:
    if namespace != "admin":
        return tuple(sorted({*read_by_views(), *read_by_forms(forms.BaseForm)}))
    if model is None:
        return (*OF_A_LIST, *OF_A_CHOICE, "username", "password")
    return tuple(sorted({*OF_A_LIST, *OF_A_CHOICE, *asked_of(admin.site.get_model_admin(model))}))


def read_by_views() -> set[str]:
    """The names that our views look up in a request."""
    files = [Path(str(module.__file__)) for name, module in sys.modules.items() if OURS.match(name)]
    return {name for file in files for pair in READ.findall(file.read_text()) for name in pair if name}


def read_by_forms(kind: type[forms.BaseForm]) -> set[str]:
    ours = set(getattr(kind, "base_fields", ())) if OURS.match(kind.__module__) else set()
    return ours.union(*(read_by_forms(one) for one in kind.__subclasses__()))


def asked_of(model_admin: "ModelAdmin[Model]") -> set[str]:
    """What a list of the admin can be narrowed by."""
    listed = [one[0] if isinstance(one, tuple) else one for one in model_admin.list_filter]
    narrowed = [str(one) for one in (*listed, model_admin.date_hierarchy, "id") if one]
    return {f"{name}__{lookup}" for name in narrowed for lookup in LOOKUPS}


class Inputs(HTMLParser):
    """The forms of a page: for each its action, and what it would send if nobody touched it."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self._text: str | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append((found.get("action", ""), []))
        elif not self.forms:
            return
        elif tag in {"input", "button"} and found.get("name"):
            self.forms[-1][1].append((found["name"], found.get("value", "on")))
        elif tag in {"textarea", "select"}:
            self._select = found.get("name", "")
            self.forms[-1][1].append((self._select, ""))
        elif tag == "option" and self._select:
            self.forms[-1][1].append((self._select, found.get("value", "")))


def inputs_of(page: str) -> list[tuple[str, list[tuple[str, str]]]]:
    parser = Inputs()
    parser.feed(page)
    return parser.forms
