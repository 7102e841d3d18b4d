"""Four processes bring the same papers under four names; on a real PostgreSQL each is stored once."""

import os
import subprocess
import sys
from contextlib import ExitStack

import psycopg

from tests.services import ROOT, PostgresServer, migrated_database

PAPERS = 300
NAMES = ("2606.%05d", "lab:%d", "openreview:%d", "doi:10.1101/%d")

RACE = f"""
import random, sys
import django; django.setup()
from datetime import UTC, datetime
from papers.ingest import saving
from papers.records import PaperRecord
saving.CHUNK = 10
title = "A theorem on the sums of squares of primes, part"
numbers = range(1, {PAPERS + 1})
records = [PaperRecord(sys.argv[1] % one, f"{{title}} {{one}}", "Proved.", ("Ann Lee",)) for one in numbers]
random.Random(sys.argv[1]).shuffle(records)
print("ready", flush=True)
sys.stdin.readline()
saving.save(records, datetime(2026, 6, 30, tzinfo=UTC))
"""


def racer(name: str, environment: dict[str, str]) -> "subprocess.Popen[str]":
    command, pipe = [sys.executable, "-c", RACE, name], subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdin=pipe, stdout=pipe)


def test_four_processes_with_four_names_for_each_paper_store_it_once(postgres_server: PostgresServer) -> None:
    url = migrated_database(postgres_server, "names")
    environment = os.environ | {"DATABASE_URL": url}
    with ExitStack() as stack:
        racers = [stack.enter_context(racer(name, environment)) for name in NAMES]
        for one in racers:
            assert one.stdout
            assert one.stdout.readline() == "ready\n"
        for one in racers:
            print("go", file=one.stdin, flush=True)
        assert [one.wait() for one in racers] == [0] * len(NAMES)
    with psycopg.connect(url) as connection:
        papers = [name for (name,) in connection.execute("SELECT identifier FROM papers_paper ORDER BY identifier")]
        aliases = connection.execute("SELECT count(*) FROM papers_alias").fetchone()
    assert papers == [NAMES[0] % number for number in range(1, PAPERS + 1)]
    assert aliases == (PAPERS * (len(NAMES) - 1),)
