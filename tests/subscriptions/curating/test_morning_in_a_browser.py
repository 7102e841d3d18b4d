"""The desk in a browser: what is typed early, without scripts, and beside another curator."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from papers.models import Decision, Edition, EditionEntry, Paper
from recommender.candidates import kept_stretch
from subscriptions.curating import reach
from subscriptions.models import Subscriber
from tests.processes import eventually
from tests.subscriptions.conftest import MORNING, PATIENCE
from tests.subscriptions.pages.test_policy_in_a_browser import Visit
from tests.subscriptions.staff.conftest import PASSWORD, staff

pytestmark = pytest.mark.django_db(transaction=True)
DESK = {"width": 1440, "height": 900}
LETTERS = "hush, much of this: just hum, and none knows how"
NOTE = "Read <this> first & then the rest."


@pytest.fixture
def ada(some_papers: list[Paper], make_subscriber: Callable[..., Subscriber]) -> Subscriber:
    kept_stretch.forget()
    return make_subscriber(follows=(0, 4))


@pytest.fixture
def visit(chromium: Browser, live_server: LiveServer, ada: Subscriber) -> Iterator[Visit]:
    with time_machine.travel(MORNING), chromium.new_context(base_url=live_server.url, viewport=DESK) as context:
        reach.refresh(MORNING)
        yield Visit(context, live_server.url)


def sign_in(page: Page) -> None:
    staff("oskar", group="curator")
    page.goto(reverse("admin:login"))
    page.locator("#id_username").focus()
    page.keyboard.type("oskar")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Waits for a decision").wait_for()


def present(page: Page) -> EditionEntry:
    key = page.locator("#desk .row[aria-current]").get_attribute("id")
    assert key
    return EditionEntry.objects.select_related("paper").get(pk=key[1:])


def act(page: Page, key: str, says: str) -> None:
    page.keyboard.press(key)
    expect(page.locator("#said")).to_contain_text(says)
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def save_note(page: Page, note: str) -> None:
    expect(page.locator("#desk textarea:focus")).to_have_value(note)
    act(page, "Control+Enter", "Noted.")


def test_what_is_typed_before_an_act_is_answered_waits_for_it(visit: Visit, ada: Subscriber) -> None:
    """A letter of a note is never taken for a key: with h and u in it, it would hide a paper and bring it back."""
    page = visit.page
    sign_in(page)
    visit.to(reverse("admin:edition-desk", args=[Edition.objects.get().pk]))
    page.keyboard.type("jfn" + LETTERS)
    save_note(page, LETTERS)
    noted = present(page)
    assert (noted.featured, noted.hidden, noted.note) == (True, False, LETTERS)
    assert sorted(Decision.objects.values_list("verb", flat=True)) == ["feature", "note"]
    visit.check()


def test_the_buttons_do_the_same_without_scripts(chromium: Browser, live_server: LiveServer, ada: Subscriber) -> None:
    edition = Edition.objects.get()
    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        with time_machine.travel(MORNING):
            sign_in(page)
            page.get_by_role("link", name="Curate it at its desk").click()
            row = page.locator("#desk .row").nth(1)
            row.get_by_role("button", name="Feature").click()
            expect(page.locator("#said")).to_contain_text("Featured.")
            page.locator("#desk .row").nth(1).get_by_text("Note", exact=True).click()
            page.locator("#desk .row").nth(1).locator("textarea").fill(NOTE)
            page.get_by_role("button", name="Save the note").locator("visible=true").click()
            expect(page.locator("#said")).to_contain_text("Noted.")
            page.locator("#desk .row").nth(2).get_by_role("link", name="Merge").click()
            page.get_by_role("button", name="Same work: keep this one").first.click()
            expect(page.locator("#said")).to_contain_text("Merged.")
            page.get_by_role("link", name="What the decisions do").click()
            expect(page.locator(".effects h3").first).to_be_visible()
            page.get_by_role("link", name="Back to the desk").click()
            page.locator("#undo").click()
            expect(page.locator("#said")).to_contain_text("Undone")
    assert edition.decisions.count() == 3


def test_what_another_curator_did_meanwhile_is_said_at_the_desk(visit: Visit, ada: Subscriber) -> None:
    page = visit.page
    sign_in(page)
    visit.to(reverse("admin:edition-desk", args=[Edition.objects.get().pk]))
    page.keyboard.press("j")
    EditionEntry.objects.filter(pk=present(page).pk).update(hidden=True)
    act(page, "f", "Nothing was done")
    eventually(lambda: page.locator("#desk .row[aria-current] .state").inner_text() == "hidden")
    act(page, "f", "Featured.")
    visit.check()
