"""Pictures of a mail in every view, and a page that shows all of them."""

from html import escape
from itertools import product
from pathlib import Path

from django.core.mail import EmailMultiAlternatives
from playwright.sync_api import Browser

from tests.mail_gallery.as_text import renderings
from tests.mail_gallery.views import View, show

WIDTHS = (320, 375, 700)
VIEWS = (
    *(View(scheme, scheme, width) for scheme, width in product(("light", "dark"), WIDTHS)),
    *(View("frame", "light", width, in_a_frame=True) for width in (375, 700)),
    *(View("frame-dark", "dark", width, in_a_frame=True) for width in (375, 700)),
    View("frame-bare", "light", 375, in_a_frame=True, has_styles=False),
    View("no-images", "light", 375, has_images=False),
)
STYLE = (
    "body { font: 15px sans-serif; background: #888; color: #fff } a { color: #fff } pre { background: #fff;"
    " color: #000; padding: 1em; overflow: auto; max-height: 40em } img { vertical-align: top; margin: 2px }"
)


def take(browser: Browser, folder: Path, name: str, mail: EmailMultiAlternatives) -> str:
    """Take the pictures of one mail into the folder, and return its row of the contact sheet."""
    html, text = str(mail.alternatives[0][0]), str(mail.body)
    (folder / f"{name}.html").write_text(html)
    with browser.new_context(locale="en-GB", reduced_motion="reduce") as context:
        page = context.new_page()
        for view in VIEWS:
            show(page, html, view)
            page.screenshot(path=folder / _file(name, view), full_page=True)
    size = f"{len(html.encode()) / 1000:.1f} kB of HTML, {len(text.encode()) / 1000:.1f} kB of text"
    return _row(name, f"{mail.subject} ({size})", renderings(text, html))


def contact_sheet(rows: list[str]) -> str:
    """Return the page of all mails."""
    return f"<!doctype html><meta charset=utf-8><title>Mails</title><style>{STYLE}</style>{''.join(rows)}"


def _file(name: str, view: View) -> str:
    return f"{name}-{view.name}-{view.width}.png"


def _row(name: str, words: str, texts: dict[str, str]) -> str:
    pictures = "".join(_picture(_file(name, view), view) for view in VIEWS)
    told = "".join(
        f"<details><summary>{one}</summary><pre>{escape(text)}</pre></details>" for one, text in texts.items()
    )
    return f'<h2><a href="{name}.html">{escape(name)}</a></h2><p>{escape(words)}</p>{pictures}{told}\n'


def _picture(file: str, view: View) -> str:
    return f'<a href="{file}"><img src="{file}" width="{view.width // 2}" alt="{file}" loading="lazy"></a>'
