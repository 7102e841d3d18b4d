"""Topics as a file, in the admin: to be had, and to be read once a curator has seen what that changes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from papers.admin_rights import GuardedAdmin
from papers.editions import topic_files
from papers.editions.topic_files import Changed, FileUnusable, Plan
from papers.models import Paper

LABELS = {"is_active": "offered"}
MEANWHILE = "Somebody changed topics while you looked: here is what the file would change now."


class FileForm(forms.Form):
    """The file, and after the first look what was in it."""

    file = forms.FileField(required=False, allow_empty_file=True, label="File of topics (JSON)")
    text = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def data_of(self) -> bytes:
        """Return the bytes to be read, b'' where nothing was sent."""
        file = self.cleaned_data.get("file")
        if file is None:
            return bytes(self.cleaned_data.get("text", "").encode())
        return bytes(file.read(topic_files.MOST_BYTES + 1))


def export() -> HttpResponse:
    """Answer with all topics as a file."""
    headers = {"Content-Disposition": 'attachment; filename="topics.json"'}
    return HttpResponse(topic_files.write(), content_type="application/json", headers=headers)


def read(model_admin: GuardedAdmin, request: HttpRequest) -> HttpResponse:
    """Ask for a file, show what it would change, and with the button for that change it."""
    form = FileForm(request.POST or None, request.FILES or None)
    context = model_admin.admin_site.each_context(request) | {"opts": model_admin.opts, "title": "Import topics"}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            entries = topic_files.read(form.data_of())
            if form.cleaned_data["seen"] and _is_applied(model_admin, request, entries, form.cleaned_data["seen"]):
                return redirect("admin:papers_topic_changelist")
            context |= _previewed(entries)
        except FileUnusable as error:
            context["problem"], status = str(error), 400
    return TemplateResponse(request, "admin/papers/topic/import.html", context | {"form": FileForm()}, status=status)


def _is_applied(model_admin: GuardedAdmin, request: HttpRequest, entries: list[dict[str, Any]], seen: str) -> bool:
    """Store it and log each topic; False where the topics are not those that the curator saw."""
    try:
        with transaction.atomic():
            done = topic_files.apply(entries, seen)
            for change in done.changes:
                flag = ADDITION if change.is_new else CHANGE
                what = (
                    "Added by a file." if change.is_new else f"Changed {', '.join(_labels(change.fields))} by a file."
                )
                model_admin.record(request, [change.topic], flag, what)
    except Changed:
        model_admin.message_user(request, MEANWHILE, messages.WARNING)
        return False
    model_admin.message_user(request, _told(done), messages.SUCCESS)
    return True


def _previewed(entries: list[dict[str, Any]]) -> dict[str, Any]:
    plan = topic_files.plan(entries)
    form = FileForm(initial={"text": topic_files.as_text(entries), "seen": plan.stored})
    return {"plan": plan, "confirm": form, "rows": _rows(plan), "not_here": _not_here(plan)}


def _rows(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "topic": change.topic,
            "is_new": change.is_new,
            "fields": [
                (label, *map(_shown, values))
                for label, values in zip(_labels(change.fields), change.fields.values(), strict=True)
            ],
        }
        for change in plan.changes
    ]


def _labels(fields: dict[str, Any]) -> list[str]:
    return [LABELS.get(name, name) for name in fields]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _not_here(plan: Plan) -> list[str]:
    """Return the named examples that are not stored: they count from the day on which they come."""
    named = {one for change in plan.changes for one in (*change.topic.examples, *change.topic.counterexamples)}
    return sorted(named - set(Paper.objects.filter(identifier__in=named).values_list("identifier", flat=True)))


def _told(done: Plan) -> str:
    new = sum(change.is_new for change in done.changes)
    return f"Read: {new} new, {len(done.changes) - new} changed, {done.unchanged} as before."
