"""Upgrade from an older commit while mail flows, and look whether every digest left once and no log has an error.

Usage: python -m tests.upgrade COMMIT

UPGRADE_READERS says how many digests are planned (4000). The exit code is 0 if all holds.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fakes.odds import Ledger
from tests.processes import say
from tests.services import FaultySmtp, PostgresServer, RedisServer, fresh_database
from tests.upgrade import rehearsal
from tests.upgrade.releases import checked_out

READERS = int(os.environ.get("UPGRADE_READERS", "4000"))


def main(commit: str) -> int:
    postgres, redis = PostgresServer(), RedisServer()
    with TemporaryDirectory() as folder, checked_out(commit) as older:
        ledger = Path(folder) / "ledger"
        with FaultySmtp(ledger=Ledger(ledger)) as sink:
            sink.pace = 0.02
            try:
                postgres.start()
                redis.start()
                url = fresh_database(postgres, "upgrade")
                return rehearsal.rehearse(older, url, redis.url, sink.port, ledger=ledger, readers=READERS)
            finally:
                redis.remove()
                postgres.remove()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    say(f"Upgrading from {sys.argv[1]} with {READERS} readers.")
    sys.exit(main(sys.argv[1]))
