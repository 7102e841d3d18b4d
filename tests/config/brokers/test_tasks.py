"""Tasks wait for nothing inside the queue: a message that a broker gives out late, or twice, must not matter."""

import ast

from tests.services import ROOT

APPS = ("config", "papers", "recommender", "subscriptions")


def test_no_message_asks_to_be_worked_off_later() -> None:
    """A time beyond the broker's visibility time-out would have it given out again and again; rows hold such times."""
    later = {
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for app in APPS
        for file in (ROOT / app).rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and {"countdown", "eta"} & {keyword.arg for keyword in call.keywords}
    }
    assert later == set()
