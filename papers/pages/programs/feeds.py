"""Papers of a list as entries of a feed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.http import urlencode

from papers.models import Paper
from papers.pages.syndication import ATOM, JSON, Entry, Feed, answer
from papers.periods import LONG_AGO
from papers.text.words import excerpt, web_url
from papers.trends.attention import midnight

FORMS = {"atom": ATOM, "json": JSON}
MOST = 50  # entries
AUTHORS = 30  # of an entry: some papers have three thousand
SUMMARY = 500  # characters


def entry(paper: Paper) -> Entry:
    """Return a paper as an entry; its page is its id, so that a new version is no new entry."""
    url = settings.SITE_URL + paper.get_absolute_url()
    days = [day for day in (paper.announced_on, paper.listed_on) if day]
    return Entry(
        id=url,
        url=url,
        title=paper.shown_title,
        updated=paper.updated_at,
        published=midnight(min(days)) if days else paper.created_at,
        authors=tuple(paper.shown_authors[:AUTHORS]),
        summary=excerpt(paper.shown_abstract, SUMMARY),
        tags=tuple(paper.categories),
        external_url=web_url(paper.source_url),
    )


def respond(
    request: HttpRequest,
    form: str,
    papers: Sequence[Paper],
    *,
    title: str,
    page: str,
    asked: Mapping[str, str | list[str]],
) -> HttpResponseBase:
    """Answer with papers as a feed in a form, atom or json; page is the path of their list, asked what narrows it.

    Raise Http404 for another form.
    """
    if form not in FORMS:
        raise Http404("There is no such feed: feeds end in .atom or .json.")
    query = f"?{urlencode(asked, doseq=True)}" if asked else ""
    own = f"{settings.SITE_URL}{request.path}{query}"
    feed = Feed(
        id=own,
        title=f"{settings.SITE_NAME}: {title}",
        url=f"{settings.SITE_URL}{page}{query}",
        feed_url=own,
        updated=max((paper.updated_at for paper in papers), default=LONG_AGO),
        author=settings.SITE_NAME,
        entries=tuple(map(entry, papers)),
        changed=max((_changed_at(paper) for paper in papers), default=LONG_AGO),
    )
    return answer(request, feed, FORMS[form])


def _changed_at(paper: Paper) -> datetime:
    """Return when a paper last changed, or its place."""
    return max(paper.updated_at, paper.trend_at or LONG_AGO)
