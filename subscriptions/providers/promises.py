"""The table of providers as operators read it, in docs/delivery.md and from manage.py provider list."""

from collections.abc import Iterator
from datetime import timedelta

from subscriptions.providers import table
from subscriptions.providers.results import SendResult
from subscriptions.providers.row import Provider

HEAD = ("provider", "tells apart", "reports", "named by", "tracking", "second copies", "a trial", "remarks")
# What a refusal can be about, in the words of an operator; all else is read from the code of HTTP.
ABOUT = {
    SendResult.REFUSED_ADDRESS: "address",
    SendResult.REFUSED_MESSAGE: "mail",
    SendResult.MISCONFIGURED: "account",
}


def markdown() -> Iterator[str]:
    """Yield the lines of the table, in the order of the providers' titles."""
    yield _line(HEAD)
    yield "|" + "---|" * len(HEAD)
    for row in sorted(table.ROWS.values(), key=lambda row: row.title.casefold()):
        yield _line(_cells(row))


def in_words(life: timedelta) -> str:
    """Return a time as operators say it: "24 hours", or "30 minutes" below two hours."""
    minutes = int(life.total_seconds() // 60)
    return f"{minutes // 60} hours" if minutes >= 120 else f"{minutes} minutes"


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Provider) -> tuple[str, ...]:
    known = {row.meanings[word] for word in row.meanings}
    return (
        row.title,
        ", ".join(word for result, word in ABOUT.items() if result in known) or "by codes of HTTP",
        _proof(row) if row.view else "none",
        ", ".join(row.ties) or "nothing",
        "in the account" if row.tracking else "off in each mail",
        f"dropped for {in_words(row.key.life)}" if row.key else "not known",
        _trial(row),
        _remarks(row),
    )


def _proof(row: Provider) -> str:
    if row.signature is None:
        return "password"
    return "signed, or password" if row.signature.secret_will_do else "signed"


def _trial(row: Provider) -> str:
    return row.trial.what.partition(",")[0] if row.trial else "your own address"


def _remarks(row: Provider) -> str:
    own = f"puts its own {' and '.join(row.own_headers)} into each mail" if row.own_headers else ""
    return "; ".join(filter(None, [row.remark, own, row.avoid]))
