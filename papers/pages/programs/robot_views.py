"""What programs that read the whole site ask for."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from papers.pages.programs import revalidation, sitemaps

XML = "application/xml; charset=utf-8"
KEPT = "public, max-age=3600"
FURTHEST = 1_000_000  # the number of a file that no database reaches, and every column of one holds


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "robots.txt", content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    return _answer(request, sitemaps.index(), None)


@require_safe
def sitemap_lists(request: HttpRequest) -> HttpResponseBase:
    return _answer(request, sitemaps.lists(), None)


@require_safe
def sitemap_papers(request: HttpRequest, number: int) -> HttpResponseBase:
    found = sitemaps.papers(number) if number < FURTHEST else None
    if found is None:
        raise Http404("There is no such part: /sitemap.xml lists them.")
    return _answer(request, *found)


def _answer(request: HttpRequest, body: bytes, changed: datetime | None) -> HttpResponseBase:
    return revalidation.answer(request, body, XML, changed=changed, cache_control=KEPT)
