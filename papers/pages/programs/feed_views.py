from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from papers.editions.lists import Listing, Span, front, span_named
from papers.pages import addresses
from papers.pages.programs import feeds
from papers.shared_clock import now
from papers.text.words import FIELD_LABELS


@require_safe
def feed(request: HttpRequest, form: str, field: str = "") -> HttpResponseBase:
    """Answer with the first papers of a list as a feed."""
    if field and field not in FIELD_LABELS:
        raise Http404("There is no such field.")
    span = span_named(request.GET.get("span", ""))
    papers = Listing(span, front(now()).of(span), field)[: feeds.MOST]
    title = f"trending {span.label.lower()}{f' in {FIELD_LABELS[field].lower()}' if field else ''}"
    asked = {} if span == Span.TODAY else {"span": span.value}
    return feeds.respond(request, form, papers, title=title, page=addresses.of_list(field), asked=asked)
