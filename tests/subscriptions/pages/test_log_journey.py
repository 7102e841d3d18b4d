"""A whole way through the site in production, with all that can go wrong, leaves no trace of a person in the log."""

import base64
import json
import re
import socket
from collections.abc import Callable, Iterator
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, build_opener

import psycopg
import pytest

from tests.log_lines import Line, errors, lines
from tests.services import PostgresServer, Provider, RedisServer, SmtpSink, eventually, fresh_database
from tests.stack import Stack
from tests.subscriptions.pages.site import PRODUCTION
from tests.subscriptions.pages.test_production_stack import HTTPS, MAKE_DUE, NEWEST, Visitor
from tests.subscriptions.reports import provider_reports
from tests.subscriptions.reports.provider_reports import Mail

PERSON, STRANGER = "ada.lovelace@mail.example.com", "eve.stranger@mail.example.com"
KEYS = {
    "SECRET_KEY": "a long and random secret of this journey, used nowhere else at all",
    "METRICS_TOKEN": "a-token-for-the-numbers",
}
PROVIDER_TOKEN = "token-of-the-mail-provider"
TYPED = "The song of humpback whales"
MOST = 50_000_000  # characters: the whole log
PROCESSES = ("web", "mail", "beat")


@pytest.fixture
def database(postgres_server: PostgresServer) -> str:
    return fresh_database(postgres_server, "journey")


@pytest.fixture
def site(database: str, redis_server: RedisServer, redis_url: str, provider: Provider) -> Iterator[Stack]:
    anymail = provider.anymail | {"POSTMARK_SERVER_TOKEN": PROVIDER_TOKEN, "WEBHOOK_SECRET": provider_reports.SECRET}
    stack = Stack(
        **PRODUCTION | KEYS,
        TRUSTED_PROXIES="1",
        DATABASE_URL=database,
        REDIS_URL=redis_url,
        DIGEST_FROM="Paper Round <digest@papers.example.net>",
        ACCOUNT_FROM="Paper Round <hello@papers.example.net>",
        HUGGINGFACE_URL="http://127.0.0.1:9/",
        ARXIV_RSS_URL="http://127.0.0.1:9",
        EMAIL_BACKEND="anymail.backends.postmark.EmailBackend",
        ANYMAIL=json.dumps(anymail),
    )
    stack.log_mode = "ab"
    stack.manage("migrate", "-v0")
    stack.manage("load_topics")
    stack.manage("ingest", "jsonl", "--file", "papers/sample/papers.jsonl")
    stack.manage("collectstatic", "--no-input", "-v0")
    stack.start(*PROCESSES)
    yield stack
    stack.remove()


class Journey:
    def __init__(self, site: Stack, provider: Provider, database: str) -> None:
        self.site, self.provider, self.database = site, provider, database
        self.visitor = Visitor(site)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def mail(self, number: int, address: str = PERSON) -> dict[str, str]:
        """The person's mail of that number, when it has come."""
        found: Callable[[], list[dict[str, str]]] = lambda: [  # noqa: E731
            mail for mail in self.provider.accepted if mail["To"] == address
        ]
        return eventually(lambda: found()[number:], 150, lambda: self.site.log("mail"))[0]

    def fails(self, url: str, **fields: str) -> str:
        """The id of a request that is answered by an error of ours."""
        with pytest.raises(HTTPError) as failed:
            _ = self.visitor.post(url, **fields) if fields else self.visitor.get(url)
        assert failed.value.code == 500
        failed.value.close()
        return str(failed.value.headers["X-Request-ID"])

    def until(self, event: str) -> None:
        """The mail worker has told of it."""
        eventually(lambda: f'"{event}"' in self.log("mail"), 150, lambda: self.site.log("mail"))

    def log(self, *names: str) -> str:
        return "".join(self.site.log(name, MOST) for name in names or PROCESSES)

    def error_of(self, process: str, **fields: object) -> Line:
        """The one error with these fields, once it is there."""

        def look() -> list[Line]:
            return [line for line in errors(self.site.log(process, MOST)) if fields.items() <= line.items()]

        found = eventually(look, 90, lambda: self.site.log(process))
        assert len(found) == 1
        return found[0]


