"""The pages of staff that curators and operators work on, with decisions of every kind, and the way in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page

from papers.editions import curation
from papers.editions.lists import newest_edition
from papers.models import EditionEntry, FeedState, Topic, Verb
from recommender.candidates import kept_stretch
from subscriptions.curating import reach
from subscriptions.models import Run, Subscriber
from subscriptions.operations.charts import counting
from subscriptions.staff.sign_in import BACKEND
from tests.screenshots.shots import Shot

REFUSED = "HTTP 503 at rss.arxiv.org/rss/" + "cs.LG+" * 40
NOTE = "Read this one first: it says why the others fail, and what to do about it. " * 3


def pages(now: datetime) -> dict[str, Shot]:
    """Decide about the newest edition, and return the pages on which that is done."""
    edition = newest_edition(now)
    assert edition
    kept_stretch.forget()
    clara = User.objects.create_superuser("clara-of-the-desk")
    noted, hidden, merged, open_one = EditionEntry.objects.filter(edition=edition, paper__withdrawn_on=None)[:4]
    curation.act(noted, Verb.FEATURE, by=clara, now=now)
    curation.note(noted, NOTE, by=clara, now=now)
    curation.act(hidden, Verb.HIDE, by=clara, now=now)
    curation.merge(merged, noted, by=clara, now=now)
    reach.refresh(now)
    topic, other = Topic.objects.filter(slug__in=["reinforcement-learning", "robot-learning"]).order_by("slug")
    counting.count(now)
    desk = reverse("admin:edition-desk", args=[edition.pk])
    addresses = {
        "front": reverse("admin:index"),
        "desk": desk,
        "desk-merge": f"{desk}?merge={open_one.pk}",
        "desk-nothing": f"{desk}?field=nowhere",
        "desk-readers": reverse("admin:edition-effects", args=[edition.pk]),
        "editions": reverse("admin:papers_edition_changelist"),
        "entries": reverse("admin:papers_editionentry_changelist"),
        "topics": reverse("admin:papers_topic_changelist"),
        "topic": reverse("admin:papers_topic_change", args=[topic.pk]),
        "topic-merge": f"{reverse('admin:topic-merge', args=[topic.pk])}?into={other.pk}",
        "topics-import": reverse("admin:topic-import"),
        "charts": reverse("admin:charts"),
        "charts-of-months": f"{reverse('admin:charts')}?range=183",
    }
    shown = addresses | of_operators(now)
    return {f"staff-{name}": Shot(path, _signed_in(clara, path)) for name, path in shown.items()}


def of_operators(now: datetime) -> dict[str, str]:
    """Return where operators look: at days of mail, at sources, and at one reader."""
    FeedState.objects.create(source="arxiv", category="cs.LG", error=REFUSED, last_success_at=now - timedelta(days=9))
    newest, reader = Run.objects.order_by("-hour").first(), Subscriber.objects.order_by("pk")[0].pk
    day = (newest.hour if newest else now).date()
    lists = {"days": "subscriptions_run", "sources": "papers_feedstate", "readers": "subscriptions_subscriber"}
    return {name: reverse(f"admin:{model}_changelist") for name, model in lists.items()} | {
        "day": reverse("admin:run-day", args=[day.isoformat()]),
        "control": reverse("admin:subscriptions_control_changelist"),
        "reader": reverse("admin:subscriber-reader", args=[reader]),
        "why": reverse("admin:subscriber-why", args=[reader]),
    }


def _signed_in(user: User, path: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": urljoin(page.url, "/")}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        page.goto(path)
        page.wait_for_load_state("networkidle")

    return go
