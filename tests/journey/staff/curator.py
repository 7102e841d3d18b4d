"""A curator's five minutes: in, to the desk, through the papers of the day, and to the topics."""

import json
import re
from typing import Any

from playwright.sync_api import expect

from tests.journey.staff.steps import Walk

NOTE = "hush, much of this: just hum, and none knows how"
EDIT = "quantum error correction code for a noisy processor"
WITHIN = "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
FEW_KEYS = 4  # from the front page to the first paper
BUSY = ".htmx-request, .htmx-swapping, .htmx-settling"


class Curator(Walk):
    def whole_day(self) -> None:
        self.enrol()
        self.come_back_with_a_recovery_code()
        self.go_to_the_desk()
        self.decide()
        self.merge_papers()
        self.look_things_up()
        self.choose_sample_readers()
        self.edit_a_topic()
        self.take_topics_along()
        self.merge_topics()
        self.retire_a_topic()

    def enrol(self) -> None:
        self.open()
        self.give_password("not " + self.password)
        self.hears("Please enter the correct username")
        self.look("wrong password")
        self.hands.strike("Tab")
        self.page.keyboard.press("Control+A")
        self.give_password()
        expect(self.page.get_by_label("Code")).to_be_focused()
        self.hands.press(self.page.get_by_text("You cannot scan it?"))
        self.scan(self.page.locator(".secret").inner_text())
        self.look("enrol")
        self.hands.reach(self.page.get_by_label("Code"))
        self.give_code("000000")
        expect(self.page.get_by_label("Code")).to_have_accessible_description(re.compile("not the code"))
        self.look("enrol, wrong code")
        self.give_code(self.phone())
        expect(self.page.get_by_text("they are not shown again")).to_be_visible()
        self.codes = self.page.locator(".codes code").all_inner_texts()
        self.look("recovery codes")
        self.go("link", "I have kept them", "Waits for a decision")

    def come_back_with_a_recovery_code(self) -> None:
        self.leave()
        self.give_password()
        self.look("code")
        self.give_code(self.codes[0])
        self.look("front page")

    def go_to_the_desk(self) -> None:
        before = self.hands.struck.total()
        self.skip()
        self.go("link", "Curate it at its desk", "Desk of Tuesday 30 June")
        expect(self.row(0)).to_be_focused()
        assert self.hands.struck.total() - before <= FEW_KEYS
        expect(self.page.locator("#effects h3").first).to_be_visible()
        self.look("desk")

    def decide(self) -> None:
        self.key("j")
        featured = self.present()
        self.act("f", "Featured")
        self.act("h", "Hidden")
        self.act("f", "Featured")
        assert self.present() == featured
        self.key("n")
        expect(self.page.locator("#desk textarea:focus")).to_have_value("")
        self.page.keyboard.type(NOTE)
        self.look("desk, writing a note")
        self.act("Control+Enter", "Noted.")
        assert self.present() == featured
        expect(self.page.locator(f"#{featured} .note")).to_contain_text(NOTE)
        self.key("j")
        hidden = self.present()
        self.act("h", "Hidden")
        self.look("desk, decided")
        self.key("k", "k")
        self.act("u", "Undone: hidden")
        assert self.present() == hidden

    def merge_papers(self) -> None:
        gone = self.present()
        self.key("m")
        expect(self.page.locator(".merging")).to_be_visible()
        self.look("desk, merging")
        self.key("Escape")
        expect(self.page.locator(".merging")).to_have_count(0)
        assert self.present() == gone
        self.key("m")
        self.key("j")
        kept = self.present()
        self.act("m", "Merged.")
        assert self.present() == kept

    def look_things_up(self) -> None:
        self.key("o")
        expect(self.page.locator("#heard")).to_contain_text("We study")
        before = self.present()
        self.key("?")
        expect(self.page.get_by_role("dialog")).to_be_visible()
        self.look("desk, keys")
        self.hands.strike("Tab", "Tab", "Tab", "h")
        assert self.page.evaluate(WITHIN)
        self.key("Escape")
        assert self.present() == before
        self.turn_the_keys_off_and_on()

    def turn_the_keys_off_and_on(self) -> None:
        was = self.present()
        for ticked in (False, True):
            self.press("button", "Keys ?")
            self.hands.choose(self.page.get_by_role("checkbox", name=re.compile("^Keys act")))
            self.key("Escape")
            expect(self.page.get_by_role("button", name="Keys ?")).to_be_focused()
            self.key("j")
            assert (self.present() != was) is ticked

    def choose_sample_readers(self) -> None:
        self.key("r")
        expect(self.page.locator("#effects")).to_be_focused()
        self.hands.press(self.page.get_by_text("Other readers"))
        self.hands.pick(self.page.get_by_label("Reader 1 follows"), "Speech")
        self.look("desk, other readers")
        self.go("button", "Look at these", "Desk of")
        expect(self.page.locator("#effects")).to_be_focused()
        expect(self.page.locator("#effects h3").first).to_contain_text("Speech")
        self.home()

    def edit_a_topic(self) -> None:
        self.skip()
        self.go("link", "Topics", "Select topic to change")
        self.look("topics")
        self.skip()
        self.go("link", "Robot", "Change topic")
        self.hands.reach(self.page.get_by_label("Description"))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(EDIT)
        expect(self.page.locator("#effect-told")).to_contain_text(re.compile(r"Wins [1-9]"))
        expect(self.page.get_by_label("Description")).to_be_focused()
        self.look("topic, edited")
        self.name_examples()
        self.go("button", "Save")
        self.hears("was changed successfully")

    def name_examples(self) -> None:
        for kind, field in (("Belongs", "Papers that belong:"), ("Does not belong", "Papers that do not:")):
            button = self.one("button", re.compile(f"^{kind}"))
            named = button.get_attribute("value") or ""
            self.hands.press(button)
            expect(self.page.get_by_label(field, exact=True)).to_have_value(re.compile(re.escape(named)))
            expect(self.page.locator(BUSY)).to_have_count(0)
            self.hands.settled()
        self.look("topic, with examples")

    def take_topics_along(self) -> None:
        with self.page.expect_download() as download:
            self.press("link", "Export")
        self.kept: Any = json.loads(download.value.path().read_text())
        self.go("link", "Import", "Import")
        with self.watch.expecting(400):
            self.give_file(b"{")
        self.hears("Nothing was changed")
        self.look("import, refused")
        self.kept[0]["description"] += " And of hands."
        self.give_file(json.dumps(self.kept).encode())
        self.look("import")
        self.go("button", "Write 1 topic")
        self.hears("1 changed")

    def give_file(self, content: bytes) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.press("button", re.compile("^File"))
        chooser.value.set_files({"name": "topics.json", "mimeType": "application/json", "buffer": content})
        self.go("button", "Look at it")

    def merge_topics(self) -> None:
        self.go("link", "Protein", "Change topic")
        self.go("link", "Merge into another", "Merge")
        self.hands.pick(self.page.get_by_label("Into which topic?"), "Speech")
        self.go("button", "Go on")
        self.look("topic, merging")
        self.go("button", "Merge")
        self.hears("is part of")

    def retire_a_topic(self) -> None:
        self.go("link", "Topics", "Select topic to change")
        self.hands.choose(self.page.get_by_role("row", name=re.compile("Quantum")).get_by_role("checkbox"))
        self.hands.pick(self.page.get_by_label("Action:"), "Retire")
        self.go("button", "Go", "Are you sure?")
        self.look("topic, retiring")
        self.go("button", "Retire")
        self.hears("1 retired.")
        self.look("topics, at the end")

    def act(self, key: str, says: str) -> None:
        self.hands.strike(key)
        expect(self.page.locator("#said")).to_contain_text(says)
        expect(self.page.locator(BUSY)).to_have_count(0)
        expect(self.page.locator("#said")).to_be_in_viewport()
        self.hands.settled()

    def key(self, *keys: str) -> None:
        for key in keys:
            self.hands.strike(key)
            expect(self.page.locator(BUSY)).to_have_count(0)
            self.hands.settled()

    def row(self, number: int) -> Any:
        return self.page.locator("#desk .row").nth(number)

    def present(self) -> str:
        """The paper that has the focus, or what was opened in it."""
        return str(self.page.locator("#desk .row[aria-current]").get_attribute("id"))