class Messages:
    """All that is sent to the broker from now on, as Redis's MONITOR tells it."""

    def __init__(self, broker: RedisServer) -> None:
        self.broker = broker
        self.heard: list[bytes] = []
        self.socket = socket.create_connection(("127.0.0.1", broker.port))
        self.socket.sendall(b"MONITOR\r\n")
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while piece := self.socket.recv(65536):
            self.heard.append(piece)

    def sent(self) -> str:
        """Every message so far, with its arguments in the clear."""
        end = b"the end of what is looked at"
        with self.broker.client() as client:
            client.set("a_mark", end)
        eventually(lambda: end in b"".join(self.heard), 10, lambda: "Redis tells nothing more")
        told = b"".join(self.heard).decode(errors="replace")
        bodies = BODY.findall(told)
        assert len(bodies) > 5
        return "\n".join([told, *(base64.b64decode(body).decode() for body in bodies)])


BODY = re.compile(r'"body\\*": \\*"([\w+/=]+)')


@pytest.fixture
def messages(redis_server: RedisServer, site: Stack) -> Iterator[Messages]:
    messages = Messages(redis_server)
    yield messages
    messages.socket.shutdown(socket.SHUT_RDWR)
    messages.socket.close()


@pytest.fixture
def journey(site: Stack, provider: Provider, database: str) -> Journey:
    return Journey(site, provider, database)


def link(mail: dict[str, str], page: str) -> str:
    return re.findall(rf"https://papers\.example\.org/{page}/[^\s>]+", mail["TextBody"])[0]


@pytest.fixture
def topic(journey: Journey) -> str:
    """One that some papers of the sample are about by their categories alone, since nothing is embedded here."""
    with psycopg.connect(journey.database) as connection:
        found = connection.execute("SELECT id FROM papers_topic WHERE slug = 'large-language-models'").fetchone()
    assert found
    return str(found[0])


ONE_CLICK = """
from subscriptions.models import Subscriber
from subscriptions.people.tokens import Purpose, make
print("/u/" + make(Purpose.UNSUBSCRIBE, Subscriber.objects.get(email="ada.lovelace@mail.example.com").handle))
"""
ERASE = """
from subscriptions import lifecycle
from subscriptions.models import Subscriber
for one in Subscriber.objects.all():
    lifecycle.erase(one)
"""
TASK = "from celery import current_app; current_app.send_task('subscriptions.tasks.process_events')"


def test_a_whole_journey_leaves_errors_with_their_ids_and_nothing_of_a_person(
    journey: Journey, smtp_sink: SmtpSink, topic: str, messages: Messages
) -> None:
    _fail_to_sign_up(journey)
    preferences = _sign_up_and_confirm(journey, topic)
    _fail_to_show(journey, preferences)
    _be_refused_a_digest(journey, smtp_sink)
    _bounce(journey)
    one_click = journey.site.manage("shell", "-v0", "-c", ONE_CLICK).split()[-1]
    journey.visitor.get(one_click)
    journey.visitor.post(one_click)
    journey.site.manage("shell", "-v0", "-c", ERASE)
    _fail_in_a_task(journey)

    log, sent = journey.log(), messages.sent()
    lines(log)
    assert {"send_account_mails", "process_events", "embed_interests"} <= set(re.findall(r"tasks\.(\w+)", sent))
    for secret in {*_secrets(journey), one_click.removeprefix("/u/")}:
        assert secret not in log, [line for line in log.split("\n") if secret in line][:1]
        assert secret not in sent


