"""The operator's book is typed as it stands, from the names of a site to a digest that has arrived."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.papers.sources import rss
from tests.papers.sources.feed_server import Answer, FeedServer
from tests.server import book
from tests.server.debian import Server
from tests.services import ROOT, PostgresServer, RedisServer, SmtpSink, eventually
from tests.subscriptions.doctor.dns_server import DnsServer
from tests.subscriptions.pages.test_production_stack import Visitor

READER = "you@example.org"
WAITING = "UPDATE subscriptions_subscriber SET next_digest_at = now()"


def test_every_block_is_run_or_is_said_not_to_be() -> None:
    assert {kind for kind, _ in book.blocks()} == book.KINDS
    outside = book.FENCED.sub("", book.TEXT)
    assert not re.findall(r"^(?: {4}|\t).*|```.*", outside, re.MULTILINE)


def test_the_list_of_commands_that_no_test_runs_is_whole_and_holds_no_other() -> None:
    lines, listed = book.untried(), book.listed()
    assert not [line for line in lines if not line.startswith(tuple(listed))]
    assert not [name for name in listed if not any(line.startswith(name) for line in lines)]


def test_what_is_seen_is_compared_line_by_line() -> None:
    assert book.is_seen("ok …\n…\nend\n", "ok then\none\ntwo\nend\n")
    assert book.is_seen("ok …\n…\nend\n", "ok then\nend\n")
    assert not book.is_seen("ok …\nend\n", "ok then\none\nend\n")


def papers_of_today() -> bytes:
    """arXiv's feed with papers of the sample that a follower of language agents gets."""
    day = datetime.now(ZoneInfo("America/New_York")).date()
    lines = (ROOT / "papers" / "sample" / "papers.jsonl").read_text().splitlines()
    papers = [json.loads(line) for line in lines if "agent" in line][:12]
    return rss.feed(*[_item(number, paper, day) for number, paper in enumerate(papers, 1)], day=day)


def _item(number: int, paper: dict[str, Any], day: Any) -> str:
    said = f"arXiv:2606.{number:05}v1 Announce Type: new \nAbstract: {escape(paper['abstract'])}"
    named = {"guid": f"oai:arXiv.org:2606.{number:05}v1", "dc:creator": escape(", ".join(paper["authors"][:3]))}
    return rss.item(number, day=day, title=escape(paper["title"]), description=said, category="cs.CL", **named)


@pytest.fixture
def reached() -> Iterator[dict[str, str]]:
    """Settings: whom the server asks, all of them on the loopback; no domain has a record yet."""
    with FeedServer() as server, DnsServer() as names:
        server.default = Answer(papers_of_today())
        yield {"ARXIV_RSS_URL": f"{server.url}/rss", "DOCTOR_NAMESERVER": names.address}


@pytest.fixture
def server(postgres_server: PostgresServer, redis_server: RedisServer, smtp_sink: SmtpSink) -> Iterator[Server]:
    redis_server.client().flushall()
    server = Server(postgres_server, redis_server, smtp_sink.url)
    yield server
    server.remove()
    postgres_server.execute("DROP DATABASE IF EXISTS paper_round WITH (FORCE)")
    postgres_server.execute('DROP ROLE IF EXISTS "paper-round"')


class Behind(Visitor):
    """A reader behind the proxy of this server."""

    def __init__(self, server: Server) -> None:
        self.url = f"http://127.0.0.1:{server.port}"
        super().__init__(self)  # type: ignore[arg-type]


class Walk:
    """What happens beside the commands: sources that are on the loopback, services, and a reader."""

    def __init__(self, server: Server, sink: SmtpSink, postgres: PostgresServer, reached: dict[str, str]) -> None:
        self.server, self.sink, self.postgres, self.reached = server, sink, postgres, reached

    def before(self, commands: str) -> None:
        if "prepare" in commands:
            away = dict.fromkeys(("HUGGINGFACE_URL", "ARXIV_API_URL", "ARXIV_OAI_URL"), "http://127.0.0.1:9/")
            quick = dict.fromkeys(("SPREAD_MINUTES", "EDITION_WAIT_MINUTES", "SIGN_UP_SECONDS", "SOURCE_PAUSE"), "0")
            self.server.set(PORT=str(self.server.port), **self.reached, **away, **quick)
        if "/livez" in commands:
            self.server.start("web")
            self.server.start("mail")
        if "preview" in commands:
            self.subscribe()
        if "digest send" in commands:
            self.postgres.execute(WAITING, "paper_round")

    def subscribe(self) -> None:
        reader = Behind(self.server)
        topic = re.findall(r'name="topics" value="(\d+)"[^>]*><span><bdi>LLM agents', reader.get("/subscribe/"))[0]
        reader.post("/subscribe/", email=READER, topics=topic)
        confirm = eventually(lambda: self.links("confirm"), 60, self.server.log("mail").read_text)
        reader.post(confirm[0])

    def links(self, purpose: str) -> list[str]:
        texts = [str(mail.get_body(("plain",))) for mail in self.sink.messages]
        return [
            link for text in texts for link in re.findall(rf"https://papers\.example\.org/{purpose}/[\w-]+/?", text)
        ]


def typed(server: Server, commands: str) -> str:
    """What the commands say; the doctor of a server that nobody reaches ends with 1."""
    return server.type(commands.replace("paper-round doctor\n", "paper-round doctor || true\n"))


def test_from_the_names_of_a_site_to_a_digest_that_has_arrived(
    server: Server, smtp_sink: SmtpSink, postgres_server: PostgresServer, reached: dict[str, str]
) -> None:
    walk = Walk(server, smtp_sink, postgres_server, reached)
    for step in book.steps():
        walk.before(step.commands)
        said = typed(server, step.commands)
        assert book.is_seen(step.seen, said), f"{step.commands}\nsaid\n{said}\nand not\n{step.seen}"
    assert [mail["To"] for mail in smtp_sink.messages][-1] == READER
    assert "papers for you" in str(smtp_sink.messages[-1]["Subject"])
