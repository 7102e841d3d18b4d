"""Migrate a database as one was that is as old as the service: by each migration, and by none that stands for many."""

import subprocess
import sys

from tests.services import ROOT, process_environment

ONE_BY_ONE = """
import sys
import django; django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
executor = MigrationExecutor(connection)
executor.loader = MigrationLoader(connection, replace_migrations=False)
graph, until = executor.loader.graph, sys.argv[1:]
if until:
    last = executor.loader.get_migration_by_prefix(*until)
    executor.migrate([(last.app_label, last.name)])
else:
    executor.migrate([place for place in graph.leaf_nodes() if not graph.nodes[place].replaces])
"""


def migrate_one_by_one(url: str, *until: str) -> None:
    """Through all, or up to the one of an app whose name begins so, with those of other apps that it needs."""
    environment = process_environment(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="config.settings")
    subprocess.run([sys.executable, "-c", ONE_BY_ONE, *until], cwd=ROOT, env=environment, check=True)
