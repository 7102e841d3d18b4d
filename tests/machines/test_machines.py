"""Machines with nothing in common but PostgreSQL and Redis: a person's way over three of them, and one that dies."""

import os
import re
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, build_opener

import psycopg

from subscriptions.builder.preview import UNREAD
from tests.machines.machine import Machine
from tests.machines.network import Network
from tests.machines.sending import Setting
from tests.services import (
    PostgresServer,
    SmtpSink,
    eventually,
    free_port,
)
from tests.stack import MAIL_CHILDREN
from tests.subscriptions.pages.test_production_stack import (
    HTTPS,
    Visitor,
    all_are_embedded,
    links,
    some_papers,
)

TEXT = "reinforcement learning for robots"


def preview(visitor: Visitor) -> str:
    """What the page shows beside the form while somebody types; nothing before there is a paper."""
    [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', visitor.get("/subscribe/")))
    data = urlencode({"csrfmiddlewaretoken": token, "text": TEXT}).encode()
    headers = HTTPS | {"Referer": "https://papers.example.org/"}
    shown = visitor._open(Request(visitor._local("/subscribe/preview/"), data, headers))
    return shown if "what you work on: “" in shown else ""


def mails_to(sink: SmtpSink, address: str) -> list[EmailMessage]:
    return [message for message in sink.messages if message["To"] == address]


def text_of(message: EmailMessage) -> dict[str, str]:
    body = message.get_body(("plain",))
    assert body
    return {"TextBody": body.get_content()}


def sign_up(web: Machine, mail: Machine, sink: SmtpSink) -> None:
    """Look at a preview, sign up, and confirm by the mail's link."""
    visitor = Visitor(web)
    shown = eventually(lambda: preview(visitor), 60, lambda: web.log("web"))
    assert UNREAD not in shown
    assert "Check your inbox" in visitor.post("/subscribe/", email="ada@example.org", text=TEXT)
    [confirm] = eventually(lambda: mails_to(sink, "ada@example.org"), 90, lambda: mail.log("mail"))
    visitor.post(links(text_of(confirm), "confirm"))
    welcome = eventually(lambda: mails_to(sink, "ada@example.org")[1:], 90, lambda: mail.log("mail"))[0]
    assert "The next one comes on" in visitor.get(links(text_of(welcome), "preferences"))


def leave(web: Machine, digest: EmailMessage) -> None:
    """Unsubscribe by one click, as a mail program does."""
    one_click = str(digest["List-Unsubscribe"]).strip("<>")
    request = Request(web.url + urlsplit(one_click).path, b"List-Unsubscribe=One-Click", headers=HTTPS)
    with build_opener().open(request, timeout=120) as answer:
        assert answer.read() == b"Unsubscribed."


def share_nothing(*machines: Machine) -> bool:
    """Tell whether no process has opened a file of another machine's folder."""
    opened = {machine: machine.opened() for machine in machines}
    assert all(opened.values())
    folders = {machine: str(machine.folder) for machine in machines}
    return not [
        path
        for machine, paths in opened.items()
        for path in paths
        for other, folder in folders.items()
        if other is not machine and path.startswith(folder)
    ]


def three_machines(network: Network, common: dict[str, str], machines: ExitStack) -> tuple[Machine, Machine, Machine]:
    """Return one for pages, one that embeds and answers queries at its address, and one that sends; none runs yet."""
    at_embed = network.place("embed-1")
    listen = f"{at_embed.address}:{free_port()}"
    web = Machine(network.place("web-1"), **common, QUERY_ENCODER_URL=f"http://{listen}")
    embed = Machine(at_embed, **common, QUERY_ENCODER_LISTEN=listen)
    mail = Machine(network.place("mail-1"), **common)
    for machine in (web, embed, mail):
        machines.callback(machine.remove)
    return web, embed, mail


def test_a_person_goes_from_the_preview_to_the_digest_over_three_machines(
    network: Network,
    common: dict[str, str],
    machines: ExitStack,
    smtp_sink: SmtpSink,
    postgres_server: PostgresServer,
    tmp_path: Path,
) -> None:
    network.let_through(smtp_sink.port)
    common |= {"EMAIL_URL": smtp_sink.url.replace("127.0.0.1", network.host)}
    web, embed, mail = three_machines(network, common, machines)
    database = postgres_server.url("machines")

    mail.manage("prepare", "--no-sample")
    mail.manage("ingest", "jsonl", "--file", str(some_papers(tmp_path)))
    mail.manage("shell", "-v0", "-c", TODAY)
    web.start("web")  # with an empty folder, and before anybody answers queries
    eventually(lambda: not web.parts()["encoder"], 60)
    page = web.ask("/subscribe/")[1].decode()
    [style] = set(re.findall(r'href="(/static/[\w./-]+\.css)"', page)[:1])
    assert web.ask(style)[0] == 200
    embed.start("encoder", "embed")
    mail.start("mail", "beat")
    eventually(lambda: web.parts()["encoder"], 90, lambda: embed.log("encoder"))
    eventually(lambda: all_papers_are_embedded(database), 180, lambda: embed.log("embed"))

    sign_up(web, mail, smtp_sink)

    # The next morning, which is when the first digest is due.
    eventually(lambda: all_are_embedded(database), 90, lambda: embed.log("embed"))
    postgres_server.execute("UPDATE subscriptions_subscriber SET next_digest_at = now()", "machines")
    digest = eventually(lambda: mails_to(smtp_sink, "ada@example.org")[2:], 150, lambda: mail.log("mail"))[0]
    assert "reinforcement" in text_of(digest)["TextBody"].lower()
    leave(web, digest)

    assert network.is_apart is (os.geteuid() == 0)
    assert share_nothing(web, embed, mail)
    assert not (web.folder / "encoders").exists()
    assert not (mail.folder / "index").exists()


TODAY = """
from django.utils.timezone import now
from papers.models import Edition
shift = now().date() - Edition.objects.latest("date").date
for edition in Edition.objects.order_by("-date"):
    edition.date += shift
    edition.save()
"""


def all_papers_are_embedded(database: str) -> bool:
    with psycopg.connect(database) as connection:
        waiting = "SELECT count(*) FROM papers_paper p LEFT JOIN recommender_papervector v ON v.paper_id = p.id"
        [[papers]] = connection.execute(f"{waiting} WHERE v.paper_id IS NULL").fetchall()
        [[topics]] = connection.execute("SELECT count(*) FROM recommender_topicvector").fetchall()
    return not papers and bool(topics)


PEOPLE = 200


def test_a_machine_that_is_killed_in_a_run_costs_no_mail_and_doubles_none(setting: Setting) -> None:
    # Of one name, as containers may be, so that the names of their workers clash, too; and with a beat each.
    pair = setting.pair(pace=0.02, names=("papers", "papers"))
    one, other, site = pair.one.machine, pair.other.machine, pair.site
    site.grow(PEOPLE)
    for machine in (one, other):
        machine.start("mail", "beat", wait=False)
    eventually(lambda: len(site.taken()) > PEOPLE // 10, 120, lambda: one.log("mail"))
    one.kill()
    site.tick_until_all_has_ended(240)  # which need not wait for the beat's next minute

    site.check()
    assert list(site.statuses().values()).count("uncertain") <= MAIL_CHILDREN
    site.stack.manage("shell", "-v0", "-c", CLOSE)  # as the sweep does when the hour is over
    assert run_is_closed(setting.url)


CLOSE = """
from datetime import timedelta
from django.utils.timezone import now
from subscriptions.digests import runs
runs.close_finished(now() + timedelta(hours=1))
"""


def run_is_closed(database: str) -> bool:
    """Whether all that was planned is accounted for, and nothing disagrees."""
    with psycopg.connect(database) as connection:
        runs = connection.execute("SELECT closed_at, note, eligible FROM subscriptions_run").fetchall()
    assert {note for _, note, _ in runs} == {""}
    assert sum(eligible for *_, eligible in runs) == PEOPLE
    return all(closed for closed, *_ in runs)
