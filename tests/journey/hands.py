"""How a reader operates a page: with a mouse, or with nothing but a keyboard."""

from collections import Counter
from typing import Any

from playwright.sync_api import Locator, Page

MOST_STOPS = 400  # of the Tab key on one page
IS_HERE = "element => element === document.activeElement"
# Where the choice of a group of radio buttons is entered: by its checked one, or else by its first or last.
GROUP = """element => element.type !== "radio" ? element :
  document.querySelector(`[type=radio][name="${CSS.escape(element.name)}"]:checked`) ?? element"""
IS_AHEAD = """element => {
  const here = document.activeElement;
  return here === document.body || Boolean(here.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING);
}"""
# Of what has the focus: whether it is to be seen, and whether the focus is.
STOP = """({ahead, narrow}) => {
  const here = document.activeElement, wrong = [];
  if (!here || here === document.body) return ["the focus is lost"];
  const label = here.closest("label") ?? document.querySelector(`label[for="${CSS.escape(here.id)}"]`);
  const ringed = [here, label].find(one => one && getComputedStyle(one).outlineStyle !== "none"
    && (getComputedStyle(one).outlineStyle === "auto" || parseFloat(getComputedStyle(one).outlineWidth) >= 2));
  if (!ringed) wrong.push("nothing shows the focus");
  const boxes = [...(ringed ?? here).getClientRects()].filter(one => one.width >= 1 && one.height >= 1);
  if (!boxes.length) return [`no size: ${here.outerHTML.slice(0, 160)}`];
  const box = boxes.find(one => one.top >= 0) ?? boxes[0];  // a link of many lines may be higher than the window
  const spots = [[.5, .5], [.1, .2], [.9, .2], [.1, .8], [.9, .8]].map(
    ([x, y]) => document.elementFromPoint(box.left + box.width * x, box.top + box.height * y));
  const own = one => one && (here.contains(one) || one.contains(here) || label?.contains(one));
  const shown = spots.filter(own).length;
  if (!shown) wrong.push("out of sight");
  // Of a long text the beginning is in sight, of a field the caret.
  const isLong = boxes.length > 1 || box.height > innerHeight / 3 || here.tagName === "TEXTAREA";
  const isLetter = location.protocol === "about:";  // which may be wider than the window
  const over = spots.find(one => !own(one))?.cloneNode().outerHTML ?? "nothing";
  if (shown && shown < 5 && !isLong && !isLetter) wrong.push(`partly covered (${shown} of 5) by ${over.slice(0, 160)}`);
  if (here.tabIndex > 0) wrong.push("a tabindex of its own");
  const before = window.stopBefore, place = {top: box.top + scrollY, bottom: box.bottom + scrollY, here};
  if (before?.here.isConnected && ahead !== null) {
    const follows = Boolean(before.here.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING);
    if (follows !== ahead) wrong.push("out of the order of the page");
    const sticks = one => one && (getComputedStyle(one).position === "sticky" || sticks(one.parentElement));
    const up = ahead ? before.top - place.bottom : place.top - before.bottom;
    if (narrow && up > 0 && !sticks(here) && !sticks(before.here)) wrong.push(`${up} pixels against the lines`);
  }
  window.stopBefore = place;
  return wrong.map(fault => `${fault}: ${here.outerHTML.slice(0, 160)}`);
}"""


class Mouse:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []

    def press(self, button: Locator) -> None:
        button.click()

    def choose(self, choice: Locator) -> None:
        """Tick a box, or one of several."""
        choice.check()

    def write(self, field: Locator, text: str) -> None:
        field.click()
        self.page.keyboard.type(text)

    def settled(self) -> None:
        """A part of the page was exchanged."""


class Keyboard(Mouse):
    """Tab, Enter, Space, arrows and letters; each stop of the focus is judged."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.struck: Counter[str] = Counter()  # keys, without what was typed into fields

    def strike(self, *keys: str) -> None:
        for key in keys:
            self.struck[key] += 1
            self.page.keyboard.press(key)

    def press(self, button: Locator) -> None:
        self.reach(button)
        self.strike("Enter")

    def pick(self, choices: Locator, option: str) -> None:
        """Choose in a list that drops down, by typing how the option begins."""
        self.reach(choices)
        self.page.keyboard.type(option)

    def choose(self, choice: Locator) -> None:
        self.reach(choice.evaluate_handle(GROUP).as_element())
        if choice.get_attribute("type") != "radio":
            self.strike("Space")
            return
        for _ in range(10):
            if choice.evaluate(IS_HERE):
                return
            self.strike("ArrowRight")
            self._judge(None)
        raise AssertionError("the arrow keys do not lead there")

    def write(self, field: Locator, text: str) -> None:
        self.reach(field)
        self.page.keyboard.type(text)

    def settled(self) -> None:
        self._judge(None)

    def reach(self, target: Any) -> None:
        """By Tab, or by Shift and Tab where it stands further up."""
        if isinstance(target, Locator):
            target.wait_for(state="attached")
        ahead = target.evaluate(IS_AHEAD)
        for _ in range(MOST_STOPS):
            if target.evaluate(IS_HERE):
                return
            self.strike("Tab" if ahead else "Shift+Tab")
            self._judge(ahead)
        raise AssertionError("the Tab key does not lead there")

    def _judge(self, ahead: bool | None) -> None:
        narrow = self.page.evaluate("!matchMedia('(min-width: 62rem)').matches")
        self.faults += self.page.evaluate(STOP, {"ahead": ahead, "narrow": narrow})
