"""The web server: threads, because its requests wait for the database and hardly compute."""

import os
from threading import Thread
from typing import Any

# One thread of linear algebra per request: the worker threads share the cores already. NumPy reads it when imported.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
threads = 8
preload_app = True  # a start that fails ends at once instead of being tried again and again
graceful_timeout = 5
control_socket_disable = True


def when_ready(server: Any) -> None:
    server.log.info("Paper Round is ready at http://%s", bind)


def post_worker_init(worker: Any) -> None:
    """Read the words and vectors of all papers now, so that the first search finds them all."""
    Thread(target=warm_up, args=(worker.log,), daemon=True).start()


def warm_up(log: Any) -> None:
    from django.db import Error, connection

    from recommender.index import choice

    try:
        choice.warm_up()
    except Error as error:
        log.warning("The papers are read at the first search instead: %s", error)
    finally:
        connection.close()
