"""How staff go through the admin by the keyboard alone: in by password and code, and from page to page."""

import re
from base64 import b32decode
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.journey.hands import Keyboard
from tests.journey.watch import Watch
from tests.subscriptions.staff.conftest import code_now

LOGIN = "/admin/login/"


@dataclass
class Walk:
    page: Page
    hands: Keyboard
    watch: Watch
    name: str
    password: str
    secret: str = ""  # of the phone, in hexadecimal digits

    def open(self) -> None:
        """The only address that is ever opened; from here on there is nothing but keys."""
        self.page.goto(LOGIN)
        self.look("sign in")

    def give_password(self, password: str = "") -> None:
        expect(self.page.get_by_label("Username")).to_be_focused()
        self.page.keyboard.type(self.name)
        self.hands.strike("Tab")
        self.page.keyboard.type(password or self.password)
        with self.page.expect_navigation():
            self.hands.strike("Enter")

    def give_code(self, code: str) -> None:
        """Into the field that has the focus, on arrival and after a wrong one."""
        expect(self.page.get_by_label("Code")).to_be_focused()
        self.page.keyboard.type(code)
        with self.page.expect_navigation():
            self.hands.strike("Enter")

    def scan(self, typed: str) -> None:
        """Take the secret as it is shown to be typed into a phone: base32 in groups."""
        plain = typed.replace(" ", "")
        self.secret = b32decode(plain + "=" * (-len(plain) % 8)).hex()

    def phone(self) -> str:
        """Return the code that the phone shows now."""
        return code_now(self.secret)

    def leave(self) -> None:
        self.go("button", "Log out", "Logged out")
        self.look("logged out")
        self.go("link", "Log in again")

    def home(self) -> None:
        self.go("link", "Home", "For curators and operators")

    def skip(self) -> None:
        """Past everything that stands on each page."""
        self.hands.strike("Tab")
        expect(self.page.get_by_role("link", name="Skip to main content")).to_be_focused()
        self.hands.strike("Enter")
        expect(self.page.locator("#content-start")).to_be_focused()

    def go(self, role: str, name: str | re.Pattern[str], heading: str = "") -> None:
        """Press what leads to another page, which says by a heading where one is."""
        with self.page.expect_navigation():
            self.press(role, name)
        if heading:
            expect(self.page.get_by_role("heading", name=heading).first).to_be_visible()

    def press(self, role: str, name: str | re.Pattern[str]) -> None:
        self.hands.press(self.one(role, name))

    def one(self, role: str, name: str | re.Pattern[str]) -> Locator:
        within = self.page.locator("#container")  # and not in a dialog, which is closed
        return within.get_by_role(role, name=name, exact=isinstance(name, str)).first  # type: ignore[arg-type]

    def hears(self, words: str) -> None:
        """What was done or went wrong has the focus, and is in sight."""
        told = self.page.locator(".messagelist:not([aria-label]), .errornote").filter(has_text=words).first
        expect(told).to_be_focused()
        expect(told).to_be_in_viewport()

    def look(self, name: str) -> None:
        self.watch.look(self.page, name)
