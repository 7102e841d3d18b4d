"""A reader's whole way in a real browser: by mouse, by keyboard, without scripts; small and large, light and dark.

Nine journeys, in which any two of these meet; JOURNEYS=all takes all fifty-four.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations as pairs
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from tests.journey.combinations import ALL, PAIRWISE, Combination
from tests.journey.hands import Keyboard, Mouse
from tests.journey.post import Post
from tests.journey.reader import Reader
from tests.journey.watch import Watch
from tests.make_run import Run, filled_folder
from tests.services import SmtpSink
from tests.subscriptions.conftest import PATIENCE

CHOSEN = ALL if os.environ.get("JOURNEYS") == "all" else PAIRWISE
MANY = dict.fromkeys(
    ("SIGN_UPS_PER_NETWORK", "SIGN_UPS_WITHOUT_PROOF", "SIGN_UPS_PER_DOMAIN", "SIGN_UPS_PER_HOUR"), "999"
)


class Place(NamedTuple):
    address: str
    post: SmtpSink


@pytest.fixture(scope="module")
def site() -> Iterator[Place]:
    """The whole site with the sample papers, which sends its mail to a real server."""
    with SmtpSink() as post:
        run = Run(filled_folder(), EMAIL_URL=post.url, **MANY)
        try:
            run.wait_until_ready()
            yield Place(f"http://127.0.0.1:{run.port}", post)
        finally:
            run.end_at_once()
            shutil.rmtree(run.folder)


@contextmanager
def tab(chromium: Browser, site: Place, way: Combination, **options: Any) -> Iterator[Page]:
    with chromium.new_context(base_url=site.address, **way.context | options) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        if way.size == "text 200 %":  # as readers set it in the browser, where pages are not told
            sizes = {"fontSizes": {"standard": 32, "fixed": 26}}
            context.new_cdp_session(page).send("Page.setFontSizes", sizes)
        yield page


@pytest.mark.parametrize("way", CHOSEN, ids=str)
def test_from_the_front_page_to_the_end(chromium: Browser, site: Place, way: Combination) -> None:
    with tab(chromium, site, way) as page, tab(chromium, site, way, java_script_enabled=True) as twin:
        has_scripts = way.way != "without scripts"
        watch = Watch(page.context, site.address, None if has_scripts else twin)
        hands = (Keyboard if way.way == "keyboard" else Mouse)(page)
        post = Post(site.post, f"reader{ALL.index(way)}@example.org")
        try:
            Reader(page, hands, watch, post, has_scripts, way.size != "100 %").whole_way()
        finally:
            faults = list(dict.fromkeys(watch.faults + hands.faults))
            assert faults == [], "\n".join(faults)
        assert len(watch.seen) == 21


def test_the_nine_hold_every_pair() -> None:
    for columns in pairs(range(4), 2):
        wanted, found = ({tuple(one[column] for column in columns) for one in many} for many in (ALL, PAIRWISE))
        assert found == wanted
