"""One reader's way, from the front page to the end of the subscription and past it."""

import re
from contextlib import nullcontext
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.journey.hands import Mouse
from tests.journey.post import Post, as_page
from tests.journey.watch import Watch

LINE = "speech recognition for rare languages"
TOPIC, ANOTHER = re.compile("^Reinforcement learning"), re.compile("^Robot learning")
CHANGED = re.compile(r"\d+ came in, \d+ went out")


@dataclass
class Reader:
    page: Page
    hands: Mouse
    watch: Watch
    post: Post
    has_scripts: bool
    is_enlarged: bool

    def whole_way(self) -> None:
        self.arrive()
        self.say_what_for()
        self.give_the_address()
        self.confirm()
        self.read_the_mail()
        self.rate()
        self.open_own_pages()
        self.take_along()
        self.change_an_interest()
        self.leave()
        self.try_old_links()

    def arrive(self) -> None:
        self.page.goto("/")
        expect(self.page.get_by_role("article").first).to_be_visible()
        self._look("front page")
        self._go("link", "Subscribe")

    def say_what_for(self) -> None:
        self._look("builder, empty")
        live = self._told().element_handle()
        self.hands.write(self.page.get_by_label("What you work on"), LINE)
        self._show("Show my digest")
        expect(self._told()).to_contain_text("paper")
        expect(self._digest().get_by_role("article").first).to_contain_text(LINE)
        self.hands.choose(self.page.get_by_role("checkbox", name=TOPIC))
        self._show("Show my digest")
        expect(self._told()).to_contain_text(CHANGED)
        self._look("builder, filled")
        self._less()
        if self.has_scripts:  # what is new on the page says nothing aloud
            assert live.evaluate("one => one.isConnected")
        self._look("builder, less like one")

    def _less(self) -> None:
        first = self._digest().get_by_role("article").first
        title = first.get_by_role("heading").get_by_role("link").inner_text()
        button = first.get_by_role("button", name=re.compile("^Less like this"))
        with nullcontext() if self.has_scripts else self.page.expect_navigation():
            self.hands.press(button)
        expect(self.page.get_by_role("group", name="Less like these")).to_contain_text(title)
        expect(first).not_to_contain_text(title)
        expect(self._told()).to_contain_text(re.compile(r"\d+ came in, [1-9]\d* went out"))
        self._is_settled()
        self._in_sight(first)

    def give_the_address(self) -> None:
        self.hands.write(self.page.get_by_label("Your e-mail address"), self.post.address)
        self._go("button", "Subscribe")
        expect(self.page.get_by_role("heading", name="Check your inbox")).to_be_visible()
        self._look("check your inbox")

    def confirm(self) -> None:
        self._open("Confirm", "Confirm my subscription")
        button = self.page.get_by_role("button", name="Confirm my subscription")
        if not self.is_enlarged:
            self._in_sight(button)
        expect(self.page.get_by_role("heading", name="A first look")).to_be_visible()
        first = self.page.get_by_role("article").first
        assert _top(button) < _top(first)
        self._look("confirm")
        self._go("button", "Confirm my subscription")
        self._hears("Your subscription is confirmed")
        self._look("confirmed")

    def read_the_mail(self) -> None:
        self._go("button", "Send me today’s digest now")
        self._hears("on its way")
        self._open("papers for you", "Read or rate on the web")

    def rate(self) -> None:
        papers = self.page.locator("li[id^=p]").get_by_role("article")
        self._look("digest on the web")
        self.hands.choose(papers.nth(0).get_by_label("more like this"))
        self.hands.choose(papers.nth(1).get_by_label("less like this"))
        self.hands.choose(papers.nth(2).get_by_label("keep"))
        self.kept = papers.nth(2).get_by_role("heading").inner_text()
        self._go("button", "Save my ratings")
        self._hears("Thank you.")
        expect(papers.nth(0).get_by_label("more like this")).to_be_checked()
        self._look("rated")

    def open_own_pages(self) -> None:
        """By a link that is mailed, because a digest may have been forwarded."""
        self._go("link", "What you kept")
        self._look("own link")
        self._go("button", "Send me my link")
        self._hears("is on its way")
        self._open("Your link", "Change my preferences")

    def take_along(self) -> None:
        self._go("link", "Saved")
        expect(self.page.get_by_role("heading", name=self.kept)).to_be_visible()
        self._look("saved")
        with self.page.expect_download() as download:
            self._press("link", "BibTeX")
        assert self.kept.split(":")[0] in download.value.path().read_text()

    def change_an_interest(self) -> None:
        self._go("link", "Interests")
        self.hands.choose(self.page.get_by_role("checkbox", name=ANOTHER))
        self._show("Show it without saving")
        expect(self._told()).to_contain_text(CHANGED)
        expect(self._digest().locator(".came").first).to_contain_text("Robot learning")
        self._look("preferences, changed")
        self._go("button", "Save")
        self._hears("New in it: ")
        self._look("preferences, saved")

    def leave(self) -> None:
        self._go("link", "Leave")
        self._look("leave")
        self._go("button", "Unsubscribe")
        expect(self.page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
        self._look("left")
        self.post.mail("You are unsubscribed")

    def try_old_links(self) -> None:
        self._open("Your link", "Change my preferences")
        expect(self.page.get_by_text("You are unsubscribed")).to_be_visible()
        expect(self.page.get_by_role("main").get_by_role("link", name="Sign up again")).to_be_visible()
        self._look("preferences of who left")
        with self.watch.expecting(404):
            self.page.goto(self.page.url[:-4] + "/")  # as a mail program breaks a line
        expect(self.page.get_by_role("heading", name="What you can do")).to_be_visible()
        self._look("ended link")
        self._go("link", "Enter your address")
        expect(self.page.get_by_label("Your e-mail address")).to_be_visible()

    def _digest(self) -> Locator:
        return self.page.locator("#digest")

    def _told(self) -> Locator:
        return self.page.locator("#told")

    def _press(self, role: str, name: str) -> None:
        self.hands.press(self.page.get_by_role(role, name=name, exact=name in EXACT).first)  # type: ignore[arg-type]

    def _go(self, role: str, name: str) -> None:
        """Press what leads to another page, and wait until it is there."""
        with self.page.expect_navigation():
            self._press(role, name)

    def _show(self, button: str) -> None:
        """Without scripts a button shows what a change brings; with them it is shown by itself."""
        if not self.has_scripts:
            self._go("button", button)
            self._in_sight(self.page.locator("#digest-title"))
        self._is_settled()

    def _is_settled(self) -> None:
        expect(self.page.locator(".htmx-request")).to_have_count(0)
        self.hands.settled()

    def _open(self, subject: str, link: str) -> None:
        """The mail in a mail program, and from there its link."""
        self.page.goto("about:blank")
        self.page.set_content(as_page(self.post.mail(subject)))
        self._look(f"mail: {subject}")
        self._go("link", link)

    def _look(self, name: str) -> None:
        self.watch.look(self.page, name)

    def _hears(self, words: str) -> None:
        """What was done is said where the reader is."""
        said = self.page.get_by_role("status").filter(has_text=words).first
        expect(said).to_be_visible()
        self._in_sight(said)
        expect(self.page.locator("#main")).to_be_focused()  # from where screen readers read, and the Tab key goes on

    def _in_sight(self, what: Locator) -> None:
        expect(what).to_be_in_viewport()


EXACT = {"Subscribe", "Saved", "Interests", "Save", "Leave", "Unsubscribe", "BibTeX"}


def _top(what: Locator) -> float:
    box = what.bounding_box()
    assert box
    return box["y"]
