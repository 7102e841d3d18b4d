"""The web server: gunicorn watches over workers whose connections waitress holds, see config/web/worker.py."""

import gc
import os
from importlib import import_module
from threading import Thread
from typing import Any

from config import settings
from config.web import static_files

# One thread of linear algebra per request: the worker threads share the cores already. NumPy reads it when imported.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

_host = f"[{settings.BIND_ADDRESS}]" if ":" in settings.BIND_ADDRESS else settings.BIND_ADDRESS
bind = f"{_host}:{settings.PORT}"
workers = settings.WEB_CONCURRENCY
# The Procfile bounds what the C library keeps: without, one large form after another on each of many threads leaves a
# worker twice as large as before.
worker_class = "config.web.worker.BufferingWorker"
threads = 8  # because requests wait for the database and hardly compute
timeout = 30  # seconds until a worker that hangs, or whose threads all do, is replaced
preload_app = True  # a start that fails ends at once instead of being tried again and again
graceful_timeout = 5
control_socket_disable = True

if not settings.DEBUG and not settings.STATIC_FOLDER:
    static_files.make(settings.STATIC_ROOT, settings.STATICFILES_DIRS, settings.BASE_DIR)


def on_starting(server: Any) -> None:
    """Load here, for all workers together, what each would load later: pages, the API, and the way to the broker.

    What they share is left out of their searches for garbage, which would write into each of its pages.
    """
    from django.template import engines
    from django.urls import get_resolver

    from config.celery import app

    _ = get_resolver().url_patterns, engines.all()
    import_module("recommender.api.urls")
    import_module("recommender.api.reference")
    app.finalize()
    app.connection_for_write().get_transport_cls()
    gc.freeze()


def when_ready(server: Any) -> None:
    server.log.info("Paper Round is ready at http://%s", bind)


def post_worker_init(worker: Any) -> None:
    """Read the papers now, so that the first search finds them all, and the first preview need not wait."""
    Thread(target=warm_up, args=(worker.log,), daemon=True).start()


def warm_up(log: Any) -> None:
    from django.db import Error, connection

    from config import clock_watch
    from recommender.candidates import kept_stretch
    from recommender.index import choice
    from subscriptions.digests import zone_changes

    clock_watch.begin("web")
    try:
        zone_changes.note_at_start("web")
        choice.warm_up()
        kept_stretch.warm_up()
    except Error as error:
        log.warning("The papers are read at the first search or preview instead: %s", error)
    finally:
        connection.close()
