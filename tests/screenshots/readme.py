"""The pictures of the README: the bundled sample, one paper that was made up for them, and a reader of both."""

import base64
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.timezone import now as clock
from playwright.sync_api import Browser, Page

from papers.ingest.saving import save
from papers.records import PaperRecord, SignalRecord
from subscriptions.people.wishes import Wishes
from tests.screenshots import readers
from tests.screenshots.shots import Shot

FOLDER = Path(settings.BASE_DIR) / "docs" / "pictures"
PATIENCE = 90_000  # milliseconds
SHARPNESS, QUALITY = 1.5, 72
TEXT = "robots that learn from demonstrations"
MADE_UP = "2606.90101"
UPVOTES, STARS = (3, 11, 19, 46, 83, 97), (12, 15, 40, 160, 310, 352)


class View(NamedTuple):
    """A page, and how large a window shows it; it is shown from this element downwards."""

    shot: Shot
    width: int
    height: int
    top: str = "header"


def store(now: datetime) -> None:
    """Store a paper with formulas, code, a summary and six days of counts."""
    days = [now - timedelta(days=days, hours=1) for days in reversed(range(len(UPVOTES)))]
    counts = {"upvotes": UPVOTES, "stars": STARS}
    paper = PaperRecord(
        MADE_UP,
        r"Falling Less Often: Learning a Robot's Balance from $\mathcal{O}(\log n)$ Demonstrations",
        r"A robot that is pushed has $t < 0.3\,\mathrm{s}$ to put a foot where it does not fall. We learn that step "
        r"from demonstrations instead of a model of the body, by minimising "
        r"$$\min_\theta \; \mathbb{E}_{x \sim p(x)} \left[ \lVert f_\theta(x) - u^\ast(x) \rVert^2 \right] "
        r"+ \lambda \sum_{k=1}^{K} \max\left(0, \dot V_k(x)\right),$$ whose second term asks that the energy of each "
        r"joint falls. With $K = 12$ joints, forty demonstrations are enough to walk over ice, sand and a moving belt.",
        authors=("Amara Okafor", "Jonas Lindqvist", "Mei-Ling Tan", "Rafael Duarte"),
        categories=("cs.RO", "cs.LG"),
        published_on=days[0].date(),
        announced_on=days[0].date(),
        listed_on=days[0].date(),
        github_repo="https://github.com/example/falling-less-often",
        project_page="https://example.org/falling-less-often",
        signals=tuple(
            SignalRecord(kind, value, moment)
            for kind, values in counts.items()
            for value, moment in zip(values, days, strict=True)
        ),
    )
    save([paper], now)


def views(now: datetime) -> dict[str, View]:
    """Return what is to be seen on each picture; a reader is mailed a digest for it."""
    return {
        "builder": View(Shot(f"/subscribe/?text={TEXT.replace(' ', '+')}", _follow), 1280, 860),
        "front": View(Shot("/"), 640, 1100),
        "paper": View(Shot(f"/papers/{MADE_UP}/"), 640, 1100),
        "digest": View(_digest_mail(now), 640, 1100, "body"),
    }


def _follow(page: Page) -> None:
    """Follow a topic beside the text: papers come in and go out."""
    page.locator(".topics").get_by_text("LLM agents and tool use").click()
    page.locator("#digest .came").first.wait_for()


def _digest_mail(now: datetime) -> Shot:
    wishes = Wishes(texts=(TEXT,), topics=readers.topics("llm-agents-tool-use"))
    readers.mailed(readers.confirmed(wishes, now - readers.DAY, next_digest_at=now), now)
    return readers.newest_mail()


def take(browser: Browser, site: str, only: str = "") -> list[str]:
    """Take those whose name holds this; return their names."""
    FOLDER.mkdir(exist_ok=True)
    shown = {name: view for name, view in views(clock()).items() if only in name}
    for name, view in shown.items():
        size = {"width": view.width, "height": 3000}
        with browser.new_context(base_url=site, viewport=size, color_scheme="light", locale="en-GB") as context:
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            page.goto(view.shot.path)
            view.shot.then(page)
            page.wait_for_load_state("networkidle")
            page.evaluate("scrollTo(0, 0)")
            (FOLDER / f"{name}.webp").write_bytes(_picture(page, view))
    return list(shown)


def _picture(page: Page, view: View) -> bytes:
    """Playwright's own pictures are PNG or JPEG, several times as heavy."""
    top = page.locator(view.top).first.evaluate("one => one.getBoundingClientRect().top")
    clip = {"x": 0, "y": top, "width": view.width, "height": view.height, "scale": SHARPNESS}
    devtools = page.context.new_cdp_session(page)
    taken = devtools.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY, "clip": clip})
    return base64.b64decode(taken["data"])
