"""A curator edits a topic by keyboard alone and sees the papers that it wins and loses; without scripts."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from papers.models import Paper, Topic
from recommender.embedding import embed, topic_assignment
from recommender.embedding.embed import topic_text
from recommender.encoding import query_encoder
from recommender.models import PaperTopic, PaperVector
from recommender.vectors import unit
from tests.subscriptions.builder.conftest import encoder_answers, tiny_model, world
from tests.subscriptions.conftest import PATIENCE
from tests.subscriptions.staff.conftest import staff

__all__ = ["encoder_answers", "tiny_model", "world"]  # fixtures
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world", "encoder_answers")]
DESK = {"width": 1440, "height": 900}
MOST_TABS = 150
EDIT = "quantum error correction code for a noisy processor"
FOCUSED = "document.activeElement.innerText || document.activeElement.value || ''"


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer, client: Client) -> Iterator[Page]:
    client.force_login(staff("clara", group="curator"))
    cookie = client.cookies["sessionid"].value
    with chromium.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport=DESK, reduced_motion="reduce"
    ) as context:
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        yield context.new_page()


@pytest.fixture(autouse=True)
def _torn(world: list[Paper], encoder_answers: None) -> None:
    Topic.objects.filter(slug__in=["topic-2", "topic-3"]).update(is_active=False)
    tear(world)


def tear(world: list[Paper]) -> None:
    """One topic, six papers that its words bring, and six that other words would."""
    own = Topic.objects.get(slug="topic-0")
    old, new = query_encoder.encode([topic_text(own), f"{own.name}. {EDIT}"])
    for number, row in enumerate(PaperVector.objects.filter(paper__in=world).order_by("-paper")[:12]):
        aim, other = (new, old) if number % 2 else (old, new)
        PaperVector.objects.filter(pk=row.pk).update(vector=unit(aim - (aim @ other) * other))
    topic_assignment.assign_all(embed.serving_model())  # type: ignore[arg-type]


def tab_to(page: Page, selector: str) -> None:
    """Press the tabulator until what this selector finds first is focused."""
    wanted = page.locator(selector).first
    for _ in range(MOST_TABS):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by the keyboard; last was {page.evaluate(FOCUSED)!r}")


def test_an_edit_is_seen_and_saved_without_scripts(page: Page) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "policy" in message.text.lower() else None)
    topic = Topic.objects.get(slug="topic-0")
    before = PaperTopic.objects.filter(topic=topic).count()
    page.goto("/admin/papers/topic/")
    tab_to(page, "th.field-name a:has-text('Robot')")
    page.keyboard.press("Enter")
    effect = page.locator("#effect")
    expect(effect).to_contain_text("Nothing changes")

    tab_to(page, "#id_description")
    page.keyboard.press("Control+A")
    page.keyboard.type(EDIT)
    tab_to(page, "input[name=_show]")
    page.keyboard.press("Enter")
    expect(effect).to_contain_text(re.compile(r"It wins \d+, loses \d+"))
    expect(effect).to_contain_text("Wins")
    expect(effect).to_contain_text("Loses")
    assert Topic.objects.get(pk=topic.pk).description == topic.description, "nothing is saved yet"

    tab_to(page, "#effect button[name=_belongs]")
    named = page.locator("#effect button[name=_belongs]").first.get_attribute("value")
    page.keyboard.press("Enter")
    expect(page.locator("#id_examples")).to_have_value(re.compile(str(named)))
    expect(page.locator("#id_description")).to_have_value(re.compile("quantum"))
    tab_to(page, "input[name=_save]")
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")
    topic.refresh_from_db()
    assert topic.examples == [named]
    embed.embed_missing(embed.serving_model().name)  # type: ignore[union-attr]
    assert PaperTopic.objects.filter(topic=topic, paper=Paper.objects.get(identifier=named)).exists()
    assert before
    assert refused == []
