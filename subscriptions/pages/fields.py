"""Kinds of form fields: a time zone, and lists that are typed one thing a line."""

import re
from collections.abc import Hashable
from html import escape
from itertools import islice
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from papers.zone_rules import places
from recommender.words import names
from recommender.words.phrases import words
from recommender.words.terms import MOST_WORDS, words_of
from subscriptions.models.people import zone_names

MOST, NAME_LENGTH = 50, 100
IDENTIFIER = re.compile(r"[!-~]{3,200}")
NO_WORD = "“{}” holds no letter or digit. Write {}, one a line."
NO_NAME = "“{}” holds no letter. Write names, one a line."


def has_letter(text: str) -> bool:
    """Tell whether there is a letter of any script; signs, numbers and pictures name no subject and no person."""
    return any(map(str.isalpha, text))


class LongSelect(forms.Select):
    """A select of hundreds, written without a template for each option, which took most of the time of a page.

    And in as few bytes as HTML allows: an option's text is its value, and the next option closes it.
    """

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        options = "".join(self._option(str(key), str(label), value) for key, label in self.choices)
        attributes = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, attributes, mark_safe(options))

    def _option(self, key: str, label: str, chosen: Any) -> str:
        value = "" if key == label else f' value="{escape(key)}"'
        return f"<option{value}{' selected' if key == chosen else ''}>{escape(label)}"


class TimezoneField(forms.ChoiceField):
    """A select of all places. A zone that we do not know, as some browsers send, is no reason to refuse a person."""

    widget = LongSelect

    def __init__(self) -> None:
        super().__init__(choices=self._offered, required=False, label="Time zone", initial="UTC")
        self.kept: set[str] = set()

    def keep(self, name: str) -> None:
        """Offer one more name, which works and was chosen before."""
        self.kept = {name} & zone_names()
        self.choices = self._offered

    def clean(self, value: Any) -> str:
        return value if value in places() | self.kept else "UTC"

    def _offered(self) -> list[tuple[str, str]]:
        return [(name, name.replace("_", " ")) for name in sorted(places() | self.kept)]


class LinesField(forms.CharField):
    """Several things, one a line, cleaned to a list of them, each once and as it was typed first."""

    SEPARATOR, LENGTH = re.compile(r"[\n;]"), 5000
    THINGS: str

    def __init__(self, label: str, help_text: str) -> None:
        widget = forms.Textarea(attrs={"rows": 2})
        super().__init__(required=False, max_length=self.LENGTH, label=label, help_text=help_text, widget=widget)

    def clean(self, value: Any) -> list[str]:
        lines = (" ".join(line.split()) for line in self.SEPARATOR.split(super().clean(value)))
        lines_by_key: dict[Hashable, str] = {}
        for line in filter(None, lines):
            lines_by_key.setdefault(self.key(line), line)
        if len(lines_by_key) > MOST:
            raise ValidationError(f"Please keep to {MOST} {self.THINGS}; you gave {len(lines_by_key)}.")
        return list(lines_by_key.values())

    def key(self, line: str) -> Hashable:
        """Return what is the same in two lines that mean the same; raise ValidationError for one that means nothing."""
        raise NotImplementedError


class TermsField(LinesField):
    """Words or phrases, between commas too."""

    SEPARATOR, LENGTH, THINGS = re.compile(r"[\n,;]"), 2000, "terms"

    def key(self, line: str) -> Hashable:
        term = words_of(line)
        if not term:
            raise ValidationError(NO_WORD.format(line[:80], "words or phrases"))
        if len(term) > MOST_WORDS:
            raise ValidationError(f"“{line[:80]}” is too long: a term has at most {MOST_WORDS} words.")
        return term


class PeopleField(LinesField):
    """Names of people; a comma stands within a name."""

    THINGS = "people"

    def key(self, line: str) -> Hashable:
        spellings = names.spellings(line)
        if not spellings or not has_letter(line):
            raise ValidationError(NO_NAME.format(line[:80]))
        if len(line) > NAME_LENGTH or names.seem_several(line):
            raise ValidationError(f"“{line[:80]}” seems to be more than one name. Write each on a line of its own.")
        if len(spellings[0]) == 1 and spellings[0][0].isascii():
            raise ValidationError(f"“{line}” is one word. Write a first name or an initial with it: “Y. LeCun”.")
        return spellings[0]


class LabsField(LinesField):
    """Names of labs, or parts of them."""

    THINGS = "labs"

    def key(self, line: str) -> Hashable:
        name_words = words(line)
        if not name_words:
            raise ValidationError(NO_WORD.format(line[:80], "names"))
        if len(line) > NAME_LENGTH:
            raise ValidationError(f"“{line[:80]}…” is too long: a name of a lab has at most {NAME_LENGTH} characters.")
        return name_words


class IdentifiersField(forms.Field):
    """Identifiers of papers that our own page wrote into a form: in several fields of one name, several in each.

    Nobody types them, so whatever else stands there is left out without a word, and so is what is too much.
    """

    widget = forms.MultipleHiddenInput

    def __init__(self, most: int) -> None:
        super().__init__(required=False)
        self.most = most

    def clean(self, value: Any) -> list[str]:
        found = (one for text in value or () for one in str(text).split() if IDENTIFIER.fullmatch(one))
        return list(dict.fromkeys(islice(found, self.most)))
