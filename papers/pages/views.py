from datetime import date, timedelta

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from papers.feeds import feed_states
from papers.feeds.announcement_status import edition_header
from papers.models import Topic
from papers.pages.front_page import Span, front, span_named, trending
from papers.trends.trend_facts import what_is_usual

PAGE_SIZE = 30
RECENT_DAYS = 30


def site(request: HttpRequest) -> dict[str, object]:
    """Return the context of every page; the template calls showing_sample, so that other pages ask nothing."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "debug": settings.DEBUG,
        "showing_sample": feed_states.showing_sample,
    }


@require_safe
@vary_on_headers("HX-Request")
def home(request: HttpRequest) -> HttpResponse:
    span, shown = span_named(request.GET.get("span", "")), front(timezone.now())
    page = Paginator(trending(span, shown.of(span)), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"span": span, "spans": Span, "edition": shown.of(span), "front": shown, "page": page}
    context["edition_header"] = edition_header((), timezone.now()) if span == Span.TODAY else None
    return render(request, "papers/_trending.html" if wants_part(request) else "papers/home.html", context)


def wants_part(request: HttpRequest) -> bool:
    """Tell whether a script asks only for what changes; going back in history needs the whole page."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    return render(request, "papers/topics.html", {"since": _recently(), "days": RECENT_DAYS})


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Topic, slug=slug, is_active=True)
    return render(request, "papers/topic.html", {"topic": found, "since": _recently(), "days": RECENT_DAYS})


def _recently() -> date:
    return timezone.localdate() - timedelta(days=RECENT_DAYS)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "papers/about.html")


@require_safe
def about_trending(request: HttpRequest) -> HttpResponse:
    return render(request, "papers/about_trending.html", what_is_usual())


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "robots.txt", content_type="text/plain; charset=utf-8")
