"""Settings with which no mail could leave, or leave whole: each problem is one sentence with the remedy.

They are looked at when the settings themselves are read, so that nothing here asks Django for any.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from subscriptions.providers import table
from subscriptions.providers.extras import replaced_by
from subscriptions.providers.row import Provider

Settings = Mapping[str, Any]


def ways_out(url: str, mail_server: Settings, backend: str, *, debug: bool) -> Iterator[str]:
    """Tell what is wrong with EMAIL_URL, which was read as a mail server, and EMAIL_BACKEND taken together."""
    if not debug and not (url or backend):
        yield "DEBUG is off, so set EMAIL_URL (SMTP) or EMAIL_BACKEND and ANYMAIL (a mail provider)."
    if url and backend:
        yield "EMAIL_URL and EMAIL_BACKEND are both set: keep the one for a mail server, or the one for a provider."
    if url and "EMAIL_BACKEND" not in mail_server:
        yield "EMAIL_URL must look like submission://user:password@mail.example.org:587."


def problems(backend: str, anymail: Settings, extras: Settings) -> Iterator[str]:
    """Tell what is wrong with EMAIL_BACKEND, ANYMAIL and the extras, such as DIGEST_ESP_EXTRA, by their names."""
    yield from (
        f'{name} must be a JSON object such as {{"MessageStream": "broadcast"}}.'
        for name, extra in extras.items()
        if not isinstance(extra, Mapping)
    )
    if row := table.of_backend(backend):
        prefix = table.name_of(backend).upper()
        yield from _missing(row, prefix, anymail)
        yield from _no_address(prefix, anymail)
        yield from _replacing(row, dict(extras) | dict(_defaults(prefix, anymail)))


def missing(row: Provider, prefix: str, anymail: Settings) -> list[str]:
    """Return the names in ANYMAIL without which mail cannot go through a provider, and that are not there."""
    return [f"{prefix}_{name}" for name in row.needs if not anymail.get(f"{prefix}_{name}")]


def _missing(row: Provider, prefix: str, anymail: Settings) -> Iterator[str]:
    if names := missing(row, prefix, anymail):
        example = ", ".join(f'"{name}": "…"' for name in names)
        yield f"mail goes through {row.title}, so ANYMAIL must hold {' and '.join(names)}, as in {{{example}}}."


def _no_address(prefix: str, anymail: Settings) -> Iterator[str]:
    name = f"{prefix}_API_URL"
    url = anymail.get(name)
    if url and (urlsplit(str(url)).scheme not in {"http", "https"} or not urlsplit(str(url)).netloc):
        yield f"{name} in ANYMAIL is {str(url)!r}, but must look like https://postal.example.org."


def _defaults(prefix: str, anymail: Settings) -> Iterator[tuple[str, Any]]:
    """Yield the extras that stand in ANYMAIL itself, where they count for every mail."""
    for name in ("SEND_DEFAULTS", f"{prefix}_SEND_DEFAULTS"):
        given = anymail.get(name)
        extra = given.get("esp_extra") if isinstance(given, Mapping) else None
        if extra is not None:
            yield f"{name} in ANYMAIL", extra


def _replacing(row: Provider, extras: Settings) -> Iterator[str]:
    for setting, extra in extras.items():
        name = replaced_by(row, extra) if isinstance(extra, Mapping) else ""
        if name:
            yield (
                f"{setting} holds {name}, which at {row.title} takes the place of what each mail says there, such as"
                f" its link to unsubscribe: take {name} out."
            )
