from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from papers.feeds import feed_states
from papers.trends.trend_facts import what_is_usual


def site(request: HttpRequest) -> dict[str, object]:
    """Return the context of every page; the template calls showing_sample, so that other pages ask nothing."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "has_mailbox": settings.EMAIL_BACKEND.endswith(".MailboxBackend"),
        "showing_sample": feed_states.showing_sample,
    }


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "papers/about.html")


@require_safe
def about_trending(request: HttpRequest) -> HttpResponse:
    return render(request, "papers/about_trending.html", what_is_usual())
