"""Where lines of the log go, and that no error ends without one.

Everything goes to standard error in one form, also what the web server and Celery say; the service manager keeps it.
"""

import logging
import logging.config
import sys
import threading
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

# Loggers of libraries that bring handlers of their own, or have more to say than warnings.
OURS = ("papers", "recommender", "subscriptions", "config", "celery", "gunicorn.error", "waitress", "access")
BORROWED = ("django", "django.server", "gunicorn.access")
# Celery reports the task of a worker that died or was too slow with a traceback, and says it a second time by these.
SECOND_WORDS = {"multiprocessing": "exited with", "celery.worker.request": "Hard time limit"}


def settings(*, readable: bool, level: str) -> dict[str, Any]:
    """Return the value of LOGGING."""
    formatter = "config.log.format.Readable" if readable else "config.log.format.JsonLines"
    loggers: dict[str, Any] = {name: {"level": level, "handlers": [], "propagate": True} for name in OURS}
    loggers |= {name: {"level": "WARNING", "handlers": [], "propagate": True} for name in BORROWED}
    if readable:
        loggers["access"]["level"] = "WARNING"
    # Each request has its line by "access"; here only what failed.
    loggers["django.request"] = {"level": "ERROR", "handlers": [], "propagate": True}
    # Celery's pool does not let its lines rise to the root.
    loggers["multiprocessing"] = {"level": "WARNING", "handlers": ["stderr"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "filters": {"calm": {"()": "config.log.setup.Calm"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["calm"]},
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": loggers,
    }


class Calm(logging.Filter):
    """Turns what others call an error, and is none of ours, into a warning without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security") or _is_second_word(record):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
        return True


def _is_second_word(record: logging.LogRecord) -> bool:
    second = SECOND_WORDS.get(record.name)
    return second is not None and second in str(record.msg)


def configure(config: dict[str, Any]) -> None:
    """Configure logging, as Django calls it with LOGGING: from then on each unhandled error leaves a line."""
    from django.conf import settings

    from config.log import format

    logging.config.dictConfig(config)
    format.use_secrets(_secrets_of(settings))
    logging.captureWarnings(not settings.DEBUG)
    sys.excepthook = _log_unhandled
    threading.excepthook = _log_thread


def _secrets_of(settings: Any) -> list[object]:
    names = ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "ADDRESS_KEY", "EMAIL_HOST_PASSWORD", "GITHUB_TOKEN")
    secrets: list[object] = [getattr(settings, name, "") for name in (*names, "METRICS_TOKEN", "QUERY_ENCODER_KEY")]
    secrets += [getattr(settings, "DATABASES", {}).get("default", {}).get("PASSWORD")]
    own = {name: value for name, value in settings.ANYMAIL.items() if name.isupper() and not name.endswith("_URL")}
    return [*secrets, own, urlsplit(settings.REDIS_URL).password, settings.PING_URL, settings.PING_BEAT_URL]


def _log_unhandled(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Log an error that ends the process, for sys.excepthook."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("config.hooks").error("This process ends by an error.", exc_info=(kind, error, trace))


def _log_thread(args: threading.ExceptHookArgs) -> None:
    """Log an error that ends a thread, for threading.excepthook."""
    if args.exc_value is None or issubclass(args.exc_type, SystemExit):
        return
    name = args.thread.name if args.thread else "unknown"
    info = (args.exc_type, args.exc_value, args.exc_traceback)
    logging.getLogger("config.hooks").error("The thread %s ended by an error.", name, exc_info=info)