def _fail_to_sign_up(journey: Journey) -> None:
    """In the page and in the worker, where the database quotes what a stranger typed; then at the provider."""
    journey.execute(f"ALTER TABLE subscriptions_signup ADD CONSTRAINT no CHECK (email <> '{STRANGER}')")
    failed = journey.fails("/subscribe/", email=STRANGER, text=TYPED)
    assert journey.error_of("web", request=failed)["error"] == "IntegrityError"
    journey.execute("ALTER TABLE subscriptions_signup DROP CONSTRAINT no")
    journey.execute(f"ALTER TABLE subscriptions_subscriber ADD CONSTRAINT no CHECK (email <> '{STRANGER}')")
    journey.visitor.post("/subscribe/", email=STRANGER, text=TYPED)
    line = journey.error_of("mail", event="sign_up_failed")
    assert line["task_name"] == "subscriptions.tasks.send_account_mails"
    assert line["request"] in {line.get("request") for line in lines(journey.log("web"))}
    journey.provider.mode = "refused"
    journey.visitor.post("/subscribe/", email=f"refused-{PERSON}", text=TYPED)
    journey.until("account_mail_not_sent")
    journey.provider.mode = "ok"


def _sign_up_and_confirm(journey: Journey, topic: str) -> str:
    """The address of the preferences page."""
    journey.visitor.post("/subscribe/", email=PERSON, text=TYPED, topics=topic)
    journey.visitor.post(link(journey.mail(0), "confirm"))
    return link(journey.mail(1), "preferences")


def _fail_to_show(journey: Journey, preferences: str) -> None:
    journey.visitor.get(preferences)
    journey.execute("ALTER TABLE subscriptions_feedback RENAME TO elsewhere")
    error = journey.error_of("web", request=journey.fails(preferences))
    assert "/preferences/[token]/" in error["message"]
    assert error["error"] == "ProgrammingError"
    journey.execute("ALTER TABLE elsewhere RENAME TO subscriptions_feedback")


def _be_refused_a_digest(journey: Journey, smtp_sink: SmtpSink) -> None:
    """By a mail server that names the address."""
    site = journey.site
    smtp_sink.answer = f"554 5.7.1 <{PERSON}> is refused here"
    site.stop("mail")
    environment = dict(site.environment)
    del site.environment["EMAIL_BACKEND"], site.environment["ANYMAIL"]
    site.environment["EMAIL_URL"] = smtp_sink.url
    site.start("mail")
    newest = site.manage("shell", "-v0", "-c", NEWEST).split()[-1]
    site.manage("shell", "-v0", "-c", MAKE_DUE.format(day=newest))
    journey.until("digest_not_sent")
    refused = [line for line in lines(journey.log("mail")) if line.get("event") == "digest_not_sent"]
    assert all(line["digest"] and line["run"] and line["task"] for line in refused)
    assert "554" in refused[0]["message"]
    site.stop("mail")
    site.environment = environment
    site.start("mail")


def _bounce(journey: Journey) -> None:
    handles = [mail["Metadata"].get("digest", "") for mail in journey.provider.accepted if mail["To"] == PERSON]
    post = provider_reports.postmark("hard", Mail(recipient=PERSON, handle=max(handles)))
    headers = HTTPS | post.headers | {"Content-Type": "application/json"}
    report = Request(f"{journey.site.url}/anymail/postmark/tracking/", post.body, headers)
    with build_opener().open(report, timeout=120) as answer:
        assert answer.status == 200


def _fail_in_a_task(journey: Journey) -> None:
    journey.execute("ALTER TABLE subscriptions_deliveryevent RENAME TO elsewhere")
    journey.site.manage("shell", "-v0", "-c", TASK)
    journey.until("task_failed")
    found = [line for line in errors(journey.log("mail")) if line.get("event") == "task_failed"]
    assert {line["error"] for line in found} == {"ProgrammingError"}
    assert len({line["task"] for line in found}) == len(found)


def _secrets(journey: Journey) -> set[str]:
    accepted = json.dumps(journey.provider.accepted)
    tokens = set(re.findall(r"https://papers\.example\.org/(?:u|\w+)/([\w.-]{16,})", accepted))
    assert len(tokens) >= 2
    local, stranger = (address.partition("@")[0] for address in (PERSON, STRANGER))
    return tokens | {local, stranger, "mail.example.com", TYPED, PROVIDER_TOKEN, "long-password", *KEYS.values()}
