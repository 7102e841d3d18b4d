"""What all pages, buttons and actions of the admin have in common: the right they ask for, and an entry in the log."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Field, JSONField, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from papers.admin_lists import CountedDeletion, ShortChangeList, ShortPaginator, few_or_all, found_by, in_words
from papers.fields import TextsField

CONFIRMED_AT_ONCE = 500  # rows: each is a field of the form that confirms, and Django takes 1,000
READING = ("GET", "HEAD")

Rows = QuerySet[Any]
Asks = Callable[..., bool]


def asks_for(verb: str) -> Asks:
    """Make the has_…_permission of a right that is not one of Django's four, such as erase_subscriber."""

    def has_permission(self: Any, request: HttpRequest, obj: Any = None) -> bool:
        right = f"{self.opts.app_label}.{get_permission_codename(verb, self.opts)}"
        return bool(request.user.has_perm(right))

    return has_permission


def needs(*verbs: str) -> Callable[[Callable[..., HttpResponse]], Any]:
    """Open a page of an admin only to those who have all of these rights on its model, such as view and preview."""

    def decorate(view: Callable[..., HttpResponse]) -> Any:
        @wraps(view)
        def guarded(self: "GuardedAdmin", request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not all(getattr(self, f"has_{verb}_permission")(request) for verb in verbs):
                raise PermissionDenied
            return view(self, request, *args, **kwargs)

        vars(guarded)["allowed_permissions"] = verbs
        return guarded

    return decorate


def page(
    route: str, name: str, *, permissions: Sequence[str], methods: Sequence[str] = READING
) -> Callable[[Callable[..., HttpResponse]], Any]:
    """Make a method an extra page of its admin, for those who have all of these rights; its URL is in the admin."""

    def decorate(view: Callable[..., HttpResponse]) -> Any:
        @needs(*permissions)
        @wraps(view)
        def answer(self: "GuardedAdmin", request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return (
                view(self, request, *args, **kwargs) if request.method in methods else HttpResponseNotAllowed(methods)
            )

        vars(answer).update(route=route, page_name=name, methods=tuple(methods))
        return answer

    return decorate


def confirmed(question: str, button: str, *, only: Callable[[Rows], Rows] = lambda rows: rows) -> Callable[[Any], Any]:
    """Let an action that cannot be undone first list the rows that it would change; a second POST carries it out.

    only narrows the chosen rows to those that the action can do something for.
    """

    def decorate(act: Callable[..., None]) -> Any:
        @wraps(act)
        def ask_first(self: "GuardedAdmin", request: HttpRequest, queryset: Rows) -> HttpResponse | None:
            rows = only(queryset)
            count = rows.count()
            if not count:
                self.message_user(request, "There is nothing that this could be done to.", messages.WARNING)
                return None
            if count > CONFIRMED_AT_ONCE:
                much = f"{count} at once are too many to look through: choose at most {CONFIRMED_AT_ONCE}."
                self.message_user(request, much, messages.ERROR)
                return None
            if request.POST.get("confirm") == "yes":
                act(self, request, rows)
                return None
            return self.question(request, rows, {"action": act.__name__, "question": question, "button": button})

        return ask_first

    return decorate


class GuardedAdmin(CountedDeletion):
    """The base of all our admins: extra pages are methods under @page; the log says what an action did to each row."""

    # Whatever of ours can be edited and is JSON is a list of texts.
    formfield_overrides: "ClassVar[dict[type[Field[Any, Any]], dict[str, Any]]]" = {
        JSONField: {"form_class": TextsField}
    }

    paginator = ShortPaginator
    list_per_page = 50
    show_full_result_count = False
    unlisted: Sequence[str] = ()  # columns that lists do not read

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ShortChangeList]:
        return ShortChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search row by row, without joins."""
        fields = self.get_search_fields(request)
        if not (fields and search_term.strip()):
            return queryset, False
        return queryset.filter(few_or_all(self.model, found_by(self.model, fields, search_term))), False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Say below the field what a search finds, where the list does not say it itself."""
        listed = super().get_changelist_instance(request)
        listed.search_help_text = listed.search_help_text or in_words(self.model, self.get_search_fields(request))
        return listed

    def get_ordering(self, request: HttpRequest) -> Any:
        """Put the newest first where no order is given: pages of rows without an order would overlap."""
        return super().get_ordering(request) or self.opts.ordering or ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        own = [getattr(self, name) for name in dir(type(self)) if hasattr(getattr(type(self), name), "route")]
        pages = [path(view.route, self.admin_site.admin_view(view), name=view.page_name) for view in own]
        return [*pages, *super().get_urls()]

    def question(self, request: HttpRequest, rows: Rows, words: dict[str, str]) -> HttpResponse:
        context = self.admin_site.each_context(request) | words | {"rows": rows, "opts": self.opts, "media": self.media}
        return TemplateResponse(request, "admin/confirm_action.html", context | {"title": "Are you sure?"})

    def do_each(self, request: HttpRequest, rows: Iterable[Any], act: Callable[[Any], object], message: str) -> int:
        """Act on each row and enter that into the log, both or neither; return the number of rows changed."""
        done = 0
        for row in rows:
            with transaction.atomic():
                if act(row):
                    self.record(request, [row], CHANGE, message)
                    done += 1
        return done

    def name_in_log(self, row: Model) -> str:
        return str(row)

    def record(self, request: HttpRequest, rows: Iterable[Model], flag: int, message: Any) -> list[LogEntry]:
        """Enter into the admin's log who did what to which rows; message is a text or Django's list of changes."""
        entries = [
            LogEntry(
                user_id=request.user.pk or 0,
                content_type=get_content_type_for_model(row),
                object_id=str(row.pk),
                object_repr=self.name_in_log(row)[:200],
                action_flag=flag,
                change_message=json.dumps(message) if isinstance(message, list) else message,
            )
            for row in rows
        ]
        return LogEntry.objects.bulk_create(entries)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        return self.record(request, [obj], ADDITION, message)[0]

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        return self.record(request, [obj], CHANGE, message)[0]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[LogEntry]:
        return self.record(request, queryset, DELETION, "")


class ReadOnly:
    """Admin of rows that the service receives, records or computes: they are looked at, never edited."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
