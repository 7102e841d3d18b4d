"""The form of a topic: its words, the papers that a curator names, and a button that only shows what they do."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from papers.arxiv import pasted
from papers.editions.topics import LONGEST, MOST_EXAMPLES
from papers.fields import CategoriesField
from papers.models import Alias, Paper, Topic
from papers.storable import is_storable
from papers.text.words import FIELD_LABELS, shortened

BETWEEN = re.compile(r"[\s,;]+")
SHOW, BELONGS, FOREIGN = "_show", "_belongs", "_foreign"  # names of buttons; the last two name a paper
NAMING = {BELONGS: "examples", FOREIGN: "counterexamples"}


class PapersField(forms.Field):
    """Papers that are stored here, by identifiers or links, one a line; cleans to a list of identifiers."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 40, "class": "vLargeTextField"})

    def prepare_value(self, value: Any) -> str:
        return value if isinstance(value, str) else "\n".join(value or ())

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return list(initial or ()) != self.to_python(data)
        except ValidationError:
            return True

    def to_python(self, value: Any) -> list[str]:
        """Return the identifiers of the papers that a text names; raise ValidationError for the first unknown one."""
        text = str(value or "")
        if not is_storable(text):
            raise ValidationError("There is a character in it that no identifier has.")
        pieces = [piece for piece in BETWEEN.split(text) if piece]
        if len(pieces) > 10 * MOST_EXAMPLES:
            raise ValidationError(f"Please keep to {MOST_EXAMPLES} papers, one a line.")
        known = _stored(pieces)
        read = pasted.read("\n".join(piece for piece in pieces if piece not in known))
        if read.unread:
            raise ValidationError(f"“{shortened(read.unread[0], 60)}” names no paper: write identifiers, one a line.")
        known |= _stored(read.found)
        if unknown := next((one for one in read.found if one not in known), ""):
            raise ValidationError(f"{unknown} is not stored here: only papers that have come in can be examples.")
        found = list(dict.fromkeys(known[one] for one in (*pieces, *read.found) if one in known))
        if len(found) > MOST_EXAMPLES:
            raise ValidationError(f"Please keep to {MOST_EXAMPLES} papers; these are {len(found)}.")
        return found


def _stored(names: list[str]) -> dict[str, str]:
    """Return the identifiers of stored papers by the names that they were called, of those that are stored."""
    if not names:
        return {}
    aliases = Alias.objects.filter(identifier__in=names).values_list("identifier", "paper__identifier")
    own = Paper.objects.filter(identifier__in=names).values_list("identifier", "identifier")
    return dict(aliases) | dict(own)


class TopicForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    description = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 7, "cols": 40, "class": "vLargeTextField"}),
        help_text="Two or three sentences. They and the name are what papers are compared with.",
    )
    field = forms.ChoiceField(choices=[(field, f"{label} ({field})") for field, label in FIELD_LABELS.items()])
    examples = PapersField(
        required=False,
        label="Papers that belong",
        help_text="Identifiers or links, one a line. They stand under the topic, and draw it towards papers like them.",
    )
    counterexamples = PapersField(
        required=False,
        label="Papers that do not",
        help_text="They never stand under the topic, and push it away from papers like them.",
    )
    categories = CategoriesField(
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Of arXiv, by commas, such as cs.LG, stat.ML. Papers in them need not be as near to belong here.",
    )

    class Meta:
        model = Topic
        fields = ["name", "description", "examples", "counterexamples", "slug", "field", "categories", "position"]

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        self.only_shows = bool(data) and any(name in data for name in (SHOW, *NAMING))
        super().__init__(_named(data) if self.only_shows else data, *args, **kwargs)
        own = self.instance.field
        if own not in {"", *FIELD_LABELS}:
            self.fields["field"].choices = [(own, own), *self.fields["field"].choices]  # type: ignore[attr-defined]
        self.fields["description"].widget.attrs["dir"] = "auto"
        if data and (newly := next((field for button, field in NAMING.items() if button in data), "")):
            self.fields[newly].widget.attrs["autofocus"] = True

    def is_valid(self) -> bool:
        """Tell whether to save it: what was only to be shown never is."""
        return super().is_valid() and not self.only_shows

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        data = self.cleaned_data
        if both := {*data.get("examples", ())} & {*data.get("counterexamples", ())}:
            self.add_error("counterexamples", f"{min(both)} belongs, too, by what stands above: take it out of one.")
        return cleaned


def _named(data: Any) -> Any:
    """Return what was typed, and with it the paper of the button that was pressed, taken out of the other list."""
    typed = data.copy()
    for button, field in NAMING.items():
        if paper := data.get(button, ""):
            for other in NAMING.values():
                lines = [line for line in data.get(other, "").splitlines() if line.strip() not in {"", paper}]
                typed[other] = "\n".join([*lines, paper] if other == field else lines)
    return typed
