"""Measures a mail on a narrow phone in each of the ways in which programs show it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.contrast import measuring
from tests.mail_gallery.views import WAYS, View, show

SCRIPT = measuring(Path(__file__).parent / "measure.js")


@dataclass(slots=True)
class Measured:
    """What a look at mails has found: faults as lines, and how much was looked at."""

    faults: list[str] = field(default_factory=list)
    texts: int = 0
    elements: int = 0
    contrast: float = 21.0  # the least, of any text
    right: float = 0.0  # pixels, the farthest


def measure(page: Page, mails: Iterable[tuple[str, str]], views: Iterable[View] = WAYS) -> Measured:
    """Look at each mail, by name and HTML, in every view."""
    whole = Measured()
    for name, html in mails:
        for view in views:
            show(page, html, view)
            _add(whole, page.evaluate(SCRIPT, view.width), f"{name}, {view.name}")
    return whole


def _add(whole: Measured, found: dict[str, Any], where: str) -> None:
    whole.faults += [f"{where}: {fault}" for fault in found["faults"]]
    whole.texts += found["texts"]
    whole.elements += found["elements"]
    whole.contrast = min(whole.contrast, found["contrast"])
    whole.right = max(whole.right, found["right"])
