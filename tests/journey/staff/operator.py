"""An operator's day: mail that failed, the switch, a source that is away, a reader who asks, charts and the log."""

import re

from playwright.sync_api import expect

from tests.journey.staff.steps import Walk


class Operator(Walk):
    def whole_day(self) -> None:
        self.come_in()
        self.see_to_the_mails()
        self.switch_off_and_on()
        self.see_to_a_source()
        self.find_a_reader()
        self.suppress_and_lift()
        self.look_at_what_they_get()
        self.take_out_and_erase()
        self.see_how_it_goes()

    def come_in(self) -> None:
        self.open()
        self.give_password()
        self.give_code(self.phone())
        self.look("front page")

    def see_to_the_mails(self) -> None:
        self.skip()
        self.go("link", "Runs", "Runs")
        self.look("runs")
        self.skip()
        self.go("link", "Tue 30 Jun 2026", "Balance")
        expect(self.page.get_by_text("No mail goes to the provider postmark").last).to_be_visible()
        self.look("day")
        self.skip()
        self.go("button", re.compile("^Again: The provider refused|^Again: .*413"), "Are you sure?")
        self.look("again")
        self.go("button", "Begin anew", "Balance")
        self.hears("2 failed digests are begun anew.")
        self.go("button", re.compile("^Give up: "), "Are you sure?")
        self.go("link", "No, go back", "Balance")
        self.skip()
        self.go("button", re.compile("^Give up: "), "Are you sure?")
        self.go("button", "Give up", "Balance")
        self.hears("2 uncertain digests are given up.")
        self.look("day, seen to")

    def switch_off_and_on(self) -> None:
        self.go("link", re.compile("^Control: "), "Sending")
        self.look("control")
        self.skip()
        self.hands.write(self.page.get_by_label(re.compile("^Why, for the others")), "the provider asked us to wait")
        self.go("button", "Stop all sending", "Sending")
        self.hears("All sending is stopped.")
        self.look("control, stopped")
        self.go("button", "Resume sending", "Sending")
        self.hears("Mail may leave again.")
        self.go("button", "Close the breaker of postmark now", "Sending")
        self.hears("Mail goes to postmark again.")
        self.home()

    def see_to_a_source(self) -> None:
        self.skip()
        self.go("link", "Sources", "On the network")
        self.look("sources")
        self.skip()
        self.go("button", "Retry huggingface now", "On the network")
        self.hears("“huggingface” is asked as soon as a worker takes it")
        self.home()

    def find_a_reader(self) -> None:
        self.skip()
        self.go("link", "Subscribers", "Select subscriber")
        self.hands.write(self.page.get_by_role("textbox", name="Search"), "reader5")
        with self.page.expect_navigation():
            self.hands.strike("Enter")
        self.look("readers, found")
        self.skip()
        self.go("link", re.compile("^reader5@"), "Mails and reports")
        self.look("reader")

    def suppress_and_lift(self) -> None:
        self.skip()
        reason = self.page.get_by_label("Why the address is suppressed")
        self.press("button", "Suppress")
        expect(reason).to_be_focused()  # it is asked for
        self.hands.settled()
        self.page.keyboard.type("their university asked")
        self.go("button", "Suppress", "Mails and reports")
        self.hears("Suppressed")
        self.look("reader, suppressed")
        self.hands.write(self.page.get_by_label("Why the suppression is lifted"), "it was another university")
        self.go("button", "Lift the suppression", "Mails and reports")
        self.hears("Suppression lifted")

    def look_at_what_they_get(self) -> None:
        self.go("link", "Why they get what they get")
        expect(self.page.get_by_text("papers in question today")).to_be_visible()
        self.skip()
        self.hands.press(self.page.locator("summary", has_text="pick 1").first)
        self.look("why")
        self.go("link", re.compile("^reader5@"), "Mails and reports")
        self.skip()
        self.go("link", "Next digest, without working links")
        self.page.frame_locator("iframe").get_by_role("heading").first.wait_for()
        self.look("preview")
        self.go("link", "Text")
        self.look("preview, text")
        self.go("link", re.compile("^reader5@"), "Mails and reports")

    def take_out_and_erase(self) -> None:
        self.skip()
        with self.page.expect_download() as download:
            self.press("button", "Export all that is stored")
        assert "reader5@" in download.value.path().read_text()
        self.go("button", "Erase …", "Are you sure?")
        self.look("erase")
        self.go("button", "Erase")
        self.hears("erased")
        self.home()

    def see_how_it_goes(self) -> None:
        self.skip()
        self.go("link", "All charts", "Charts")
        self.skip()
        self.go("link", "6 months")
        self.press_summary("in numbers")
        self.look("charts")
        self.home()
        self.skip()
        self.go("link", "Log entries")
        expect(self.page.get_by_role("cell", name=re.compile("Begin anew: 2 failed digests")).first).to_be_visible()
        self.look("log")

    def press_summary(self, words: str) -> None:
        self.hands.press(self.page.locator("summary", has_text=words).first)
