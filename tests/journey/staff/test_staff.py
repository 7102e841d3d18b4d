"""Both people's days in a real browser by the keyboard alone, from the password to the log.

One way of each in CI; JOURNEYS=all takes all twelve: three widths, light and dark, text as it is and twice as large.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from papers.models import Decision, Paper, Topic
from subscriptions.curating import reach
from subscriptions.models import Digest, Subscriber
from subscriptions.operations.charts import counting
from subscriptions.staff import second_factor
from tests.journey.combinations import HEIGHTS, THEMES, Combination
from tests.journey.hands import Keyboard
from tests.journey.staff.curator import Curator
from tests.journey.staff.operator import Operator
from tests.journey.staff.troubles import LATER, people
from tests.journey.watch import Watch
from tests.subscriptions.builder.conftest import encoder_answers, tiny_model, world
from tests.subscriptions.conftest import MORNING, PATIENCE
from tests.subscriptions.curating.test_topics_in_a_browser import tear
from tests.subscriptions.staff.conftest import PASSWORD, code_now, staff

__all__ = ["encoder_answers", "people", "tiny_model", "world"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)
ALL = [Combination("keyboard", *each) for each in product(HEIGHTS, THEMES, ("100 %", "text 200 %"))]  # type: ignore[arg-type]
DESK, PHONE = Combination("keyboard", 1440, "light", "100 %"), Combination("keyboard", 320, "dark", "text 200 %")
REPLACED = "/desk/effects/|/topic/"


def ways(usual: Combination) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("way", ALL if os.environ.get("JOURNEYS") == "all" else [usual], ids=str)


@contextmanager
def tab(chromium: Browser, live_server: LiveServer, way: Combination) -> Iterator[Page]:
    with chromium.new_context(base_url=live_server.url, **way.context | {"reduced_motion": "reduce"}) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        if way.size == "text 200 %":
            sizes = {"fontSizes": {"standard": 32, "fixed": 26}}
            context.new_cdp_session(page).send("Page.setFontSizes", sizes)
        yield page


@contextmanager
def watched(page: Page, url: str) -> Iterator[tuple[Page, Keyboard, Watch]]:
    hands, watch = Keyboard(page), Watch(page.context, url, replaced=REPLACED)
    try:
        yield page, hands, watch
    finally:
        faults = list(dict.fromkeys(watch.faults + hands.faults))
        assert faults == [], "\n".join(faults)


@ways(DESK)
def test_a_curators_five_minutes(
    chromium: Browser,
    live_server: LiveServer,
    world: list[Paper],
    encoder_answers: None,
    settings: Settings,
    way: Combination,
) -> None:
    settings.ADMIN_SECOND_FACTOR = True
    staff("oskar", group="curator")
    tear(world)
    with time_machine.travel(MORNING), tab(chromium, live_server, way) as page:
        reach.refresh(MORNING)
        with watched(page, live_server.url) as seen:
            Curator(*seen, "oskar", PASSWORD).whole_day()
    assert set(Decision.objects.values_list("verb", flat=True)) == {"feature", "hide", "note", "merge"}
    assert Topic.objects.filter(is_active=False).count() == 2


@ways(PHONE)
def test_an_operators_day(
    chromium: Browser, live_server: LiveServer, people: list[Subscriber], settings: Settings, way: Combination
) -> None:
    settings.ADMIN_SECOND_FACTOR = True
    oskar, secret = staff("oskar", group="operator"), second_factor.new_secret()
    with time_machine.travel(LATER - timedelta(minutes=5)):
        second_factor.enrol(oskar, secret, code_now(secret))
        counting.count(LATER)
    with time_machine.travel(LATER), tab(chromium, live_server, way) as page, watched(page, live_server.url) as seen:
        Operator(*seen, "oskar", PASSWORD, secret).whole_day()
    said = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert [one.partition(":")[0] for one in said if "Looked" not in one][:2] == ["Begin anew", "Give up"]
    assert not Digest.objects.filter(status="uncertain").exists()
    assert not Subscriber.objects.filter(pk=people[5].pk).exists()
