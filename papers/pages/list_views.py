from datetime import date, timedelta
from difflib import get_close_matches

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from papers import shared_clock
from papers.citations.formats import FORMATS
from papers.editions.lists import DAYS, Front, Listing, Span, first_day, front, span_named
from papers.feeds.announcement_status import edition_header
from papers.models import Edition, Topic
from papers.pages import addresses
from papers.pages.kept import Part, kept, kept_part
from papers.pages.paging import Pages
from papers.pages.scripted import wants_part
from papers.text.words import FIELD_LABELS
from papers.trends import orders

RECENT_DAYS = 30
LIKE_IT = 5  # topics that are named in place of one that is not there


@require_safe
@vary_on_headers("HX-Request")
def home(request: HttpRequest) -> HttpResponse:
    """Show today's list beneath the form, which alone is made for each visitor."""
    listed = _list(request)
    return _part(listed) if wants_part(request) else render(request, "papers/home.html", {"listed": listed})


@require_safe
@vary_on_headers("HX-Request")
def field(request: HttpRequest, field: str) -> HttpResponse:
    if field not in FIELD_LABELS:
        return render(request, "papers/unknown_field.html", {"asked": field, "fields": FIELD_LABELS}, status=404)
    listed = _list(request, field)
    if wants_part(request):
        return _part(listed)
    return render(request, "papers/field.html", {"listed": listed, "field": field})


def _part(listed: Part) -> HttpResponse:
    return HttpResponse(listed.html)


def _list(request: HttpRequest, field: str = "") -> Part:
    asked = request.GET.get("span", ""), request.GET.get("page", "")

    def make() -> Part:
        context = _list_context(request, field)
        html, head = (
            render_to_string(name, context, request) for name in ("papers/_trending.html", "papers/_list_head.html")
        )
        edition = context["edition"]
        return Part(html, head, edition.date if isinstance(edition, Edition) else None)

    return kept_part(request, ("list", field, *asked), make)


def _list_context(request: HttpRequest, field: str = "") -> dict[str, object]:
    now, span = shared_clock.now(), span_named(request.GET.get("span", ""))
    shown = front(now)
    listing = Listing(span, shown.of(span), field)
    page, beyond = Pages(listing).asked(request.GET.get("page", ""))
    return {
        "span": span,
        "spans": Span,
        "field": field,
        "fields": FIELD_LABELS,
        "page": page,
        "edition": listing.edition,
        "front": shown,
        "before": orders.before(listing, now),
        "list_url": addresses.of_list(field),
        "feed_url": addresses.of_feed(field),
        "file_url": addresses.of_file(field),
        "formats": FORMATS,
        "beyond": beyond,
        "wider": None if page.object_list else _wider(listing, shown),
        "edition_header": edition_header((), now) if span == Span.TODAY else None,
    }


def _wider(listing: Listing, shown: Front) -> Span | None:
    """Return the next longer span that has papers, for a list that has none."""
    longer = [span for span in Span if DAYS[span] > DAYS[listing.span]]
    return next((span for span in longer if len(Listing(span, shown.of(span), listing.field))), None)


@require_safe
@kept
def topics(request: HttpRequest) -> HttpResponse:
    return render(request, "papers/topics.html", {"since": _recently(), "days": RECENT_DAYS})


@require_safe
@kept
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    found = Topic.objects.called(slug)
    if found is None:
        retired = Topic.objects.filter(slug=slug).first()
        context = {"asked": slug.replace("-", " ")[:100], "like_it": _like(slug), "retired": retired}
        return render(request, "papers/unknown_topic.html", context, status=410 if retired else 404)
    if found.slug != slug:
        return addresses.moved(request, "topic", found.slug)
    return render(request, "papers/topic.html", {"topic": found, **_topic_context(request)})


def _topic_context(request: HttpRequest) -> dict[str, object]:
    span = span_named(request.GET.get("span", ""), Span.MONTH)
    since, page = first_day(span, shared_clock.now()), request.GET.get("page", "")
    return {"span": span, "spans": Span, "since": since, "asked_page": page, "formats": FORMATS}


def _like(slug: str) -> list[Topic]:
    """Return topics with nearly such a name, or with a word of it, for one that was renamed or misspelt."""
    topics = {topic.slug: topic for topic in Topic.objects.offered()}
    words = set(slug.split("-"))
    near = [*get_close_matches(slug[:100], topics, LIKE_IT), *(one for one in topics if words & set(one.split("-")))]
    return [topics[one] for one in dict.fromkeys(near)][:LIKE_IT]


def _recently() -> date:
    return timezone.localdate() - timedelta(days=RECENT_DAYS)
