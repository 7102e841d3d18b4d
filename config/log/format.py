"""Lines of the log: JSON in production, for people in development; neither holds an address, a token or a key."""

import logging
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from config.log import context
from config.log.redaction import Redaction

# What a library's line means, where we cannot give it a name at its place.
EVENTS = {
    ("django.request", logging.ERROR): "request_failed",
    ("celery.app.trace", logging.ERROR): "task_failed",
    ("celery.worker.request", logging.ERROR): "task_failed",
    ("config.hooks", logging.ERROR): "process_failed",
}
_plain = Redaction()


def use_secrets(secrets: list[object]) -> None:
    """Replace these values from now on wherever they occur."""
    global _plain
    _plain = Redaction(secrets)


class JsonLines(JsonFormatter):
    """One object a line: time, level, logger, message, event, what it is about, and the traceback as a field."""

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False, reserved_attrs=[*logging.makeLogRecord({}).__dict__, *IGNORED])

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {name: _plain.data(value) for name, value in log_data.items()}

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data |= {"level": record.levelname, "logger": record.name, "message": record.getMessage()}
        log_data |= context.current() | _event_of(record) | _extras(record)
        if record.exc_info and record.exc_info[1]:
            # Celery's pool packs what a child has raised into an exception of its own.
            log_data["error"] = type(getattr(record.exc_info[1], "exc", record.exc_info[1])).__name__
            log_data["traceback"] = self.formatException(record.exc_info)

    def formatException(self, ei: Any) -> str:
        return _plain.traceback(ei)


class Readable(logging.Formatter):
    """For people."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        return _plain(super().format(record))

    def formatException(self, ei: Any) -> str:
        return _plain.traceback(ei)


# What libraries hang on their records for themselves: whole requests, and arguments of tasks.
IGNORED = ["message", "asctime", "taskName", "request", "server_time", "status_code", "data", "color_message"]
_USUAL = {*logging.makeLogRecord({}).__dict__, *IGNORED}


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in record.__dict__.items() if name not in _USUAL}


def _event_of(record: logging.LogRecord) -> dict[str, str]:
    event = EVENTS.get((record.name, record.levelno))
    return {"event": event} if event else {}
