"""One person from sign-up to digest in the configuration of production: PostgreSQL, Redis, a mail provider's API."""

import re
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

import psycopg
import pytest

from tests.services import ROOT, PostgresServer, Provider, RedisServer, eventually, fresh_database
from tests.stack import Stack
from tests.subscriptions.pages.site import PRODUCTION

HTTPS = {"X-Forwarded-Proto": "https", "Host": "papers.example.org"}


@pytest.fixture
def production(
    postgres_server: PostgresServer, redis_server: RedisServer, redis_url: str, provider: Provider
) -> Iterator[Stack]:
    stack = Stack(
        **PRODUCTION,
        TRUSTED_PROXIES="1",
        DATABASE_URL=fresh_database(postgres_server, "production"),
        REDIS_URL=redis_url,
        DIGEST_FROM="Paper Round <digest@example.org>",
        ACCOUNT_FROM="Paper Round <hello@example.org>",
        # Nothing is reached beyond this machine: the sources are away, which must hold up nothing.
        HUGGINGFACE_URL="http://127.0.0.1:9/",
        ARXIV_RSS_URL="http://127.0.0.1:9",
        **provider.environment,
    )
    yield stack
    stack.remove()


class Visitor:
    """A browser without scripts behind the operator's TLS proxy."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.opener = build_opener(HTTPCookieProcessor(_SecureOnLoopback()))

    def get(self, url: str) -> str:
        return self._open(Request(self._local(url), headers=HTTPS))

    def post(self, url: str, **fields: str) -> str:
        page = self.get(url)
        [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page))
        data = urlencode({"csrfmiddlewaretoken": token} | fields).encode()
        headers = HTTPS | {"Referer": "https://papers.example.org/"}
        return self._open(Request(self._local(url), data, headers))

    def _local(self, url: str) -> str:
        return self.stack.url + urlsplit(url).path

    def _open(self, request: Request) -> str:
        with self.opener.open(request, timeout=120) as answer:
            return str(answer.read().decode())


class _SecureOnLoopback(CookieJar):
    """The proxy speaks plain HTTP to the site, so a secure cookie has to travel over it."""

    def add_cookie_header(self, request: Request) -> None:
        pairs = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self)
        if pairs:
            request.add_unredirected_header("Cookie", pairs)


def links(message: dict[str, str], purpose: str) -> str:
    return re.findall(rf"https://papers\.example\.org/{purpose}/[\w-]{{22}}/?", message["TextBody"])[0]


def mails_to(provider: Provider, address: str) -> list[dict[str, str]]:
    return [message for message in provider.accepted if message["To"] == address]


def no_torch_in(stack: Stack, *names: str) -> bool:
    """Whether none of these processes, nor any child of theirs, has mapped a library of torch into memory."""
    groups = {stack.processes[name].pid for name in names}
    maps = [path for path in Path("/proc").glob("[0-9]*/maps") if _group(path.parent) in groups]
    assert len(maps) > len(names)
    return not any("libtorch" in path.read_text(errors="replace") for path in maps)


def _group(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[2])
    except (OSError, IndexError):
        return 0


def some_papers(folder: Path) -> Path:
    """Those of the sample that the reader wants, and as many others: to embed them all would take most of the time."""
    lines = (ROOT / "papers" / "sample" / "papers.jsonl").read_text().splitlines()
    wanted = [line for line in lines if "reinforcement" in line.lower() or "robot" in line.lower()][:20]
    others = [line for line in lines if line not in wanted][:20]
    (folder / "papers.jsonl").write_text("\n".join([*wanted, *others]) + "\n")
    return folder / "papers.jsonl"


def test_from_sign_up_to_digest_as_in_production(production: Stack, provider: Provider, tmp_path: Path) -> None:
    production.manage("prepare", "--no-sample")
    production.manage("ingest", "jsonl", "--file", str(some_papers(tmp_path)))
    production.manage("collectstatic", "--no-input")
    production.start()
    visitor = Visitor(production)

    done = visitor.post("/subscribe/", email="ada@example.org", text="reinforcement learning for robots")
    assert "Check your inbox" in done
    [confirm] = eventually(lambda: mails_to(provider, "ada@example.org"), 90, lambda: production.log("mail"))
    assert confirm["From"] == "Paper Round <hello@example.org>"
    assert "reinforcement" not in confirm["TextBody"]

    visitor.post(links(confirm, "confirm"))
    welcome = eventually(lambda: mails_to(provider, "ada@example.org")[1:], 90, lambda: production.log("mail"))[0]
    preferences = visitor.get(links(welcome, "preferences"))
    assert "The next one comes on" in preferences

    # The next morning, which is when the first digest is due.
    database = production.environment["DATABASE_URL"]
    eventually(lambda: all_are_embedded(database), 90, lambda: production.log("embed"))
    newest = production.manage("shell", "-v0", "-c", NEWEST).split()[-1]
    make_due = MAKE_DUE.format(day=newest)
    production.manage("shell", "-v0", "-c", make_due)
    digest = eventually(lambda: mails_to(provider, "ada@example.org")[2:], 150, lambda: production.log("mail"))[0]
    assert digest["From"] == "Paper Round <digest@example.org>"
    assert "== For you: “" in digest["TextBody"]
    assert no_torch_in(production, "web", "mail", "beat", "encoder")

    unsubscribe = next(header["Value"] for header in digest["Headers"] if header["Name"] == "List-Unsubscribe")  # type: ignore[index, union-attr]
    one_click = Request(
        production.url + urlsplit(unsubscribe.strip("<>")).path, b"List-Unsubscribe=One-Click", headers=HTTPS
    )
    with build_opener().open(one_click, timeout=120) as answer:
        assert answer.read() == b"Unsubscribed."
    assert "You are unsubscribed" in visitor.get(links(welcome, "preferences"))


NEWEST = "from papers.models import Edition; print(Edition.objects.latest('date').date)"
MAKE_DUE = """
from datetime import date
from django.utils.timezone import now
from papers.models import Edition
from subscriptions.models import Subscriber
shift = now().date() - date.fromisoformat("{day}")
for edition in Edition.objects.order_by("-date"):
    edition.date += shift
    edition.save()
Subscriber.objects.update(next_digest_at=now())
"""


def all_are_embedded(database: str) -> bool:
    """Whether papers and interests have vectors; asked of PostgreSQL itself, since each manage.py costs seconds."""
    with psycopg.connect(database) as connection:
        waiting = "SELECT count(*) FROM papers_paper p LEFT JOIN recommender_papervector v ON v.paper_id = p.id"
        [[papers]] = connection.execute(f"{waiting} WHERE v.paper_id IS NULL").fetchall()
        [[interests]] = connection.execute("SELECT count(*) FROM subscriptions_interestvector").fetchall()
    return not papers and bool(interests)
