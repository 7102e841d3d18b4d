"""Somebody who looks over the reader's shoulder: at the console, the requests, and at each page as it stands."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, Route

TELL = "addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective} ${e.sample}`))"
AXE: dict[str, Any] = {
    "resultTypes": ["violations", "incomplete"],
    "rules": {"target-size": {"enabled": True}},
    "iframes": False,  # a mail that is shown in one has a look of its own
    "preload": False,  # which writes a style into pages whose styles import others, against their policy
}
LETTER: dict[str, Any] = AXE | {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}  # a mail has no landmarks
# A bar that sticks lies over what is to be scrolled from under it, which axe takes for too small or unreadable.
STUCK = """sticks => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(sticks ? "" : ".told, .save-bar { position: static !important }");
  document.adoptedStyleSheets = [sheet];
}"""
# Contrasts of texts by what they stand on, for those that axe leaves to people; 0 where a picture is behind the text.
CONTRASTS = """selectors => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = colour => colour.slice(0, 3).map(c => c / 255)
    .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const ground = element => {
    if (!element) return rgba(getComputedStyle(document.documentElement).colorScheme.includes("dark")
      && matchMedia("(prefers-color-scheme: dark)").matches ? "#121212" : "#fff");
    const style = getComputedStyle(element), own = rgba(style.backgroundColor);
    if (style.backgroundImage !== "none") return null;
    if (own[3] === 1) return own;
    const below = ground(element.parentElement);
    return below && over(own, below);
  };
  return selectors.map(selector => {
    const element = document.querySelector(selector), style = getComputedStyle(element), below = ground(element);
    if (!below) return {selector, ratio: 0, enough: 4.5};
    const [one, two] = [light(over(rgba(style.color), below)), light(below)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize), bold = parseInt(style.fontWeight) >= 700;
    return {selector, ratio: (one + .05) / (two + .05), enough: size >= 24 || (bold && size >= 18.66) ? 3 : 4.5};
  });
}"""
LETTERS_FROM = 320  # pixels, on which any page must fit; mails are laid out for no less
WIDER = """least => {
  const root = document.documentElement, room = root.clientWidth;
  if (root.scrollWidth <= Math.max(room, least)) return [];
  const reach = element => Math.round(element.getBoundingClientRect().right + scrollX);
  const out = [...document.body.querySelectorAll("*")].filter(one => reach(one) > room && !one.children.length);
  const first = out.slice(0, 5).map(one => one.outerHTML.slice(0, 160));
  return [`${root.scrollWidth} instead of ${room} pixels wide`, ...first];
}"""


class Watch:
    """What is wrong with the pages of one browser, by the page: the console, the requests, and what a look finds."""

    def __init__(
        self, context: BrowserContext, site: str, twin: Page | None = None, replaced: str = "/preview/"
    ) -> None:
        """twin: where the context has no scripts, a tab that has, and is like it in everything else.

        replaced: an expression for addresses that a script asks again before they have answered.
        """
        self.faults: list[str] = []
        self.seen: list[str] = []  # names of the pages that were looked at
        self._site, self._expected, self._twin, self._replaced = site, 0, twin, replaced
        context.add_init_script(TELL)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self._note(f"error: {error.error}"))
        context.on("request", self._follow)
        context.on("requestfailed", self._miss)
        context.on("response", self._judge)

    @contextmanager
    def expecting(self, status: int) -> Iterator[None]:
        """For a page that refuses with this status, which the console notes too."""
        self._expected = status
        yield
        self._expected = 0

    def look(self, page: Page, name: str) -> None:
        """Judge the page as it stands now."""
        self.seen.append(name)
        is_letter = page.url == "about:blank"
        for wider in page.evaluate(WIDER, LETTERS_FROM if is_letter else 0):
            self._note(f"{name}: {wider}")
        page = self._with_timers(page)
        page.evaluate(STUCK, False)
        found = Axe().run(page, options=LETTER if is_letter else AXE).response
        for violation in found["violations"]:
            for node in violation["nodes"]:
                self._note(f"{name}: {violation['id']}: {node['html'][:200]} {json.dumps(node['any'][:1])[:200]}")
        self._contrasts(page, name, found["incomplete"])
        page.evaluate(STUCK, True)

    def _with_timers(self, page: Page) -> Page:
        """Return the page as axe can read it: without scripts no timer ends, so there a copy stands in for it."""
        if self._twin is None:
            return page
        text = page.content()
        if page.url == "about:blank":
            self._twin.goto(page.url)
            self._twin.set_content(text)
            return self._twin

        def answer(route: Route) -> None:
            if route.request.is_navigation_request():
                route.fulfill(body=text, content_type="text/html; charset=utf-8")
            elif route.request.resource_type == "script":
                route.fulfill(body="", content_type="text/javascript")
            else:
                route.continue_()

        self._twin.unroute_all()
        self._twin.route("**/*", answer)
        self._twin.goto(page.url)
        return self._twin

    def _contrasts(self, page: Page, name: str, incomplete: list[dict[str, Any]]) -> None:
        left = [node["target"][0] for rule in incomplete if rule["id"] == "color-contrast" for node in rule["nodes"]]
        for text in page.evaluate(CONTRASTS, left):
            if text["ratio"] < text["enough"]:
                self._note(f"{name}: contrast {text['ratio']:.2f}: {text['selector']}")

    def _note(self, fault: str) -> None:
        self.faults.append(fault)

    def _hear(self, message: ConsoleMessage) -> None:
        if self._expected and f"status of {self._expected}" in message.text:
            return
        self._note(f"{message.page and message.page.url}: {message.type}: {message.text}")

    def _follow(self, request: Request) -> None:
        if not request.url.startswith(self._site):
            self._note(f"asks {request.url}")

    def _miss(self, request: Request) -> None:
        """Of two questions in a row a newer one takes the older one's place, and a download leaves its page."""
        is_replaced = request.resource_type in {"xhr", "fetch"} and re.search(self._replaced, request.url)
        is_file = re.search("format=|/export/", request.url)
        if request.failure != "net::ERR_ABORTED" or not (is_replaced or is_file):
            self._note(f"failed: {request.url}: {request.failure}")

    def _judge(self, response: Response) -> None:
        if response.status >= 400 and response.status != self._expected:
            self._note(f"{response.status}: {response.url}")
