"""Several at once in one process, each with a connection of its own."""

import threading
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from papers.ingest.saving import save
from papers.records import PaperRecord


def save_at_once(batches: Sequence[list[PaperRecord]], now: datetime) -> list[Exception]:
    """Store every batch in a thread of its own, all of them starting together; what went wrong."""
    failures: list[Exception] = []
    together = threading.Barrier(len(batches))

    def work(records: list[PaperRecord]) -> None:
        try:
            together.wait(60)
            save(records, now)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures
