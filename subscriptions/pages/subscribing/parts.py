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
from subscriptions.interests import term_hits
from subscriptions.interests.term_hits import TermHits
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
TERMS = ("excluded_terms", "required_terms")
NOTED = (*FIELDS.values(), *TERMS)  # fields with something to tell beside them
Met = Mapping[str, list[TermHits]]  # by the name of a field, what its terms meet


def shown(request: HttpRequest, form: InterestsForm, now: datetime) -> dict[str, Any]:
    """Return the context of `_digest_preview.html` and of the notes at the fields, for a form that was looked at."""
    form.is_valid()  # whatever it says: of a form with faults the rest is previewed
    wishes = form.wishes() if form.is_bound else Wishes()
    terms = {name: words for name in TERMS if (words := getattr(wishes, name))}
    if not (wishes.name_interests() or terms):
        return {}
    if not may_preview(request):
        return {"note": ENOUGH}
    plurals = wishes.term_plurals is not False
    met = {name: term_hits.hits(words, now.date(), plurals=plurals) for name, words in terms.items()}
    if not wishes.name_interests():
        return {"met": met}
    return {"met": met} | told(preview(wishes, now, whose=client_address.network(request)), request)


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


def notes(
    form: InterestsForm, context: Mapping[str, Any]
) -> list[tuple[str, BoundField, list[Volume], list[TermHits]]]:
    """Return the places on the page where fields tell something, with what their interests bring and terms meet."""
    volumes, met = context.get("volumes", {}), context.get("met", {})
    return [(name, form[name], volumes.get(name, []), met.get(name, [])) for name in NOTED if name in form.fields]


def deciding(form: InterestsForm, met: Met) -> list[tuple[BoundField, list[TermHits]]]:
    """Return the fields of terms, each with what those in it meet."""
    return [(form[name], met.get(name, [])) for name in TERMS]
