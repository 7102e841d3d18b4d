"""What every test stands on: a folder of its own instead of var/, and real services where a test asks for one."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# One of several test processes side by side, or empty: such a one gets its environment, and the folder, from the first.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
# What a whole run of the tests may be given: another database, or the numbers of another processor.
FROM_THE_SHELL = {"DATABASE_URL", "EMBEDDING_PRECISION"}
# Short, because the paths of Unix sockets end at 108 bytes.
VAR_DIR = Path(os.environ["VAR_DIR"] if WORKER else tempfile.mkdtemp(prefix="pr"))


def _a_clean_environment() -> None:
    """Before Django reads its settings: what the shell has exported for a running instance is not for tests."""
    for name in re.findall(r'\benv\.\w+\(\s*"(\w+)"', (ROOT / "config" / "settings.py").read_text()):
        if name not in FROM_THE_SHELL:
            os.environ.pop(name, None)
    # Playwright's loop runs in the same thread as the tests, which makes Django refuse its ORM.
    os.environ |= {"VAR_DIR": str(VAR_DIR), "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["SHARED_BY_TESTS"] = tempfile.mkdtemp(prefix="pr")
    # Test processes take up all cores by themselves: threads of one that wait for each other would only burn time.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


if not WORKER:
    _a_clean_environment()

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402

from papers.pages import kept  # noqa: E402
from papers.trends import attention_lines  # noqa: E402
from recommender.candidates import background, cache_key, kept_stretch  # noqa: E402
from recommender.embedding import fortnight  # noqa: E402
from recommender.encoding import resting  # noqa: E402
from recommender.index import choice  # noqa: E402
from subscriptions import enqueue  # noqa: E402
from subscriptions.builder import allowance, described  # noqa: E402
from subscriptions.interests import readers  # noqa: E402
from subscriptions.limits import kill_switch, shared_counts  # noqa: E402
from subscriptions.transport import send_times  # noqa: E402
from tests.services import (  # noqa: E402
    PostgresServer,
    Provider,
    RedisServer,
    SmtpSink,
    database_url,
    launch_chromium,
    migrated_file,
    shared_data_folder,
)
from tests.stack import Stack  # noqa: E402

settings.SOURCE_PAUSE = 0.0  # sources on the loopback need no rest
settings.SIGN_UP_SECONDS = 0.0  # tests fill in a form faster than people do
settings.WEB_COPY_DAYS = 36_500  # the mails of tests are of a fixed day, whenever they run
# A password is worth a third of a second of guessing where somebody guesses.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
settings.WHITENOISE_AUTOREFRESH = True  # else each test's client reads all static files anew
cache_key.LOOK_AGAIN = 0.0  # a test does not wait until a changed trend is noticed
kept_stretch.LOOK_AGAIN = kept_stretch.REST = 0.0
kept_stretch.APART = False  # another thread does not see what a test has not committed

if settings.VAR_DIR != VAR_DIR:
    raise pytest.UsageError("Django was set up before tests/conftest.py: unset DJANGO_SETTINGS_MODULE and run again.")


ON_SQLITE = settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"

# Where DEBUG is off, which is how the tests run Django, the middleware for static files warns of a missing folder.
(VAR_DIR / "static").mkdir(exist_ok=True)


@pytest.fixture(autouse=True)
def _nothing_was_learned_in_another_test() -> None:
    """Each test's database is taken back, and its keys come again: what a process keeps by them would be of another."""
    background.learned_as.cache_clear()
    background.vocabulary_of.cache_clear()
    kept_stretch.forget()
    described.forget()
    kept.forget()
    attention_lines.forget()
    allowance.forget()
    readers.cached_topics.clear()
    enqueue.last_messages.forget()
    send_times.unwritten.clear()
    resting.forget()
    fortnight.forget()
    shared_counts.forget()


# Seconds that a whole file takes, of those that take five or more: `make durations` writes it anew.
SECONDS: dict[str, int] = json.loads((ROOT / "tests" / "durations.json").read_text())


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def pytest_itemcollected(item: pytest.Item) -> None:
    if _file(item) in SECONDS:
        item.add_marker("slow")


@pytest.hookimpl(trylast=True)  # after they were shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest file first, so that no process is left with it at the end."""
    items.sort(key=lambda item: -SECONDS.get(_file(item), 0))


def pytest_unconfigure() -> None:
    if not WORKER:
        shutil.rmtree(VAR_DIR, ignore_errors=True)
        shutil.rmtree(os.environ["SHARED_BY_TESTS"], ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The test database is a file where it is SQLite: other processes cannot open one that lives in memory."""
    if ON_SQLITE:
        settings.DATABASES["default"]["TEST"]["NAME"] = str(VAR_DIR / f"test{WORKER}.sqlite3")


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """A file is there before: to migrate one for each process takes many times as long."""
    if ON_SQLITE:
        migrated_file(VAR_DIR / f"test{WORKER}.sqlite3")
    return ON_SQLITE


@pytest.fixture(autouse=True)
def a_fresh_index() -> None:
    """The next test's database has other papers under the keys of this one's."""
    choice.forget()


@pytest.fixture(autouse=True)
def _the_one_control(request: pytest.FixtureRequest) -> None:
    """A test with real transactions ends with every table empty, also of what a migration put there."""
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames):
        request.getfixturevalue("_django_db_helper")
        kill_switch.ensure()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout."""
    return shared_data_folder()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """An empty Redis."""
    redis_server.start()
    redis_server.client().flushall()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:  # noqa: F821  named for the reader; importing it costs a second
    with launch_chromium() as browser:
        yield browser


@pytest.fixture
def stack() -> Iterator[Stack]:
    """The whole site as processes of their own, not started yet, on an empty SQLite database of its own."""
    stack = Stack()
    yield stack
    stack.remove()


@pytest.fixture
def shared_stack(transactional_db: None, stack: Stack) -> Stack:
    """The same, on the migrated database of the tests, so that a test can look into it with Django's models."""
    from django.db import connection

    stack.environment["DATABASE_URL"] = database_url(connection.settings_dict)
    return stack
