"""Workers of the release before go on while the schema is migrated: so a migration adds, and takes nothing away.

What needs more than that stands in a migration with a word on it: UNUSED says why no process of the release before uses
what goes, LOCKS why nobody waits long for the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# Those before were made without this rule, and every site has them.
SINCE = {"papers": 14, "recommender": 7, "subscriptions": 46}
TAKES_AWAY = (
    migrations.RemoveField,
    migrations.RenameField,
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
UNDER_A_LOCK = (migrations.AddIndex, migrations.AddConstraint, migrations.AlterUniqueTogether)
DONE_BESIDE_WORKERS = "BesideWorkers"  # classes of 0042_indexes_of_digests_that_are_used
Refused = tuple[str, str]  # the word that allows it, and what it is


def refused(operation: Operation, before: ProjectState, app: str, new: set[str]) -> Iterator[Refused]:
    """What a worker of the release before would stumble over, or wait for."""
    name = getattr(operation, "model_name_lower", "")
    if isinstance(operation, TAKES_AWAY):
        yield "UNUSED", f"{operation.describe()}: what it takes away may still be used"
    if isinstance(operation, migrations.AddField) and name not in new and _needs_a_value(operation.field):
        yield (
            "UNUSED",
            f"{operation.describe()}: it needs a db_default, since the release before writes rows without it",
        )
    if isinstance(operation, migrations.AlterField) and _is_narrower(operation, before, app):
        yield "UNUSED", f"{operation.describe()}: the release before may write what no longer fits"
    beside = DONE_BESIDE_WORKERS in type(operation).__name__
    if isinstance(operation, UNDER_A_LOCK) and name not in new and not beside:
        yield "LOCKS", f"{operation.describe()}: it locks the table while it looks at every row"


def _needs_a_value(field: models.Field[Any, Any]) -> bool:
    return not (field.null or field.many_to_many or field.has_db_default())


def _is_narrower(operation: migrations.AlterField, before: ProjectState, app: str) -> bool:
    old, new = before.models[app, operation.model_name_lower].fields[operation.name], operation.field
    shorter = bool(old.max_length and new.max_length and new.max_length < old.max_length)
    return shorter or (old.null and _needs_a_value(new)) or (new.unique and not old.unique)


def all_refused(migration: migrations.Migration, before: ProjectState) -> Iterator[Refused]:
    state, new = before.clone(), set[str]()
    for operation in migration.operations:
        yield from refused(operation, state, migration.app_label, new)
        if isinstance(operation, migrations.CreateModel):
            new.add(operation.name_lower)
        operation.state_forwards(migration.app_label, state)


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None, replace_migrations=False)


def test_every_new_migration_leaves_the_release_before_alone(loader: MigrationLoader) -> None:
    found = []
    for (app, name), migration in loader.disk_migrations.items():
        if app in SINCE and int(name[:4]) >= SINCE[app]:
            words = import_module(f"{app}.migrations.{name}")
            before = loader.project_state((app, name), at_end=False)
            found += [what for word, what in all_refused(migration, before) if not getattr(words, word, "")]
    assert found == []


def test_the_rule_notices_what_the_first_migrations_did(loader: MigrationLoader) -> None:
    """Among those from before it there is one of nearly each kind."""
    found: set[str] = set()
    for app, name in [("papers", "0002_a_paper_may_have_another_identifier"), ("subscriptions", "0003_feedback")]:
        before = loader.project_state((app, name), at_end=False)
        found |= {what.partition(":")[2] for _, what in all_refused(loader.disk_migrations[app, name], before)}
    assert any("taken" in what or "takes away" in what for what in found)


@pytest.mark.parametrize(
    ("operation", "is_refused"),
    [
        (migrations.AddField("run", "extra", models.TextField(null=True)), False),
        (migrations.AddField("run", "extra", models.TextField(default="", db_default="")), False),
        (migrations.AddField("run", "extra", models.TextField(default="")), True),
        (migrations.RemoveField("run", "note"), True),
        (migrations.RenameField("run", "note", "word"), True),
        (migrations.AlterField("run", "note", models.CharField(max_length=400, blank=True)), False),
        (migrations.AlterField("run", "note", models.CharField(max_length=200, blank=True)), True),
        (migrations.AlterField("run", "closed_at", models.DateTimeField()), True),
        (migrations.AddIndex("run", models.Index(fields=["note"], name="by_note")), True),
        (migrations.DeleteModel("run"), True),
        (migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop), False),
    ],
)
def test_what_is_refused(loader: MigrationLoader, operation: Operation, is_refused: bool) -> None:
    assert bool(list(refused(operation, loader.project_state(), "subscriptions", set()))) == is_refused


def test_every_new_migration_can_be_taken_back(loader: MigrationLoader) -> None:
    """One release back, by manage.py migrate APP NAME."""
    stuck = [
        f"{app}.{name}: {operation.describe()}"
        for (app, name), migration in loader.disk_migrations.items()
        if app in SINCE and int(name[:4]) >= SINCE[app]
        for operation in migration.operations
        if not operation.reversible
    ]
    assert stuck == []


def test_migrations_of_an_app_stand_in_one_line(loader: MigrationLoader) -> None:
    for app in SINCE:
        names = sorted(name for label, name in loader.disk_migrations if label == app and "_squashed_" not in name)
        for earlier, later in pairwise(names):
            assert (app, earlier) in loader.disk_migrations[app, later].dependencies
