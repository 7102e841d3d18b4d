"""The field that asks how long a digest may be, in papers or in minutes of reading."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import forms
from django.conf import settings

from papers.text.reading_time import WORDS_A_MINUTE
from subscriptions.models import Subscriber

SIZES = (3, 5, 10, 15, 20)
MINUTES = (3, 5, 10, 15, 20)


class Length(NamedTuple):
    """How long a digest may be."""

    papers: int | None  # None: their number stays as it was, for whoever comes back from minutes
    minutes: int  # 0: counted in papers

    @classmethod
    def read(cls, value: str) -> Length:
        """Read the value of an option; raise ValueError for what is none."""
        number, _, unit = value.partition(" ")
        return cls(None, int(number)) if unit else cls(int(number), 0)

    def as_settings(self) -> dict[str, int]:
        """Return what it says, under the names of the subscriber's columns."""
        return {"reading_minutes": self.minutes} | ({"digest_size": self.papers} if self.papers else {})


class LengthField(forms.TypedChoiceField):
    def __init__(self) -> None:
        super().__init__(
            choices=_options,
            coerce=Length.read,
            empty_value=None,
            required=False,
            initial=lambda: settings.DIGEST_SIZE,
            label="Length of a mail",
            help_text=f"Time is that of titles and abstracts, at {WORDS_A_MINUTE} words a minute.",
        )


def option_of(subscriber: Subscriber) -> str:
    """Return the value of the option that a subscriber has."""
    minutes = subscriber.reading_minutes
    return f"{minutes} minutes" if minutes else str(subscriber.digest_size)


def settings_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return what a form's cleaned data say of the length, under the names of columns; {} for nothing."""
    length: Length | None = data.get("digest_size")
    return length.as_settings() if length else {}


def _options() -> list[tuple[str, list[tuple[str, str]]]]:
    papers = [(str(size), f"up to {size} papers") for size in sorted({*SIZES, settings.DIGEST_SIZE})]
    return [("In papers", papers), ("In time", [(f"{n} minutes", f"about {n} minutes") for n in MINUTES])]
