"""The run itself: each request in a transaction that is taken back, so that no answer depends on an earlier one."""

import logging
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.management import call_command
from django.core.signals import got_request_exception, request_finished, request_started
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz import world
from tests.fuzz.requests import Pairs, Request, as_pairs, environ_of, requests
from tests.fuzz.targets import Target, inputs_of, targets

OURS_COUNT = 4  # times as often as the admin's, which are many and alike


@dataclass
class Run:
    seed: int
    cases: int
    only: str = ""
    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, Request] = field(default_factory=dict)  # by where it happened: the first request
    times: Counter[str] = field(default_factory=Counter)
    addresses: int = 0
    _raised: list[str] = field(default_factory=list)

    def all(self) -> None:
        call_command("migrate", verbosity=0)
        self.world = world.build()
        from config.wsgi import application

        self.application = application
        logging.disable()
        got_request_exception.connect(self._note)
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)  # a transaction is open around each request
        chosen = [one for one in targets() if self.only in one.name + one.path]
        self.addresses = len(chosen)
        whole = sum(_weight(one) for one in chosen)
        for number, target in enumerate(chosen):
            self.one(target, self.seed + number, max(2, round(self.cases * _weight(target) / whole)))

    def one(self, target: Target, number: int, cases: int) -> None:
        path = self._way_in(target)
        forms = list(self._forms_of(target, path))

        @seed(number)
        @settings(
            max_examples=cases,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(requests(target, path, forms))
        def run(request: Request) -> None:
            self.send(request, target)

        run()

    def send(self, request: Request, target: Target) -> int:
        """The answer's status; any that is above 499 is noted with the place where it was raised."""
        self._raised.clear()
        with transaction.atomic():
            status, _, _ = self._answer(environ_of(request, self._session(target)))
            transaction.set_rollback(True)
        self.sent += 1
        self.statuses[status] += 1
        if status >= 500:
            place = self._raised[0] if self._raised else f"{status} without an exception"
            self.failures.setdefault(place, request)
            self.times[place] += 1
        return status

    def _session(self, target: Target) -> str:
        return self.world.session if target.is_in_admin else ""

    def _answer(self, environ: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and content, as far as a server could send them; 599 for what even Django does not catch."""
        told: list[tuple[int, dict[str, str]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            told.append((int(status[:3]), dict(headers)))
            for name, value in headers:
                f"{name}: {value}".encode("latin-1")
                assert not {"\r", "\n", "\0"} & set(name + value), (name, value)

        try:
            with closing(self.application(environ, start_response)) as answer:
                content = b"".join(answer)
            if told[0][0] < 400:  # after a refusal PostgreSQL answers nothing more in this transaction
                connection.check_constraints()
        except Exception as error:
            self._raised.insert(0, _place(error))
            return 599, {}, b""
        return *told[0], content

    def _note(self, **kwargs: Any) -> None:
        if error := sys.exception():
            self._raised.append(_place(error))

    def _forms_of(self, target: Target, path: str) -> Iterator[tuple[str, str, Pairs]]:
        """(method, path, what is sent) of each form of the page, as far as it can be opened."""
        status, headers, page = self._open(target, path)
        if status == 200 and headers["Content-Type"].startswith("text/html"):
            for action, sent in inputs_of(page.decode()):
                start = action.partition("?")[0].partition("#")[0]
                yield "POST", start if start.startswith("/") else path, as_pairs(sent)
                yield "GET", path, as_pairs(sent)

    def _way_in(self, target: Target) -> str:
        """A path that leads to the target's page: of many tokens one is the right one."""
        paths = [target.path]
        for gap in target.parameters:
            known = self.world.known(gap, target.model)
            paths = [path.replace(f"{{{gap}}}", word, 1) for path in paths for word in known]
        return next((path for path in paths if self._open(target, path)[0] in {200, 302, 405}), paths[0])

    def _open(self, target: Target, path: str) -> tuple[int, dict[str, str], bytes]:
        with transaction.atomic():
            answer = self._answer(environ_of(Request("GET", quote(path).encode()), self._session(target)))
            transaction.set_rollback(True)
        return answer


def _weight(target: Target) -> int:
    return 1 if target.is_in_admin else OURS_COUNT


def _place(error: BaseException) -> str:
    """What was raised, and the innermost frames."""
    frames = reversed(traceback.extract_tb(error.__traceback__)[-6:])
    where = " < ".join(f"{'/'.join(Path(one.filename).parts[-3:])}:{one.lineno} {one.name}" for one in frames)
    return f"{type(error).__name__}: {str(error)[:90]!r} at {where}"
