"""The log of a process as an operator's tools read it."""

import json
import re
from datetime import datetime
from typing import Any

Line = dict[str, Any]
# What Celery writes to standard output from within the handler of a signal, past all loggers.
SHUTDOWN = re.compile(r"|worker: (Warm|Cold) shutdown \(MainProcess\)")
LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
TEXTS = {"level", "logger", "message", "event", "request", "task", "task_name", "error", "traceback"}


def lines(log: str) -> list[Line]:
    """Every line of a log in production; AssertionError for one that is not of the form that we promise."""
    whole, newline, _ = log.rpartition("\n")  # what follows is just being written
    return [checked(text) for text in whole.split("\n") if not SHUTDOWN.fullmatch(text)] if newline else []


def checked(text: str) -> Line:
    try:
        line: Line = json.loads(text)
    except ValueError:
        raise AssertionError(f"no JSON: {text!r}") from None
    assert {"time", "level", "logger", "message"} <= set(line), line
    assert datetime.fromisoformat(line["time"]).tzinfo is not None
    assert line["level"] in LEVELS
    assert all(isinstance(line[name], str) and line[name] for name in TEXTS & set(line) - {"message"}), line
    assert ("traceback" in line) == ("error" in line)
    return line


def errors(log: str) -> list[Line]:
    return [line for line in lines(log) if line["level"] in {"ERROR", "CRITICAL"}]
