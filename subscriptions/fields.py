"""Kinds of form fields: a time zone, and lists that are typed one thing a line."""

import re
from collections.abc import Hashable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from recommender import names
from recommender.terms import MOST_WORDS, words
from subscriptions.models.people import zone_names

MOST, NAME_LENGTH = 50, 100
NO_WORD = "“{}” holds no letter or digit. Write {}, one a line."


class TimezoneField(forms.ChoiceField):
    """A select of all zones. A browser names zones that we may not know: that is no reason to refuse a person."""

    def __init__(self) -> None:
        super().__init__(
            choices=lambda: [(name, name.replace("_", " ")) for name in sorted(zone_names())],
            required=False,
            label="Time zone",
            initial="UTC",
        )

    def clean(self, value: Any) -> str:
        return value if value in zone_names() else "UTC"


class LinesField(forms.CharField):
    """Several things, one a line → a list of them, each once and as it was typed first."""

    SEPARATOR, LENGTH = re.compile(r"[\n;]"), 5000
    THINGS: str

    def __init__(self, label: str, help_text: str) -> None:
        widget = forms.Textarea(attrs={"rows": 2})
        super().__init__(required=False, max_length=self.LENGTH, label=label, help_text=help_text, widget=widget)

    def clean(self, value: Any) -> list[str]:
        lines = (" ".join(line.split()) for line in self.SEPARATOR.split(super().clean(value)))
        found: dict[Hashable, str] = {}
        for line in filter(None, lines):
            found.setdefault(self.key(line), line)
        if len(found) > MOST:
            raise ValidationError(f"Please keep to {MOST} {self.THINGS}; you gave {len(found)}.")
        return list(found.values())

    def key(self, line: str) -> Hashable:
        """What is the same in two lines that mean the same; ValidationError for a line that means nothing."""
        raise NotImplementedError


class TermsField(LinesField):
    """Words or phrases, between commas too."""

    SEPARATOR, LENGTH, THINGS = re.compile(r"[\n,;]"), 2000, "terms"

    def key(self, line: str) -> Hashable:
        found = words(line)
        if not found:
            raise ValidationError(NO_WORD.format(line[:80], "words or phrases"))
        if len(found) > MOST_WORDS:
            raise ValidationError(f"“{line[:80]}” is too long: a term has at most {MOST_WORDS} words.")
        return found


class PeopleField(LinesField):
    """Names of people; a comma stands within a name."""

    THINGS = "people"

    def key(self, line: str) -> Hashable:
        found = names.spellings(line)
        if not found:
            raise ValidationError(NO_WORD.format(line[:80], "names"))
        if len(line) > NAME_LENGTH or names.seem_several(line):
            raise ValidationError(f"“{line[:80]}” seems to be more than one name. Write each on a line of its own.")
        if len(found[0]) == 1 and found[0][0].isascii():
            raise ValidationError(f"“{line}” is one word. Write a first name or an initial with it: “Y. LeCun”.")
        return found[0]


class LabsField(LinesField):
    """Names of labs, or parts of them."""

    THINGS = "labs"

    def key(self, line: str) -> Hashable:
        found = words(line)
        if not found:
            raise ValidationError(NO_WORD.format(line[:80], "names"))
        if len(line) > NAME_LENGTH:
            raise ValidationError(f"“{line[:80]}…” is too long: a name of a lab has at most {NAME_LENGTH} characters.")
        return found
