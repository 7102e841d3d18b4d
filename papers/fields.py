"""Kinds of form fields: a list of texts, one a line, and a list of categories in a line."""

import json
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from papers.storable import is_storable

NO_LIST = 'Write one a line, or a list such as ["Ada Lovelace", "Bo Ek"].'
BETWEEN = re.compile(r"[\s,;]+")
CATEGORY = re.compile(r"[A-Za-z][\w.:-]*")
MOST_CATEGORIES, LONGEST_CATEGORY = 50, 32


class TextsField(forms.Field):
    """Clean to a list of texts, empty where nothing was typed; one a line, or where that cannot be, as JSON.

    Django's own field for JSON fails where it shows again what is nested deeply or holds half a surrogate pair.
    """

    widget: type[forms.Widget] = forms.Textarea

    def __init__(self, *, encoder: Any = None, decoder: Any = None, **kwargs: Any) -> None:
        # What is stored tells whether the list was changed, as for all other fields: no hidden copy of it goes along.
        super().__init__(**kwargs | {"show_hidden_initial": False})

    def prepare_value(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        texts = value or []
        lines = "\n".join(map(str, texts))
        return lines if _lines(lines) == texts else json.dumps(texts, ensure_ascii=False)

    def to_python(self, value: Any) -> list[str]:
        if isinstance(value, str) and not value.lstrip().startswith("["):
            value = _lines(value)
        try:
            texts = json.loads(value) if isinstance(value, str) else value or []
        except (RecursionError, ValueError) as error:
            raise ValidationError(NO_LIST) from error
        if not isinstance(texts, list) or not all(isinstance(text, str) and is_storable(text) for text in texts):
            raise ValidationError(NO_LIST)
        return texts

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return list(initial or ()) != self.to_python(data)
        except ValidationError:
            return True


class CategoriesField(TextsField):
    """Clean to a list of arXiv's categories, which are typed in a line."""

    widget = forms.TextInput

    def prepare_value(self, value: Any) -> str:
        return value if isinstance(value, str) else ", ".join(value or ())

    def to_python(self, value: Any) -> list[str]:
        """Return each category once; raise ValidationError for the first that is none."""
        found = value if isinstance(value, list) else BETWEEN.split(str(value or ""))
        found = list(dict.fromkeys(filter(None, found)))
        if wrong := next((one for one in found if not CATEGORY.fullmatch(one) or len(one) > LONGEST_CATEGORY), ""):
            shown = wrong[:LONGEST_CATEGORY].encode(errors="replace").decode()
            raise ValidationError(f"“{shown}” is no category: write them such as cs.LG, stat.ML.")
        if len(found) > MOST_CATEGORIES:
            raise ValidationError(f"Please keep to {MOST_CATEGORIES} categories; these are {len(found)}.")
        return found


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
