"""How mail programs show a mail: by which colours they ask for, how wide, and within a page of whose."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page

WEBMAIL = (Path(__file__).parent / "webmail.js").read_text()
PHONE = 320  # pixels, the narrowest that anybody still has


@dataclass(frozen=True, slots=True)
class View:
    """A width, light or dark; whether the mail stands within the white page of a webmail, which may drop its styles."""

    name: str
    scheme: Literal["light", "dark"]
    width: int = PHONE
    in_a_frame: bool = False
    has_styles: bool = True
    has_images: bool = True


WAYS = (
    View("light", "light"),
    View("dark", "dark"),
    View("frame", "light", in_a_frame=True),
    View("frame-dark", "dark", in_a_frame=True),
    View("frame-bare", "light", in_a_frame=True, has_styles=False),
)


def show(page: Page, html: str, view: View) -> None:
    """Show a mail; the page keeps its width and colours until the next."""
    page.set_viewport_size({"width": view.width, "height": 900})
    page.emulate_media(color_scheme=view.scheme)
    page.unroute_all()
    if not view.has_images:
        page.route("**/*", lambda route: route.abort())
    page.goto("about:blank")  # else what the last mail said of its colours would hold for this one, too
    page.set_content(html)
    if view.in_a_frame:
        page.evaluate(WEBMAIL, view.has_styles)
