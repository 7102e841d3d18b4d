"""Pictures of every page, for people to look at: two themes, three widths.

Usage: python -m tests.screenshots [FOLDER] [--only WORD] [--papers FILE]
       python -m tests.screenshots --readme [--only WORD]

A site is served with the sample papers, or with those of a file of JSON Lines; readers in every state are on it. The
folder then holds NAME-THEME-WIDTH.png, and index.html with all of them.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from html import escape
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import django
from playwright.sync_api import Browser, Page
from tqdm import tqdm

from tests.make_run import NO_SOURCES
from tests.services import launch_chromium, process_environment
from tests.stack import Stack

if TYPE_CHECKING:  # its modules need the settings of a site
    from tests.screenshots.shots import Shot

Theme = Literal["light", "dark"]
VIEWS: list[tuple[Theme, int]] = list(product(("light", "dark"), (320, 768, 1440)))
PATIENCE = 90_000  # milliseconds


def main(arguments: list[str] | None = None) -> int:
    parser = ArgumentParser(prog="python -m tests.screenshots")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("var/screenshots"))
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--papers", type=Path, help="a file of papers in JSON Lines, in place of the sample")
    parser.add_argument(
        "--readme", action="store_true", help="nothing but the pictures of the README, in docs/pictures"
    )
    options = parser.parse_args(arguments)
    stack = Stack(**NO_SOURCES)
    try:
        names = _of_a_site(stack, options)
    finally:
        stack.remove()
    if not options.readme:
        (options.folder / "index.html").write_text(contact_sheet(names))
    sys.stdout.write(f"{len(names)} pages.\n")
    return 0


def _of_a_site(stack: Stack, options: Namespace) -> list[str]:
    mode = {"DJANGO_SETTINGS_MODULE": "config.settings", "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    os.environ |= process_environment(**stack.environment) | mode
    django.setup()
    from tests.screenshots import odd_papers, readme, site

    store = readme.store if options.readme else odd_papers.store
    with site.running(stack, store, options.papers), launch_chromium() as browser:
        if options.readme:
            return readme.take(browser, stack.url, options.only)
        chosen = {name: shot for name, shot in site.pages().items() if options.only in name}
        options.folder.mkdir(parents=True, exist_ok=True)
        take(browser, stack.url, options.folder, chosen)
        return list(chosen)


def take(browser: Browser, site: str, folder: Path, pages: "dict[str, Shot]") -> None:
    for name, shot in tqdm(pages.items(), unit="page", disable=None):
        with browser.new_context(base_url=site, locale="en-GB", timezone_id="UTC") as context:
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            page.goto(shot.path)
            shot.then(page)
            page.wait_for_load_state("networkidle")
            for theme, width in VIEWS:
                picture(page, folder / f"{name}-{theme}-{width}.png", theme, width)


def picture(page: Page, file: Path, theme: Theme, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=file, full_page=True)


def contact_sheet(names: list[str]) -> str:
    return "<!doctype html><meta charset=utf-8><title>Pages</title>" + "".join(_row(name) for name in names)


def _row(name: str) -> str:
    def pictures() -> Iterator[str]:
        for theme, width in VIEWS:
            file = f"{name}-{theme}-{width}.png"
            yield f'<a href="{file}"><img src="{file}" width="{width // 4}" alt="{file}" loading="lazy"></a> '

    return f"<h2>{escape(name)}</h2>{''.join(pictures())}"


if __name__ == "__main__":
    sys.exit(main())
