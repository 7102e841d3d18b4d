"""Real mail programs, started once for all tests, and the mails that they show."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.services import PostgresServer
from tests.subscriptions.mail_programs.letters import Letter, write_all
from tests.subscriptions.mail_programs.mailbox import Mailbox
from tests.subscriptions.mail_programs.webmails import Roundcube, Sogo, Webmail


@pytest.fixture
def letters(db: None, settings: Settings) -> list[Letter]:
    settings.SITE_URL = "https://papers.example.org"
    settings.DEFAULT_FROM_EMAIL = "Paper Round <digest@papers.example.org>"
    return write_all()


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    mailbox.start()
    yield mailbox
    mailbox.remove()


@pytest.fixture(scope="session", params=[Roundcube, Sogo], ids=lambda kind: kind.__name__)
def webmail(request: pytest.FixtureRequest, mailbox: Mailbox) -> Iterator[Webmail]:
    if request.param is Sogo:
        postgres: PostgresServer = request.getfixturevalue("postgres_server")
        webmail: Webmail = Sogo(mailbox, postgres)
    else:
        webmail = Roundcube(mailbox)
    try:
        webmail.start()
        yield webmail
    finally:
        webmail.remove()
