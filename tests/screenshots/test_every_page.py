"""The pages that pictures are taken of: none is missing, each fits on a narrow phone and is for everybody."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test.signals import template_rendered
from django.utils.timezone import now
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from papers.editions import topics
from papers.models import Paper, Topic
from recommender.models import EmbeddingModel, PaperTopic, PaperVector, TopicVector
from recommender.vectors import unit
from subscriptions.people.wishes import Wishes
from tests.screenshots import odd_papers, readers, shots, staff
from tests.screenshots.shots import Shot
from tests.subscriptions.conftest import DIMENSION, PATIENCE, axis

PHONE, DESK = {"width": 320, "height": 800}, {"width": 1440, "height": 900}
OF_OTHERS = ("admin/", "emails/", "subscriptions/mailbox")  # of operators, in mails, and of development
OF_STAFF = ("admin/index.html", "admin/_today.html", "admin/_charts", "admin/charts.html", "admin/papers/")
# What an edit of a topic weighs takes a query encoder: the tests of topics in a browser look at it, at both widths.
LOOKED_AT_ELSEWHERE = {"admin/papers/topic/_weighed.html"}

BEYOND = """width => [...document.querySelectorAll("body *")]
    .findLast(one => one.getBoundingClientRect().right > width)?.outerHTML"""

LINES = """menu => new Set([...document.querySelectorAll(menu + " li")]
    .filter(one => one.offsetParent).map(one => one.offsetTop)).size"""
SETTLED = "() => Promise.all(document.getAnimations().map(one => one.finished.catch(() => null)))"
MENUS = {".masthead": 1, ".own": 3}  # and how many lines of a phone each may take; on a desk it is one


class Seen(NamedTuple):
    """What a walk over all pages has met."""

    templates: set[str]
    wide: list[str]
    closed: list[str]  # to some people, by axe's rules


@pytest.fixture
def pages(transactional_db: None) -> dict[str, Shot]:
    """The odd papers, each near to a topic of its own, and readers who follow three of these."""
    topics.load()
    odd_papers.store(now())
    model = EmbeddingModel.objects.create(name="test", dimension=DIMENSION, serving=True)
    for number, topic in enumerate(Topic.objects.order_by("position")):
        TopicVector.objects.create(topic=topic, model=model, vector=axis(number % DIMENSION), text_hash=b"x" * 16)
    for number, paper in enumerate(Paper.objects.order_by("identifier")):
        vector = unit(axis(number % 2) + 0.7 * axis(2 + number % 6))
        PaperVector.objects.create(
            paper=paper, model=model, vector=vector, text_hash=b"x" * 16, paper_updated_at=paper.updated_at
        )
        PaperTopic.objects.create(topic=Topic.objects.get(slug="reinforcement-learning"), paper=paper, similarity=0.5)
    followed = Topic.objects.order_by("position").values_list("pk", flat=True)[:2]
    visitors = shots.of_visitors() | readers.pages(Wishes(topics=tuple(followed)), now())
    return visitors | staff.pages(now())


@pytest.fixture
def phone(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    with chromium.new_context(base_url=live_server.url, viewport=PHONE, reduced_motion="reduce") as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


def test_every_page_is_in_the_list_fits_on_a_phone_and_is_for_everybody(phone: Page, pages: dict[str, Shot]) -> None:
    seen = walk(phone, pages)
    assert seen.wide == []
    assert seen.closed == []
    assert templates() - seen.templates == LOOKED_AT_ELSEWHERE


def walk(page: Page, pages: dict[str, Shot]) -> Seen:
    seen = Seen(set(), [], [])

    def note(template: object, **more: object) -> None:
        seen.templates.add(str(getattr(template, "name", "")))

    template_rendered.connect(note)
    try:
        for name, shot in pages.items():
            page.context.clear_cookies()
            page.emulate_media(color_scheme="light")
            page.goto(shot.path)
            shot.then(page)
            page.wait_for_load_state()
            look_at(page, name, seen)
    finally:
        template_rendered.disconnect(note)
    return seen


def look_at(page: Page, name: str, seen: Seen) -> None:
    """As it stands, with all its details open, and in the dark; at last its menus on a desk."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
        seen.wide.append(f"{name}: {page.evaluate(BEYOND, PHONE['width'])}")
    seen.wide.extend(f"{name}: {menu} breaks" for menu, most in MENUS.items() if page.evaluate(LINES, menu) > most)
    faults = Axe().run(page).response["violations"]
    page.emulate_media(color_scheme="dark")
    page.evaluate(SETTLED)
    faults += Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    seen.closed.extend(f"{name}: {fault['id']} {fault['nodes'][0]['html']}" for fault in faults)
    page.set_viewport_size(DESK)
    seen.wide.extend(f"{name}: {menu} breaks on a desk" for menu in MENUS if page.evaluate(LINES, menu) > 1)
    page.set_viewport_size(PHONE)


def templates() -> set[str]:
    folder = Path(settings.BASE_DIR) / "templates"
    names = {str(path.relative_to(folder)) for path in folder.rglob("*.html")}
    return {name for name in names if name.startswith(OF_STAFF) or not name.startswith(OF_OTHERS)}
