"""A new database is made by a migration that stands for many, and is the same as one that went through them all."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.config.upgrades.one_by_one import migrate_one_by_one
from tests.services import PostgresServer, fresh_database, migrate, migrated_database, migrated_file

Rows = set[tuple[Any, ...]]
OF_POSTGRES = (
    "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "SELECT relname, reloptions::text FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
)
ROWS = (
    "SELECT g.name, p.codename, p.name, c.app_label, c.model FROM auth_group g"
    " JOIN auth_group_permissions h ON h.group_id = g.id JOIN auth_permission p ON p.id = h.permission_id"
    " JOIN django_content_type c ON c.id = p.content_type_id",
    "SELECT app_label, model, codename, name FROM auth_permission p"
    " JOIN django_content_type c ON c.id = p.content_type_id",
    "SELECT id, instance_id, zone_rules, digests_stay_until, stopped_at FROM subscriptions_control",
    "SELECT app, name FROM django_migrations",
)


def on_sqlite(url: str) -> Iterator[Rows]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        tables = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        yield {(table, part) for table, sql in tables if not table.startswith("sqlite_") for part in parts(sql)}
        yield set(database.execute("SELECT name, sql FROM sqlite_master WHERE type <> 'table'"))
        yield from (set(database.execute(question)) for question in ROWS)


def parts(sql: str) -> Iterator[str]:
    """Yield the columns and constraints of a table, which may stand in any order."""
    depth, part = 0, ""
    for sign in sql[sql.index("(") + 1 : sql.rindex(")")]:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            yield part.strip()
            part = ""
        else:
            part += sign
    yield part.strip()


def on_postgres(url: str) -> Iterator[Rows]:
    with psycopg.connect(url) as database:
        for question in (*OF_POSTGRES, *ROWS):
            yield set(database.execute(question))  # type: ignore[call-overload]


def test_sqlite_is_the_same_by_all_migrations_and_by_the_one_that_stands_for_them(tmp_path: Path) -> None:
    old = f"sqlite:///{tmp_path}/old.sqlite3"
    migrate_one_by_one(old)
    migrate(old)
    found = list(on_sqlite(migrated_file(tmp_path / "new.sqlite3")))
    assert all(found)
    assert found == list(on_sqlite(old))


def test_postgresql_is_the_same_by_all_migrations_and_by_the_one_that_stands_for_them(
    postgres_server: PostgresServer,
) -> None:
    old = fresh_database(postgres_server, "old")
    migrate_one_by_one(old)
    migrate(old)
    found = list(on_postgres(migrated_database(postgres_server, "new")))
    assert all(found)
    assert found == list(on_postgres(old))


@pytest.mark.parametrize("last", ["0017", "0041", "0044_what"])
def test_one_that_has_some_of_them_goes_on_with_the_others(tmp_path: Path, last: str) -> None:
    old = f"sqlite:///{tmp_path}/old.sqlite3"
    migrate_one_by_one(old, "subscriptions", last)
    migrate(old)
    [*_, applied] = on_sqlite(old)
    names = {name for app, name in applied if app == "subscriptions"}
    assert any(re.match("0001_squashed", name) for name in names)
    assert {name[:4] for name in names} >= {f"{number:04}" for number in range(1, 53)}
