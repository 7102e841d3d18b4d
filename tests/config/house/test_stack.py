"""The site's processes as the end-to-end tests start, kill and end them."""

import os

import pytest

from papers.models import Topic
from tests.services import PostgresServer, eventually, migrated_database
from tests.stack import PROCFILE, Stack

COUNT_TOPICS = "from papers.models import Topic; print(Topic.objects.count())"


def test_the_whole_site_runs_on_postgres_and_redis(
    stack: Stack, postgres_server: PostgresServer, redis_url: str
) -> None:
    stack.environment |= {"DATABASE_URL": migrated_database(postgres_server, "site"), "REDIS_URL": redis_url}
    stack.start()
    assert stack.is_answering()
    assert set(stack.processes) == set(PROCFILE)
    assert "redis://" in stack.log("mail")


def test_a_worker_that_was_killed_can_be_started_again(stack: Stack) -> None:
    stack.migrate()
    stack.start("mail")
    stack.kill("mail")
    assert stack.processes == {}
    stack.start("mail")
    stack.stop("mail")


def test_a_worker_is_ended_together_with_the_processes_it_has_forked(stack: Stack) -> None:
    stack.migrate()
    stack.start("mail")
    assert len(stack.alive()) == 1 + len(stack.children("mail")) > 2
    stack.kill("mail")
    eventually(lambda: not stack.alive())


def test_a_stop_is_heard_by_the_main_process_alone_so_that_a_mail_on_its_way_arrives(stack: Stack) -> None:
    """Who stops a worker signals its group, and the processes that send must not be in it."""
    stack.migrate()
    stack.start("mail")
    main = stack.processes["mail"].pid
    # A child leaves as its first act, which may be a moment after the worker says that it is ready.
    eventually(lambda: [process for process in stack.alive() if os.getpgid(process) == main] == [main])


def test_a_process_that_ends_at_once_is_told_with_what_it_printed(stack: Stack) -> None:
    stack.environment["PORT"] = "eighty"
    with pytest.raises(AssertionError, match="PORT"):
        stack.start("mail")


def test_a_test_sees_the_same_rows_as_the_processes_it_has_started(shared_stack: Stack) -> None:
    Topic.objects.create(slug="robots", name="Robots", field="cs", description="Machines that move.")
    assert shared_stack.manage("shell", "--verbosity", "0", "-c", COUNT_TOPICS) == "1\n"
