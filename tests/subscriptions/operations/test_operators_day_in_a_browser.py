"""An operator's day by the keyboard alone: a provider that fails, a reader who asks, a source that is away."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from papers.feeds import feed_states
from papers.models import FeedState, Paper
from recommender.candidates import kept_stretch
from subscriptions.models import Breaker, Consent, Digest, Subscriber, SubscriberStatus, Suppression
from subscriptions.transport import outcomes
from tests.subscriptions.conftest import MORNING, axis, deliver_due
from tests.subscriptions.pages.test_policy_in_a_browser import Visit
from tests.subscriptions.staff.conftest import PASSWORD, staff

pytestmark = pytest.mark.django_db(transaction=True)
PHONE, DESK = {"width": 320, "height": 800}, {"width": 1440, "height": 900}
MOST_TABS = 120
LATER = MORNING + timedelta(minutes=40)
SAID = {
    "failed": f"{outcomes.SAID[outcomes.SendResult.REFUSED_MESSAGE]} (AnymailRequestsAPIError 413).",
    "uncertain": f"{outcomes.SAID[outcomes.SendResult.AMBIGUOUS]} (ReadTimeout).",
}


@pytest.fixture
def people(
    some_papers: list[Paper], make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> list[Subscriber]:
    """Six whose mail left, is lost or failed, at a provider that has trouble, and a source that does not answer."""
    kept_stretch.forget()
    people = [make_subscriber(f"reader{number}@mathematics.example.org", follows=(0, 4)) for number in range(6)]
    for person in people:
        agreed = {"requested_at": MORNING - timedelta(days=9), "confirmed_at": MORNING - timedelta(days=8)}
        Consent.objects.create(subscriber=person, form_text_hash="f" * 64, email=person.email, **agreed)
    deliver_due()
    for number, vector in ((91, axis(0, 0.3)), (92, axis(4, 0.2)), (93, axis(7))):
        make_paper(number, vector, title=f"A paper of the next day, number {number}")
    for status, chosen in (("failed", people[:2]), ("uncertain", people[2:4])):
        Digest.objects.filter(subscriber__in=chosen).update(status=status, reason=SAID[status], provider_id="")
    Breaker.objects.create(
        provider="postmark", failures=7, open_until=LATER + timedelta(minutes=5), reason="503", changed_at=MORNING
    )
    away = {"last_attempt_at": LATER, "last_success_at": MORNING - timedelta(hours=3), "items": 31, "usual_items": 40.0}
    feed_states.note(
        "huggingface", "", error="huggingface answered 503 three times: it allows no more for now.", **away
    )
    feed_states.note("arxiv", "", last_attempt_at=LATER, last_success_at=LATER, seconds=4.2, items=900, usual_items=850)
    for number in range(3):
        feed_states.note("arxiv", f"cs.A{number}", last_success_at=LATER, last_batch_on=MORNING.date(), items=20)
    return people


@pytest.fixture
def visit(chromium: Browser, live_server: LiveServer, people: list[Subscriber]) -> Iterator[Visit]:
    staff("oskar", group="operator")
    with time_machine.travel(LATER), chromium.new_context(base_url=live_server.url, viewport=DESK) as context:
        yield Visit(context, live_server.url)


def tab_to(page: Page, name: str) -> None:
    """Go with Tab to what is called so, the next one of several."""
    said = "document.activeElement.ariaLabel || document.activeElement.value || document.activeElement.innerText || ''"
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if re.search(name, page.evaluate(said) or ""):
            return
    raise AssertionError(f"No Tab leads to {name}")


def enter(page: Page, name: str, heading: str) -> None:
    """Go to what is called so, and press Enter; a heading then says where one is."""
    tab_to(page, name)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=heading).first.wait_for()


def sign_in(page: Page) -> None:
    page.goto(reverse("admin:login"))
    page.locator("#id_username").focus()
    page.keyboard.type("oskar")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#user-tools").wait_for()


def acts() -> list[str]:
    return [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]


def see_to_the_mails(visit: Visit) -> None:
    """Read why mail stands, begin anew what failed, and give up what is uncertain."""
    page = visit.page
    visit.to(reverse("admin:subscriptions_run_changelist"))
    enter(page, "^Tue 30 Jun 2026", "Balance")
    expect(page.get_by_text("No mail goes to the provider postmark").last).to_be_visible()
    expect(page.get_by_text(SAID["failed"])).to_be_visible()
    assert "This does not add up" not in page.content()

    enter(page, f"^Again: {re.escape(SAID['failed'][:40])}", "Are you sure?")
    expect(page.get_by_text("None of them has left")).to_be_visible()
    enter(page, "^Begin anew$", "Balance")
    expect(page.get_by_text("2 failed digests are begun anew.")).to_be_visible()
    enter(page, f"^Give up: {re.escape(SAID['uncertain'][:40])}", "Are you sure?")
    enter(page, "^Give up$", "Balance")
    expect(page.get_by_text("2 uncertain digests are given up.")).to_be_visible()


def see_to_a_reader(visit: Visit, reader: Subscriber) -> None:
    """Suppress a reader with a reason, lift that, and read why they get what they get."""
    page = visit.page
    visit.to(reverse("admin:subscriptions_subscriber_changelist"))
    page.locator("#searchbar").focus()
    page.keyboard.type("reader5")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=reader5**")
    enter(page, "^reader5@", "Mails and reports")
    tab_to(page, "^$|reason")
    page.locator("#reason").focus()
    page.keyboard.type("their university asked")
    enter(page, "^Suppress$", "Mails and reports")
    assert Suppression.objects.get().note == "their university asked (by oskar)"
    tab_to(page, "^Export")
    page.locator("#reason").focus()
    page.keyboard.type("it was another university")
    enter(page, "^Lift the suppression$", "Mails and reports")
    assert Subscriber.objects.get(pk=reader.pk).status == SubscriberStatus.ACTIVE
    tab_to(page, "^Why they get what they get$")
    page.keyboard.press("Enter")
    page.get_by_text("papers in question today").wait_for()


def see_to_a_source(visit: Visit) -> None:
    page = visit.page
    visit.to(reverse("admin:papers_feedstate_changelist"))
    enter(page, "^Retry huggingface now$", "On the network")
    expect(page.get_by_text("“huggingface” is asked as soon as a worker takes it")).to_be_visible()
    assert FeedState.objects.get(source="huggingface").asked_again_at


def test_a_day(visit: Visit, people: list[Subscriber]) -> None:
    sign_in(visit.page)
    see_to_the_mails(visit)
    see_to_a_reader(visit, people[5])
    see_to_a_source(visit)
    assert [said for said in acts() if "Looked" not in said] == [
        f"Begin anew: 2 failed digests, “{SAID['failed']}”",
        f"Give up: 2 uncertain digests, “{SAID['uncertain']}”",
        "Suppressed: their university asked",
        "Suppression lifted: it was another university",
        "To be asked now.",
    ]
    visit.check()


def pages(people: list[Subscriber]) -> dict[str, str]:
    reader = people[0].pk
    return {
        "days": reverse("admin:subscriptions_run_changelist"),
        "day": reverse("admin:run-day", args=["2026-06-30"]),
        "day-empty": reverse("admin:run-day", args=["2026-06-29"]),
        "sources": reverse("admin:papers_feedstate_changelist"),
        "readers": reverse("admin:subscriptions_subscriber_changelist"),
        "reader": reverse("admin:subscriber-reader", args=[reader]),
        "why": reverse("admin:subscriber-why", args=[reader]),
        "control": reverse("admin:subscriptions_control_changelist"),
    }


def test_pages_are_for_everybody_on_a_phone_and_in_the_dark(visit: Visit, people: list[Subscriber]) -> None:
    page, faults = visit.page, []
    sign_in(page)
    for name, path in pages(people).items():
        page.set_viewport_size(PHONE)
        visit.to(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        if page.evaluate("document.documentElement.scrollWidth") != PHONE["width"]:
            faults.append(f"{name} is wider than a phone")
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.evaluate("() => Promise.all(document.getAnimations().map(one => one.finished.catch(() => null)))")
            found = Axe().run(page).response["violations"]
            faults += [f"{name} {theme}: {fault['id']} {fault['nodes'][0]['html']}" for fault in found]
    assert "\n".join(faults) == ""
    visit.check()
