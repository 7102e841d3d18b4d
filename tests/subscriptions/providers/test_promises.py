"""What operators read of providers is what the site goes by."""

import io
import re

from anymail import backends as anymail_backends
from django.core.management import call_command

from subscriptions.providers import promises, table
from tests.services import ROOT

DOCUMENT = (ROOT / "docs/delivery.md").read_text()


def test_the_document_holds_the_table_as_it_is() -> None:
    lines = list(promises.markdown())
    assert "\n".join(lines) in DOCUMENT, "Put what manage.py provider list prints into docs/delivery.md."


def test_the_command_prints_it() -> None:
    said = io.StringIO()
    call_command("provider", "list", stdout=said, skip_checks=True)
    assert said.getvalue().splitlines() == list(promises.markdown())


def test_every_row_stands_in_it_once() -> None:
    lines = list(promises.markdown())[2:]
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines] == sorted(
        (row.title for row in table.ROWS.values()), key=str.casefold
    )
    assert len({line.count("|") for line in promises.markdown()}) == 1


def test_who_is_recommended_or_not_has_a_row() -> None:
    named = re.findall(r"\*\*([A-Z][\w ]+)\*\*", DOCUMENT.split("## Which provider")[1].split("**Try it first.**")[0])
    titles = {row.title for row in table.ROWS.values()}
    explained = {head.capitalize() for head in promises.HEAD} | {"Time"}
    assert set(named) - explained <= titles
    avoided = {row.title for row in table.ROWS.values() if row.avoid or not row.view}
    assert all(f"**{title}**" in DOCUMENT for title in avoided)


def test_anymail_brings_no_backend_without_a_row() -> None:
    from pkgutil import iter_modules

    found = {module.name for module in iter_modules(anymail_backends.__path__)}
    ours = {*table.ROWS, *table.FORMER_NAMES, "base", "base_requests", "console", "test"}
    assert found <= ours
