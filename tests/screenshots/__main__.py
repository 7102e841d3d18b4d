"""Pictures of every page, for people to look at: two themes, three widths.

Usage: python -m tests.screenshots [FOLDER] [--only WORD] [--papers FILE]

A site is served with the sample papers, or with those of a file of JSON Lines; readers in every state are on it. The
folder then holds NAME-THEME-WIDTH.png, and index.html with all of them.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import django
from playwright.sync_api import Browser
from tqdm import tqdm

from tests.make_run import NO_SOURCES
from tests.services import launch_chromium, process_environment
from tests.stack import Stack

if TYPE_CHECKING:  # its modules need the settings of a site
    from tests.screenshots.shots import Shot

THEMES, WIDTHS = ("light", "dark"), (320, 768, 1440)
PATIENCE = 90_000  # milliseconds


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.screenshots")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("var/screenshots"))
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--papers", type=Path, help="a file of papers in JSON Lines, in place of the sample")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    stack = Stack(**NO_SOURCES)
    try:
        names = _of_a_site(stack, options)
    finally:
        stack.remove()
    (options.folder / "index.html").write_text(contact_sheet(names))
    sys.stdout.write(f"{len(names)} pages: {options.folder / 'index.html'}\n")
    return 0


def _of_a_site(stack: Stack, options: Namespace) -> list[str]:
    mode = {"DJANGO_SETTINGS_MODULE": "config.settings", "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    os.environ |= process_environment(**stack.environment) | mode
    django.setup()
    from tests.screenshots import site

    with site.running(stack, options.papers) as pages, launch_chromium() as browser:
        chosen = {name: shot for name, shot in pages.items() if options.only in name}
        take(browser, stack.url, options.folder, chosen)
    return list(chosen)


def take(browser: Browser, site: str, folder: Path, pages: "dict[str, Shot]") -> None:
    with tqdm(total=len(pages) * len(THEMES) * len(WIDTHS), unit="picture", disable=None) as bar:
        for name, shot in pages.items():
            for theme in THEMES:
                for width in WIDTHS:
                    picture(browser, site, shot, folder / f"{name}-{theme}-{width}.png")
                    bar.update()


def picture(browser: Browser, site: str, shot: "Shot", file: Path) -> None:
    """Take one picture, in a browser that was never here; its theme and width stand in the name of the file."""
    _, theme, width = file.stem.rsplit("-", 2)
    view = {"width": int(width), "height": 900}
    scheme = "dark" if theme == "dark" else "light"
    with browser.new_context(
        base_url=site, viewport=view, color_scheme=scheme, locale="en-GB", timezone_id="UTC"
    ) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(shot.path, wait_until="networkidle")
        shot.then(page)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=file, full_page=True)


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
