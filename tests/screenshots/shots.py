"""The pages of the site, each with the way to it: those of visitors, and those of errors."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from django.http import HttpRequest
from django.test import override_settings
from playwright.sync_api import Page

from config.web import error_pages
from papers.models import Paper
from tests.screenshots import odd_papers

TEXT = "teaching language models to reason\nrobots that learn from demonstrations"
LONG = "how " + "very " * 60 + "long a question may become before it is cut " + "W" * 200


def stay(page: Page) -> None:
    """Do nothing there."""


class Shot(NamedTuple):
    """A page: its path, and what somebody does there before the picture is taken."""

    path: str
    then: Callable[[Page], object] = stay


def of_visitors() -> dict[str, Shot]:
    """Return the pages that anybody can see; papers and topics are there already."""
    newest = Paper.objects.exclude(trend=None).order_by("-trend")[0]
    return {name: Shot(path) for name, path in (LISTS | SEARCHES | _papers(newest) | TEXTS).items()} | {
        "subscribe-filled": Shot(f"/subscribe/?text={quote_plus(TEXT.splitlines()[0])}"),
        "subscribe-like": Shot(f"/subscribe/?like={newest.identifier}"),
        "subscribe-changed": Shot("/subscribe/?topic=large-language-models", _change),
        "subscribe-errors": Shot("/subscribe/", _empty),
        "subscribe-own": Shot("/subscribe/", _own_papers),
        "subscribe-library": Shot("/subscribe/", _library),
        "subscribe-done": Shot("/subscribe/", _signed_up),
        "error-forged": Shot("/subscribe/", _without_cookie),
        "error-broken": Shot("/about/", _broken),
        "error-too-many": Shot("/search/?q=robots+that+fall", _too_many),
    }


LISTS = {
    "front": "/",
    "front-week": "/?span=week",
    "front-month": "/?span=month",
    "front-last": "/?span=month&page=99",
    "field": "/field/cs/?span=month",
    "field-empty": "/field/q-fin/",
    "field-unknown": "/field/alchemy/",
    "topics": "/topics/",
    "topic": "/topics/reinforcement-learning/?span=month",
    "topic-empty": "/topics/number-theory/?span=today",
    "topic-unknown": "/topics/reinforcement/",
}
SEARCHES = {
    "search": "/search/",
    "search-results": "/search/?q=agents+that+write+code",
    "search-filtered": "/search/?q=agents&category=cs.CL&code=on&since=2020-01-01",
    "search-operators": "/search/?q=author%3ALovelace+before%3Ayesterday",
    "search-nothing": "/search/?q=%22no+paper+has+these+words%22",
    "search-page": "/search/?q=agents&page=40",
    "search-like": f"/search/?q=agents&like={odd_papers.LONG_WORDS}&unlike={odd_papers.RIGHT_TO_LEFT}",
    "search-long": f"/search/?q={quote_plus(LONG)}",
}
TEXTS = {
    "about": "/about/",
    "about-trending": "/about/trending/",
    "api": "/api/",
    "subscribe": "/subscribe/",
    "erased": "/erased/",
    "link-ended": "/preferences/ended/",
    "confirm-unknown": "/confirm/ended/",
    "unsubscribe-unknown": "/u/ended",
    "error-not-found": "/nowhere/",
    "error-illegible": "/search/?q=%FF",
    "error-of-a-button": "/subscribe/preview/",
}


def _papers(newest: Paper) -> dict[str, str]:
    odd = {f"paper-{name}": f"/papers/{quote(identifier)}/" for name, identifier in odd_papers.NAMED.items()}
    unknown = {"paper-unknown": "/papers/2401.99999/", "paper-words": "/papers/attention%20is%20all/"}
    return odd | unknown | {"paper": newest.get_absolute_url(), "paper-doi": "/papers/10.1000/nowhere.1/"}


def _change(page: Page) -> None:
    """Follow another topic, and want less like one paper: papers come in and go out."""
    page.locator("#digest").get_by_role("button", name="Less like this").first.click()
    page.locator("#digest .less").wait_for()
    page.locator(".topics").get_by_text("LLM agents and tool use").click()
    page.locator("#digest .came").first.wait_for()


def _empty(page: Page) -> None:
    page.locator("input[name=email]").fill("nobody")
    page.get_by_role("button", name="Subscribe", exact=True).click()
    page.locator(".errors").wait_for()


def _own_papers(page: Page) -> None:
    page.get_by_text("Your own papers, by your name").click()
    page.locator("[name=own_name]").fill(odd_papers.AUTHOR)
    page.get_by_role("button", name="Find them").click()
    page.get_by_text("Tick those that are yours").wait_for()


def _library(page: Page) -> None:
    page.get_by_text("A whole library").click()
    file = {"name": "library.bib", "mimeType": "text/plain", "buffer": odd_papers.BIBLIOGRAPHY.encode()}
    page.locator("#library-file").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Read my library").click()
    page.get_by_text("Your library is read").wait_for()


def _signed_up(page: Page) -> None:
    page.locator("textarea[name=text]").fill(TEXT)
    page.locator("input[name=email]").fill("a.rather.long.address.of.somebody@mathematics.example.org")
    page.get_by_role("button", name="Subscribe", exact=True).click()
    page.get_by_role("heading", name="Check your inbox").wait_for()


def _without_cookie(page: Page) -> None:
    page.context.clear_cookies()
    page.get_by_role("button", name="Subscribe", exact=True).click()
    page.get_by_role("heading", name="This is not allowed").wait_for()


def _broken(page: Page) -> None:
    """Show what a page is answered with that fails: none does of its own accord."""
    answer = error_pages.broken(HttpRequest())
    page.route("**/about/", lambda route: route.fulfill(status=500, body=answer.content, content_type="text/html"))
    page.reload()


def _too_many(page: Page) -> None:
    with override_settings(SEARCHES_PER_MINUTE=1):
        page.reload()
        page.reload()
