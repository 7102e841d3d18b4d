"""The measure of what digests leave behind names what it needs, and finds what reads whole tables."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from subscriptions.benchmarks.storage import paces
from subscriptions.models import Digest, Subscriber


@pytest.mark.django_db
def test_it_is_measured_on_postgresql_alone() -> None:
    if connection.vendor == "postgresql":
        pytest.skip("this tries another database")
    with pytest.raises(CommandError, match="set DATABASE_URL"):
        call_command("bench", "storage", "--subscribers", "10")


class Asked:
    """A question with a plan as PostgreSQL writes it."""

    def __init__(self, plan: str) -> None:
        self.plan = plan

    def explain(self) -> str:
        return self.plan


def test_a_question_that_reads_a_whole_table_is_named() -> None:
    table = Digest._meta.db_table
    asked = {
        "good": Asked(f"Index Scan using one on {table}"),
        "bad": Asked(f"Limit\n  ->  Parallel Seq Scan on {table} d"),
        "small": Asked("Seq Scan on subscriptions_run"),
        "readers": Asked(f"Seq Scan on {Subscriber._meta.db_table}"),
    }
    assert paces.read_whole(asked) == ["bad", "readers"]  # type: ignore[arg-type]
