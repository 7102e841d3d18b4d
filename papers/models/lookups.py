"""Look-ups by a value that no column can hold find nothing, on every database; some drivers alone would fail.

Django does the same for a single whole number; for lists of them, and for text, drivers raise errors of their own.
"""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import lookups

from papers.storable import is_storable


class OneOfStorable(lookups.In):
    """`in`, without the members that the column cannot hold."""

    def get_prep_lookup(self) -> Any:
        prepared = super().get_prep_lookup()
        return [value for value in prepared if is_storable(value)] if isinstance(prepared, list) else prepared

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        if isinstance(self.rhs, list) and isinstance(self.lhs.output_field, models.IntegerField):
            lowest, highest = connection.ops.integer_field_range(self.lhs.output_field.get_internal_type())
            self.rhs = [value for value in self.rhs if _lies_between(value, lowest, highest)]
        return super().process_rhs(compiler, connection)


def _lies_between(value: object, lowest: int | None, highest: int | None) -> bool:
    if not isinstance(value, int):
        return True
    return (lowest is None or lowest <= value) and (highest is None or value <= highest)


class SameText(lookups.Exact):
    """`exact`, which a text that cannot be stored never is."""

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        if not is_storable(self.rhs):
            raise EmptyResultSet
        return super().process_rhs(compiler, connection)


for text in (models.CharField, models.TextField):
    text.register_lookup(SameText)
for kind in (models.CharField, models.TextField, models.IntegerField):
    kind.register_lookup(OneOfStorable)
