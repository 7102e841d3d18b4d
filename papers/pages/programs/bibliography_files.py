"""Papers of a list as a file for a bibliography."""

from collections.abc import Iterable
from typing import Protocol

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from papers.citations.formats import FORMATS
from papers.editions.lists import Listing, Span, front, span_named
from papers.models import Paper
from papers.shared_clock import now
from papers.text.words import FIELD_LABELS

MOST = 100  # papers of a list, the first ones


def respond(papers: Iterable[Paper], suffix: str, name: str) -> HttpResponse:
    """Answer with papers as a file of this name in the format of a suffix; raise Http404 where that is none."""
    if suffix not in FORMATS:
        raise Http404(f"There is no such file: these end in {', '.join(FORMATS)}.")
    form = FORMATS[suffix]
    response = HttpResponse(form.write(papers), content_type=form.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    return response


class Sliced(Protocol):
    """A list of which a part can be loaded."""

    def __getitem__(self, part: slice, /) -> list[Paper]: ...


def first(papers: Sliced) -> list[Paper]:
    return papers[:MOST]


@require_safe
def of_list(request: HttpRequest, suffix: str, field: str = "") -> HttpResponse:
    """Answer with the first papers of a list of the site."""
    if field and field not in FIELD_LABELS:
        raise Http404("There is no such field.")
    span = span_named(request.GET.get("span", ""))
    listing = Listing(span, front(now()).of(span), field)
    day = f"-{listing.edition.date}" if listing.edition else ""
    name = "-".join(filter(None, ["papers", field, "" if span == Span.TODAY else span.value]))
    return respond(first(listing), suffix, f"{name}{day}")
