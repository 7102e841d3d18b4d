"""What the page shows beside the interests: the digest they bring, what changed in it, and how much each brings.

Sign-up and preferences share it: both give their form, whose wishes are previewed as they stand, saved or not.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.forms import BoundField
from django.http import HttpRequest

from subscriptions.builder.allowance import ENOUGH, may_preview
from subscriptions.builder.changes import changed
from subscriptions.builder.preview import EditionPreview, Preview, preview
from subscriptions.builder.volumes import Volume
from subscriptions.limits import client_address
from subscriptions.models import InterestKind
from subscriptions.pages.forms import InterestsForm
from subscriptions.people.wishes import Wishes

FIELDS = {  # by the kind of an interest: the field that names it
    InterestKind.TOPIC: "topics",
    InterestKind.TEXT: "text",
    InterestKind.PAPERS: "papers",
    InterestKind.AUTHOR: "authors",
    InterestKind.LAB: "labs",
    InterestKind.LIBRARY: "library",
}
NOTED = (*FIELDS.values(), "excluded_terms", "required_terms")  # fields with something to tell beside them


def shown(request: HttpRequest, form: InterestsForm, now: datetime) -> dict[str, Any]:
    """Return the context of `_digest_preview.html` and of the notes at the fields, for a form that was looked at."""
    form.is_valid()  # whatever it says: of a form with faults the rest is previewed
    wishes = form.wishes() if form.is_bound else Wishes()
    if not wishes.name_interests():
        return {}
    if not may_preview(request):
        return {"note": ENOUGH}
    return told(preview(wishes, now, whose=client_address.network(request)), request)


def told(made: Preview, request: HttpRequest) -> dict[str, Any]:
    """Return what both pages show of a preview, beside what was shown before."""
    return {"note": made.note, "volumes": _by_field(made.volumes)} | _edition(request, made)


def _by_field(volumes: Sequence[Volume]) -> Mapping[str, list[Volume]]:
    by_field: dict[str, list[Volume]] = defaultdict(list)
    for volume in volumes:
        by_field[FIELDS[InterestKind(volume.kind)]].append(volume)
    return dict(by_field)


def _edition(request: HttpRequest, made: Preview) -> dict[str, Any]:
    """Return the edition that was asked for, else the newest, and what changed in it since it was shown."""
    if not made.editions:
        return {}
    by_day = {edition.day.isoformat(): edition for edition in made.editions}
    edition = by_day.get(request.POST.get("day", ""), made.editions[0])
    context: dict[str, Any] = {"edition": edition, "days": list(by_day.values()), "shown": _as_shown(edition)}
    day, *identifiers = request.POST.get("shown", "").split() or [""]
    if day == edition.day.isoformat():
        context["change"] = changed(identifiers, edition)
    return context


def _as_shown(edition: EditionPreview) -> str:
    """Return what the page sends back with the next question, so that nothing has to be kept about who asks."""
    return " ".join([edition.day.isoformat(), *(card.identifier for card in edition.cards)])


def notes(form: InterestsForm, volumes: Mapping[str, list[Volume]]) -> list[tuple[str, BoundField, list[Volume]]]:
    """Return the places on the page where fields tell something, each with its field and what its interests bring."""
    return [(name, form[name], volumes.get(name, [])) for name in NOTED if name in form.fields]
