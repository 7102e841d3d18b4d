"""Keep addresses, tokens and keys out of the log, whoever wrote them into a message or an exception."""

import re
import traceback
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
# Also in its form within a URL. Without a dot in the domain it is the name of a worker, such as mail@papers-1. It is
# looked for only where its first part begins: a long line without any is read once, and not from every character.
LOCAL = r"""[\w.!#$&'*+/=?^`{|}~"-]"""
ADDRESS = re.compile(rf"(?<!{LOCAL}){LOCAL}++(?:@|%40)(?:[\w-]{{1,63}}\.){{1,8}}[\w-]{{1,63}}")
# Pages of one person: what follows is a token, in whatever form.
PERSONAL = re.compile(
    r"(/(?:u|preferences|account|link|digests|confirm|address|mailbox|own-feed)/)[^/\s?#\"'<>]{1,500}"
)
TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_-]{22}(?:\.[0-9]{1,12}){0,2}(?![A-Za-z0-9_.-])")
# Where a database's error begins to quote values.
VALUES = re.compile(r"(?:DETAIL:|LINE \d{1,6}:)")
SHORTEST_SECRET = 8  # characters; a shorter value would take half of the words with it


class Redaction:
    """Knows the secrets of this installation, and replaces them and what belongs to people."""

    def __init__(self, secrets: Iterable[object] = ()) -> None:
        known = {text for secret in secrets for text in _texts_of(secret) if len(text) >= SHORTEST_SECRET}
        self.secrets = sorted(known, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "[secret]")
        text = ADDRESS.sub("[address]", text)
        text = PERSONAL.sub(r"\1[token]", text)
        return _without_values(TOKEN.sub("[token]", text))

    def data(self, value: Any) -> Any:
        """Redact the texts in a value; anything but numbers and texts becomes a text."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, dict):
            return {self(str(key)): self.data(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set):
            return [self.data(item) for item in value]
        return self(str(value))

    def traceback(self, exc_info: ExcInfo) -> str:
        """Return the traceback as Python prints it, but for the values that a database's error quotes."""
        text = "".join(traceback.format_exception(*exc_info)).strip()
        for message in {str(error) for error in _causes(exc_info[1])}:
            if VALUES.search(message):
                text = text.replace(message, _without_values(message))
        return self(text)


def _without_values(text: str) -> str:
    match = VALUES.search(text)
    return f"{text[: match.start()].rstrip()} [values]" if match else text


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and all that led to it."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if current is not None and id(current) not in seen:
            seen.add(id(current))
            yield current
            waiting += [current.__cause__, current.__context__]


def _texts_of(secret: object) -> Iterator[str]:
    """Yield all texts in a setting, which may be a dict such as ANYMAIL or a list of keys."""
    if isinstance(secret, dict):
        for value in secret.values():
            yield from _texts_of(value)
    elif isinstance(secret, list | tuple):
        for value in secret:
            yield from _texts_of(value)
    elif isinstance(secret, str):
        yield secret
