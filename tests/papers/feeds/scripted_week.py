"""A week of every source, made of real papers, as a server on the loopback gives it: with a fault for every day."""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from tests.papers.sources.feed_server import Answer

EASTERN = ZoneInfo("America/New_York")
MONDAY = date(2026, 6, 22)
WEEK = [MONDAY + timedelta(days=number) for number in range(7)]
# Nothing was recorded on this Monday and little on this Thursday: they get the listings of two days before.
RECORDED = dict(zip(WEEK, [date(2026, 6, 19), *WEEK[1:3], date(2026, 6, 18), WEEK[4]], strict=False))
SHARE = 5  # one paper of so many, so that a week takes seconds
PAGE = 60  # records in one answer of OAI-PMH
LATE = "cs.CL"  # on Friday its papers are missing from the feed

Fault = Callable[["Week"], Answer | None]
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
<!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;">
<!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;">]><OAI-PMH>&g;</OAI-PMH>"""
HUGE = Answer(b" " * 1_000_000, repeat=50)
DRIPPING = Answer(b" " * 1_000, drip=0.05)
INSIDE = "/inside"  # what a redirect leads to, and nobody must ever ask for


@dataclass
class Week:
    """now is the moment that the script has reached; answer gives what each source says then."""

    data: Path
    now: datetime = datetime(2026, 6, 22, tzinfo=UTC)
    faults: dict[tuple[str, datetime], list[Fault]] = field(default_factory=dict)

    @cached_property
    def batches(self) -> dict[date, list[dict[str, Any]]]:
        """What arXiv announced on each working day of the week."""
        with gzip.open(self.data / "papers" / "arxiv_2026Q2.jsonl.gz", "rt") as lines:
            rows = [json.loads(line) for line in lines]
        seen = {day.isoformat(): self.of_share(rows, day.isoformat()) for day in RECORDED.values()}
        return {day: seen[recorded.isoformat()] for day, recorded in RECORDED.items()}

    @staticmethod
    def of_share(rows: list[dict[str, Any]], day: str) -> list[dict[str, Any]]:
        chosen = [row for row in rows if row["first_seen_on"] == day]
        return [row for row in chosen if int(sha256(row["arxiv_id"].encode()).hexdigest(), 16) % SHARE == 0]

    @cached_property
    def listed(self) -> dict[date, list[dict[str, Any]]]:
        """What Hugging Face listed on each working day."""
        folder = self.data / "feeds" / "hf_daily_api"
        days = {day: json.loads((folder / f"{day}.json").read_bytes()) for day in WEEK[:5]}
        for items in days.values():
            for number, one in enumerate(items):
                if number % 10:
                    one["paper"].pop("githubRepo", None)  # few repositories are enough
        return days

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        url = urlsplit(path)
        source = url.path.strip("/").split("/")[0]
        script = self.faults.get((source, self.now), [])
        fault = script.pop(0)(self) if script else None
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        return fault or getattr(self, source, self.nothing)(url.path, query, headers)

    def nothing(self, *asked: object) -> Answer:
        return Answer(status=404)

    @property
    def eastern(self) -> date:
        return self.now.astimezone(EASTERN).date()

    def rss(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        """The batch of the day by Eastern time, with an ETag; empty at the weekend."""
        rows = self.batches.get(self.eastern, [])
        if self.eastern == WEEK[4]:
            rows = [row for row in rows if row["primary_category"] != LATE]
        return conditional(feed(self.eastern, rows, self.replaced()), headers)

    def replaced(self) -> list[dict[str, Any]]:
        """On working days some papers of the day before come in a second version."""
        if self.eastern not in self.batches:
            return []
        return self.batches.get(self.eastern - timedelta(days=1), [])[::10]

    def yesterdays_batch(self) -> Answer:
        return Answer(feed(self.eastern, self.batches[self.eastern - timedelta(days=1)], []))

    def daily(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        day = date.fromisoformat(query["date"])
        return Answer(json.dumps(self.listed.get(day, []) if day <= self.now.date() else []).encode())

    def oai(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        """Everything that was announced since the day asked for, in pages; a token says where the next one begins."""
        first, start = query.get("from"), 0
        if token := query.get("resumptionToken"):
            first, start = token.split("|")[0], int(token.split("|")[1])
        since = date.fromisoformat(str(first))
        rows = [(day, row) for day, batch in self.batches.items() if since <= day <= self.eastern for row in batch]
        return Answer(harvest(rows, start, f"{since}|{start + PAGE}"))

    def api(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        """Whatever is asked for by identifier, in two categories that nobody else names."""
        known = {item["paper"]["id"]: item["paper"] for items in self.listed.values() for item in items}
        asked = [known[one] for one in query["id_list"].split(",") if one in known]
        return Answer(atom(asked))

    def github(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        return Answer(
            json.dumps({"stargazers_count": 10 * (self.now - datetime(2026, 6, 1, tzinfo=UTC)).days}).encode()
        )


def always(answer: Answer) -> Fault:
    return lambda week: replace(answer)


def conditional(body: bytes, headers: dict[str, str]) -> Answer:
    etag = f'"{sha256(body).hexdigest()}"'
    return Answer(status=304) if headers.get("If-None-Match") == etag else Answer(body, headers={"ETag": etag})


def feed(day: date, new: list[dict[str, Any]], replaced: list[dict[str, Any]]) -> bytes:
    """RSS 2.0 as arXiv builds it at midnight."""
    built = format_datetime(datetime(day.year, day.month, day.day, tzinfo=EASTERN))
    kinds = [(row, "new", 1) for row in new] + [(row, "replace", 2) for row in replaced]
    items = "".join(item(row, kind, version, built) for row, kind, version in kinds)
    head = f"<title>cs updates</title><lastBuildDate>{built}</lastBuildDate><pubDate>{built}</pubDate>"
    spaces = 'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'<rss version="2.0" {spaces}><channel>{head}{items}</channel></rss>'.encode()


def item(row: dict[str, Any], kind: str, version: int, built: str) -> str:
    name = f"{row['arxiv_id']}v{version}"
    about = escape(f"arXiv:{name} Announce Type: {kind} \nAbstract: {row['abstract']}")
    categories = "".join(f"<category>{one}</category>" for one in row["categories"])
    authors = escape(", ".join(row["authors"]))
    return (
        f"<item><title>{escape(row['title'])}</title><description>{about}</description>"
        f"<guid>oai:arXiv.org:{name}</guid>{categories}<pubDate>{built}</pubDate>"
        f"<arxiv:announce_type>{kind}</arxiv:announce_type><dc:creator>{authors}</dc:creator></item>"
    )


def harvest(rows: list[tuple[date, dict[str, Any]]], start: int, token: str) -> bytes:
    records = "".join(oai_record(day, row) for day, row in rows[start : start + PAGE])
    more = token if start + PAGE < len(rows) else ""
    shown = f'<resumptionToken cursor="{start}" completeListSize="{len(rows)}">{more}</resumptionToken>'
    body = f"<ListRecords>{records}{shown}</ListRecords>" if rows else '<error code="noRecordsMatch">none</error>'
    return f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{body}</OAI-PMH>'.encode()


def oai_record(day: date, row: dict[str, Any]) -> str:
    authors = "".join(f"<author><keyname>{escape(name)}</keyname></author>" for name in row["authors"])
    return (
        f"<record><header><identifier>oai:arXiv.org:{row['arxiv_id']}</identifier><datestamp>{day}</datestamp></header>"
        f'<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{row["arxiv_id"]}</id>'
        f"<created>{day - timedelta(days=1)}</created><authors>{authors}</authors><title>{escape(row['title'])}</title>"
        f"<categories>{' '.join(row['categories'])}</categories><abstract>{escape(row['abstract'])}</abstract></arXiv>"
        "</metadata></record>"
    )


def atom(papers: list[dict[str, Any]]) -> bytes:
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'
    return f"<feed {spaces}><title>arXiv Query</title>{''.join(map(entry, papers))}</feed>".encode()


def entry(paper: dict[str, Any]) -> str:
    authors = "".join(f"<author><name>{escape(one['name'])}</name></author>" for one in paper["authors"])
    return (
        f"<entry><id>http://arxiv.org/abs/{paper['id']}v1</id><title>{escape(paper['title'])}</title>"
        f"<published>{paper['publishedAt']}</published><updated>{paper['publishedAt']}</updated>"
        f"<summary>{escape(paper['summary'])}</summary>{authors}"
        '<category term="cs.LG"/><arxiv:primary_category term="cs.LG"/></entry>'
    )


def hours(*of_day: int) -> Iterator[datetime]:
    """Moments of the week, in order."""
    return (datetime(day.year, day.month, day.day, hour, 20, tzinfo=UTC) for day in WEEK for hour in of_day)
