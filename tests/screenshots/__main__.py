"""Pictures of every page, for people to look at: two themes, three widths.

Usage: python -m tests.screenshots [FOLDER] [--only WORD]

A site is started as `make run` starts it, with the sample papers; a reader signs up, confirms, and rates a digest. The
folder then holds NAME-THEME-WIDTH.png, and index.html with all of them.
"""

import re
import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, Page
from tqdm import tqdm

from tests.make_run import Run, new_folder
from tests.services import launch_chromium

THEMES, WIDTHS = ("light", "dark"), (320, 768, 1440)
PATIENCE = 90_000  # milliseconds
ADDRESS, WAITING = "reader@example.org", "waiting@example.org"
TEXT = "teaching language models to reason\nrobots that learn from demonstrations"
PLAIN = {
    "front": "/",
    "week": "/?span=week",
    "month": "/?span=month",
    "topics": "/topics/",
    "topic": "/topics/reinforcement-learning/",
    "topic-empty": "/topics/number-theory/",
    "search": "/search/",
    "search-results": "/search/?q=agents+that+write+code",
    "search-nothing": "/search/?q=%22no+paper+has+these+words%22",
    "api": "/api/",
    "about": "/about/",
    "about-trending": "/about/trending/",
    "subscribe": "/subscribe/",
    "paper-unknown": "/papers/2401.99999/",
    "not-found": "/nowhere/",
}


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.screenshots")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("var/screenshots"))
    parser.add_argument("--only", default="", help="pages whose name holds this")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    run = Run(new_folder())
    try:
        run.wait_until_ready()
        with launch_chromium() as browser:
            names = take(browser, f"http://127.0.0.1:{run.port}", options.folder, options.only)
    finally:
        run.end_at_once()
        shutil.rmtree(run.folder)
    (options.folder / "index.html").write_text(contact_sheet(names))
    sys.stdout.write(f"{len(names)} pages: {options.folder / 'index.html'}\n")
    return 0


def take(browser: Browser, site: str, folder: Path, only: str) -> list[str]:
    """Take all pictures; return the names of the pages."""
    context = browser.new_context(base_url=site, locale="en-GB", timezone_id="UTC")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    found = PLAIN | filled(page) | own(page)
    context.close()
    names = [name for name in found if only in name]
    with tqdm(total=len(names) * len(THEMES) * len(WIDTHS), unit="picture", disable=None) as bar:
        for theme in THEMES:
            for width in WIDTHS:
                for name in names:
                    picture(browser, site + found[name], folder / f"{name}-{theme}-{width}.png", theme, width)
                    bar.update()
    return names


def filled(page: Page) -> dict[str, str]:
    """Return addresses that are known only once there are papers."""
    page.goto("/")
    paper = str(page.locator("article.card h3 a").first.get_attribute("href"))
    start = f"/subscribe/?text={TEXT.splitlines()[0].replace(' ', '+')}"
    return {"paper": paper, "subscribe-filled": start, "subscribe-like": f"/subscribe/?like={paper.split('/')[2]}"}


def own(page: Page) -> dict[str, str]:
    """Sign up, confirm and have a digest sent; return the addresses of what only this reader sees."""
    waiting = _signed_up(page, WAITING)  # for a picture of the page on which nothing is confirmed yet
    page.goto(_signed_up(page, ADDRESS))
    page.get_by_role("button", name="Confirm my subscription").click()
    page.wait_for_url(re.compile("/preferences/"))
    preferences = page.url
    pages = {"confirm": waiting, "preferences": preferences}
    for link in page.locator("nav a[href*='/preferences/'], nav a[href*='/saved/']").all():
        href = str(link.get_attribute("href"))
        pages[f"own-{href.strip('/').split('/')[-1][:20]}"] = href
    page.goto(preferences)
    page.get_by_role("button", name="Send me today’s digest now").click()
    pages["digest"] = _link_in_mail(page, ADDRESS, r"papers? for you", "rate|Rate|web")
    pages["mailbox"] = "/mailbox/"
    return {name: re.sub(r"^https?://[^/]+", "", address) for name, address in pages.items()}


def _signed_up(page: Page, address: str) -> str:
    """Sign up; return the link that confirms it."""
    page.goto("/subscribe/")
    page.locator("textarea[name=text]").fill(TEXT)
    page.locator("input[name=email]").fill(address)
    page.locator("button.primary", has_text=re.compile("Subscribe|Send me")).last.click()
    return _link_in_mail(page, address, "Confirm", "Confirm")


def _link_in_mail(page: Page, address: str, subject: str, words: str) -> str:
    entry = page.get_by_role("row").filter(has_text=address).get_by_role("link", name=re.compile(subject)).first
    for _ in range(180):
        page.goto("/mailbox/")
        if entry.count():
            break
        page.wait_for_timeout(500)
    entry.click()
    return str(page.frame_locator("iframe").get_by_role("link", name=re.compile(words)).first.get_attribute("href"))


def picture(browser: Browser, address: str, file: Path, theme: str, width: int) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        locale="en-GB",
        timezone_id="UTC",
    )
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    page.screenshot(path=file, full_page=True)
    context.close()


def contact_sheet(names: list[str]) -> str:
    return "<!doctype html><meta charset=utf-8><title>Pages</title>" + "".join(_row(name) for name in names)


def _row(name: str) -> str:
    def pictures() -> Iterator[str]:
        for theme in THEMES:
            for width in WIDTHS:
                file = f"{name}-{theme}-{width}.png"
                yield f'<a href="{file}"><img src="{file}" width="{width // 4}" alt="{file}" loading="lazy"></a> '

    return f"<h2>{escape(name)}</h2>{''.join(pictures())}"


if __name__ == "__main__":
    sys.exit(main())
