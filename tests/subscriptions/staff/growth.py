"""A database that has grown in every direction, whatever tables there are: each row twice, and more of its own."""

import secrets
from collections import defaultdict
from collections.abc import Iterator
from copy import copy
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction

STEPS = count(1)
THEIRS = (ContentType, Permission)  # made by Django from the code
Row = Any
Clones = dict[type[models.Model], dict[Any, Row]]


def grow() -> None:
    """Store a copy of every row, with copies for its neighbours, and then to every row more of what leads to it."""
    before = {model: list(model._default_manager.all()) for model in _models()}
    clones: Clones = defaultdict(dict)
    for model, rows in before.items():
        for row in rows:
            if clone := _stored(row, clones):
                clones[model][row.pk] = clone
    for rows in before.values():
        for row in rows:
            for link in _links(row):
                _stored(row, clones, kept=link)


def _models() -> Iterator[type[models.Model]]:
    """Yield all tables, each after those that it leads to."""
    waiting = [model for model in apps.get_models() if model not in THEIRS and model._meta.managed]
    while waiting:
        known = set(waiting)
        ready = [model for model in waiting if not {link.related_model for link in _links(model)} & (known - {model})]
        yield from ready
        waiting = [model for model in waiting if model not in ready]


def _links(row: Row) -> list[models.ForeignKey[Any, Any]]:
    return [field for field in row._meta.concrete_fields if field.is_relation]


def _stored(row: Row, clones: Clones, kept: Any = None) -> Row | None:
    """Store a copy of a row that leads to copies of what the row leads to, but for one link; None if it may not be."""
    clone = copy(row)
    clone._state = copy(row._state)
    clone._state.fields_cache = {}
    for field in row._meta.concrete_fields:
        if field.is_relation:
            of = clones[field.related_model].get(getattr(row, field.attname))
            if of and field is not kept:
                setattr(clone, field.attname, of.pk)
        elif field.primary_key and isinstance(field, models.AutoField):
            setattr(clone, field.attname, None)
        elif field.name in _alone(type(row)):
            setattr(clone, field.attname, _another(field, getattr(row, field.attname)))
    clone._state.adding = True
    try:
        with transaction.atomic():
            clone.save(force_insert=True)
    except IntegrityError:
        return None
    return clone


def _alone(model: type[models.Model]) -> set[str]:
    """Return fields that have to differ from row to row, where no link of a constraint does already."""
    unique = {field.name for field in model._meta.concrete_fields if field.unique}
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
            fields = [model._meta.get_field(name) for name in constraint.fields]
            if not any(field.is_relation for field in fields):
                unique |= {next((one for one in fields if isinstance(one, models.DateField)), fields[-1]).name}
    return unique


def _another(field: Any, value: Any) -> Any:
    if isinstance(value, bool):  # of which one row may be true
        return False
    if isinstance(value, datetime | date):
        return value - timedelta(days=next(STEPS))
    if isinstance(value, bytes | memoryview):
        return secrets.token_bytes(len(value))
    if isinstance(value, int):
        return value + next(STEPS)
    if isinstance(value, str):
        return f"{secrets.token_hex(4)}{value}"[: field.max_length]
    return value
