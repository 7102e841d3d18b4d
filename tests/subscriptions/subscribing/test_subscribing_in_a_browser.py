"""From the first interest to the sign-up in a real browser: by mouse, by keyboard alone, and without scripts."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from papers.models import Paper, Topic
from recommender.vectors import unit
from subscriptions.models import SignUp
from tests.subscriptions.conftest import PATIENCE, axis

LESS = ["2606.00001"]


@pytest.fixture(autouse=True)
def _papers(transactional_db: None, topics: list[Topic], make_paper: Callable[..., Paper]) -> None:
    """As on every morning: papers 0 to 2 are of topic 0, paper 3 of topic 4."""
    lean = [axis(0, 0.6), axis(0, -0.7), unit(axis(0) + 0.7 * axis(2)), axis(4)]
    for number, vector in enumerate(lean):
        make_paper(number, vector, now().date(), trend=0.1 * number)


@pytest.fixture
def said() -> list[str]:
    """What the browser complains of."""
    return []


@pytest.fixture
def with_scripts(chromium: Browser, live_server: LiveServer, said: list[str]) -> Iterator[Page]:
    options = {"base_url": live_server.url, "timezone_id": "Europe/Berlin", "locale": "en-GB"}
    with chromium.new_context(**options, viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page
    assert said == []


def digest(page: Page) -> Locator:
    return page.locator("#digest").get_by_role("article")


def less(page: Page, paper: str) -> Locator:
    return page.get_by_role("button", name=f"Less like this: {paper}")


def check_what_was_signed_up_with() -> None:
    wishes = SignUp.objects.get().wishes
    assert wishes["topics"] == [topic.pk for topic in Topic.objects.filter(slug__in=["topic-0", "topic-4"])]
    assert wishes["less"] == LESS


def test_by_mouse_the_digest_follows_each_change_and_no_address_goes_with_it(with_scripts: Page) -> None:
    page, bodies = with_scripts, list[str]()
    page.on("request", lambda sent: bodies.append(sent.post_data or "") if "preview" in sent.url else None)
    page.goto(reverse("subscribe"))
    page.get_by_label("Your e-mail address").fill("ada@example.org")
    assert not bodies  # nothing was said yet
    page.get_by_label("Find a topic").fill("topic 4")
    expect(page.get_by_text("Topic 5", exact=False)).to_be_hidden()
    page.get_by_text("Topic 4").first.click()
    expect(digest(page)).to_have_count(1)
    page.get_by_label("Find a topic").fill("")
    page.get_by_text("Topic 0").first.click()
    expect(page.locator("#told")).to_contain_text(re.compile(r"[1-3] came in, 0 went out"))
    expect(page.locator("#digest .came").first).to_be_visible()
    less(page, "Paper 1").click()
    expect(page.get_by_role("group", name="Less like these")).to_contain_text("Paper 1")
    assert bodies
    assert not any("ada%40example.org" in body for body in bodies)
    assert page.get_by_label("Time zone").input_value() == "Europe/Berlin"
    page.get_by_role("button", name="Subscribe", exact=True).click()
    expect(page.get_by_role("heading", name="Check your inbox")).to_be_visible()
    check_what_was_signed_up_with()


def tab_to(page: Page, target: Locator) -> None:
    for _ in range(120):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("the Tab key does not lead there")


def test_by_keyboard_alone(with_scripts: Page) -> None:
    page = with_scripts
    page.goto(reverse("subscribe"))
    for topic in ("Topic 0", "Topic 4"):
        tab_to(page, page.get_by_role("checkbox", name=topic))
        page.keyboard.press("Space")
    expect(page.locator("#digest")).to_contain_text("Paper 3")
    expect(page.locator("#digest")).to_contain_text("Paper 1")
    tab_to(page, less(page, "Paper 1"))
    number = page.evaluate("document.activeElement.id")
    page.keyboard.press("Enter")
    expect(less(page, "Paper 1")).to_have_count(0)
    expect(page.locator(f"#{number}")).to_be_focused()  # of the paper that took its place
    tab_to(page, page.get_by_label("Your e-mail address"))
    page.keyboard.type("ada@example.org")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Check your inbox")).to_be_visible()
    check_what_was_signed_up_with()


def test_without_scripts(chromium: Browser, live_server: LiveServer) -> None:
    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(reverse("subscribe") + "?topic=topic-4")
        expect(page.get_by_label("Find a topic")).to_be_hidden()
        expect(digest(page)).to_have_count(1)
        page.get_by_role("checkbox", name="Topic 0").check()
        page.get_by_role("button", name="Show my digest").click()
        expect(page.locator("#told")).to_contain_text("0 went out")
        less(page, "Paper 1").click()
        expect(page.get_by_role("group", name="Less like these")).to_contain_text("Paper 1")
        page.get_by_label("Your e-mail address").fill("ada@example.org")
        page.get_by_role("button", name="Subscribe", exact=True).click()
        expect(page.get_by_role("heading", name="Check your inbox")).to_be_visible()
    check_what_was_signed_up_with()


def test_a_library_is_read_and_its_papers_choose(with_scripts: Page) -> None:
    page = with_scripts
    page.goto(reverse("subscribe"))
    page.get_by_text("A whole library").click()
    file = {"name": "my.bib", "mimeType": "text/plain", "buffer": b"@misc{a, eprint={2606.00000}}"}
    page.get_by_label("Your bibliography").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Read my library").click()
    expect(page.get_by_label("Use the 1 paper of my library")).to_be_checked()
    expect(page.locator("#digest")).to_contain_text("Paper 2")


def chosen_library(page: Page) -> None:
    file = {"name": "my.bib", "mimeType": "text/plain", "buffer": b"@misc{a, eprint={2606.00000}}"}
    page.get_by_label("Your bibliography").set_input_files(file)  # type: ignore[arg-type]


def test_the_front_page_leads_to_the_field_for_a_library(with_scripts: Page) -> None:
    page = with_scripts
    page.goto(reverse("home"))
    page.get_by_role("link", name="a library").click()
    expect(page.get_by_label("Your bibliography")).to_be_in_viewport()


def test_a_library_that_was_chosen_is_read_before_anybody_is_signed_up(with_scripts: Page) -> None:
    page = with_scripts
    page.goto(reverse("subscribe") + "?topic=topic-4")
    page.get_by_role("link", name="a library").click()
    chosen_library(page)
    page.get_by_label("Your e-mail address").fill("ada@example.org")
    page.get_by_role("button", name="Subscribe", exact=True).click()
    expect(page.get_by_label("Use the 1 paper of my library")).to_be_checked()
    expect(page.get_by_text("You are not signed up yet: look, then press")).to_be_in_viewport()
    assert not SignUp.objects.exists()
    page.get_by_role("button", name="Subscribe", exact=True).click()
    expect(page.get_by_role("heading", name="Check your inbox")).to_be_visible()
    assert SignUp.objects.get().wishes["library"] == ["2606.00000"]


@pytest.mark.parametrize(("said", "chosen"), [("Asia/Calcutta", "Asia/Kolkata"), ("America/Santiago",) * 2])
def test_the_time_zone_has_the_name_that_people_look_for(
    chromium: Browser, live_server: LiveServer, said: str, chosen: str
) -> None:
    with chromium.new_context(base_url=live_server.url, timezone_id=said) as context:
        page = context.new_page()
        page.goto(reverse("subscribe"))
        expect(page.get_by_label("Time zone")).to_have_value(chosen)


def test_ones_own_papers_are_found_in_place_and_choose_once_they_are_ticked(with_scripts: Page) -> None:
    page = with_scripts
    page.goto(reverse("subscribe"))
    page.locator("textarea[name=labs]").evaluate("field => field.value = 'CERN'")  # whatever stands there stays
    page.get_by_text("Your own papers, by your name").click()
    page.get_by_label("Your name, as it stands on your papers").fill("Lovelace, Ada")
    button = page.get_by_role("button", name="Find them")
    button.click()
    expect(page.get_by_role("status").filter(has_text="papers found")).to_be_attached()
    expect(button).to_be_focused()
    page.get_by_role("group", name="Tick those that are yours").get_by_label("Paper 0").check()
    expect(page.locator("#digest")).to_contain_text("a paper you named: “Paper 0”")
    assert page.locator("textarea[name=labs]").input_value() == "CERN"


def test_whoever_comes_back_to_the_page_finds_what_was_typed_and_its_digest(with_scripts: Page) -> None:
    page = with_scripts
    page.goto(reverse("subscribe"))
    page.get_by_role("checkbox", name="Topic 4").check()
    expect(page.locator("#digest")).to_contain_text("Paper 3")
    page.goto(reverse("about"))
    page.go_back()
    expect(page.get_by_role("checkbox", name="Topic 4")).to_be_checked()
    expect(page.locator("#digest")).to_contain_text("Paper 3")


# The last stands for a desk at 200 %: half as many of the page's own pixels.
@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (768, "light"), (1440, "dark"), (720, "light")])
def test_the_filled_page_is_for_everybody_and_fits(
    chromium: Browser, live_server: LiveServer, width: int, scheme: str
) -> None:
    options = {"base_url": live_server.url, "viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with chromium.new_context(**options) as context:
        page = context.new_page()
        page.goto(reverse("subscribe") + "?topic=topic-0&author=Ada+Lovelace&like=2606.00003")
        page.get_by_text("Topic 4").first.click()
        expect(page.locator("#told")).to_contain_text("as before")
        less(page, "Paper 1").click()
        expect(page.get_by_role("group", name="Less like these")).to_be_visible()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
