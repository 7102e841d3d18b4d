"""Kinds of form fields: a list of texts, as JSON."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from papers.storable import is_storable

NO_LIST = 'Write a list of texts, such as ["cs.LG", "stat.ML"].'


class TextsField(forms.Field):
    """Clean to a list of texts, empty where nothing was typed; anything else is refused.

    Django's own field for JSON fails where it shows again what is nested deeply or holds half a surrogate pair.
    """

    widget = forms.Textarea

    def __init__(self, *, encoder: Any = None, decoder: Any = None, **kwargs: Any) -> None:
        # What is stored tells whether the list was changed, as for all other fields: no hidden copy of it goes along.
        super().__init__(**kwargs | {"show_hidden_initial": False})

    def prepare_value(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def to_python(self, value: Any) -> list[str]:
        if not value:
            return []
        try:
            texts = value if isinstance(value, list) else json.loads(value)
        except (RecursionError, TypeError, ValueError) as error:
            raise ValidationError(NO_LIST) from error
        if not isinstance(texts, list) or not all(isinstance(text, str) and is_storable(text) for text in texts):
            raise ValidationError(NO_LIST)
        return texts
