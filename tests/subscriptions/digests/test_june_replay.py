"""June 2026, day by day, with the papers that were really announced and listed, for fifty people.

PAPER_ROUND_REPLAY_SHARE is the share of arXiv's papers that take part: all 6,600 need some minutes of embedding on two
cores, the twentieth that is the default less than one. The lists of trending papers always take part whole.
"""

import gzip
import json
import os
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from statistics import mean

import pytest
from django.core import mail
from django.db.models import Count
from pytest_django import Settings

from papers.editions import topics
from papers.feeds import recorded
from papers.ingest import saving
from papers.models import Paper, Topic
from papers.sources import jsonl
from recommender.embedding.embed import embed_missing
from recommender.models import EmbeddingModel
from subscriptions import lifecycle
from subscriptions.interests import interest_vectors
from subscriptions.lifecycle import Wishes
from subscriptions.models import DeliveryStatus, Digest, DigestItem, InterestKind, Role, Subscriber
from tests.stack import Stack
from tests.subscriptions.conftest import deliver_due

SHARE = float(os.environ.get("PAPER_ROUND_REPLAY_SHARE", "0.05"))
JUNE = [date(2026, 6, 1) + timedelta(days=number) for number in range(30)]
EMPTY_DAY = date(2026, 6, 10)
ZONES = ["UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Tokyo", "Australia/Lord_Howe"]
PEOPLE = 50
TEXTS = [
    "machine translation",
    "why large language models hallucinate\nlow-resource languages",
    "gaussian splatting for street scenes\nautonomous driving",
    "auctions and mechanism design",
    "speech recognition for children",
]
FIELDS_OF_TEXTS = [
    {"cs.CL"},
    {"cs.CL"},
    {"cs.CV", "cs.RO"},
    {"cs.GT", "econ.TH"},
    {"eess.AS", "cs.SD", "cs.CL"},
]


def takes_part(arxiv_id: str) -> bool:
    return int(sha256(arxiv_id.encode()).hexdigest(), 16) % 1000 < 1000 * SHARE


@pytest.fixture(scope="module")
def announced(shared_data: Path) -> dict[date, list[bytes]]:
    """Lines of arXiv's papers by the day they were first seen."""
    lines: dict[date, list[bytes]] = defaultdict(list)
    with gzip.open(shared_data / "papers" / "arxiv_2026Q2.jsonl.gz") as stream:
        for line in stream:
            row = json.loads(line)
            if row["first_seen_on"] >= JUNE[0].isoformat() and takes_part(row["arxiv_id"]):
                lines[date.fromisoformat(row["first_seen_on"])].append(line)
    return lines


@pytest.fixture
def encoder(stack: Stack, settings: Settings, db: None) -> None:
    """The query encoder as a process of its own, with the real model; nobody gives a sign for a month."""
    settings.SLOW_DOWN_AFTER_DAYS = 0
    settings.QUERY_ENCODER_SOCKET, settings.QUERY_ENCODER_TIMEOUT = stack.folder / "encoder.sock", 60
    stack.start("encoder")


def wishes_of(number: int, pool: list[Topic]) -> Wishes:
    """Two topics each; every fifth person writes what they work on instead, and every seventh names papers as well."""
    zone = ZONES[number % len(ZONES)]
    if number % 5 == 4:
        return Wishes(texts=tuple(TEXTS[number // 5 % len(TEXTS)].splitlines()), timezone=zone)
    followed = (pool[number % len(pool)].pk, pool[(7 * number + 3) % len(pool)].pk)
    named = ("2606.00001", "2505.12345") if number % 7 == 0 else ()
    return Wishes(topics=followed, arxiv_ids=named, timezone=zone)


def sign_everybody_up(start: datetime) -> None:
    pool = list(Topic.objects.all())
    for number in range(PEOPLE):
        lifecycle.sign_up(f"reader{number}@example.org", wishes_of(number, pool), form_text_hash="hash", now=start)
        assert lifecycle.confirm(Subscriber.objects.get(email=f"reader{number}@example.org").consents.get(), start)


def load_papers(day: date, announced: dict[date, list[bytes]], shared_data: Path) -> None:
    if day == EMPTY_DAY:
        return
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    records = [jsonl.record(jsonl.decode(line)) for line in announced.get(day, [])]
    listed = shared_data / "feeds" / "hf_daily_api" / f"{day}.json"
    if listed.exists():
        records += recorded.parse(listed, recorded.Recording("huggingface", (listed,)), noon)
    saving.save(records, noon)
    embed_missing("all-MiniLM-L6-v2")
    interest_vectors.rebuild_missing("all-MiniLM-L6-v2")


def live_through(day: date) -> None:
    for hour in range(24):
        moment = datetime(day.year, day.month, day.day, hour, 0, 30, tzinfo=UTC)
        deliver_due(moment)


@pytest.mark.usefixtures("encoder")
def test_a_month_of_real_papers(announced: dict[date, list[bytes]], shared_data: Path) -> None:
    topics.load()
    sign_everybody_up(datetime(2026, 5, 31, 23, 45, tzinfo=UTC))
    embed_missing("all-MiniLM-L6-v2")
    for day in JUNE:
        load_papers(day, announced, shared_data)
        live_through(day)
    report()
    everybody_has_one_outcome_a_day()
    nothing_came_twice()
    digests_differ_between_people()
    digests_fit_the_topics_that_are_followed()
    digests_fit_what_people_wrote()


@cache  # the month is over
def picks() -> "list[DigestItem]":
    chosen = DigestItem.objects.filter(role=Role.PICK, digest__status=DeliveryStatus.SENT)
    return list(chosen.select_related("paper", "interest__topic", "digest"))


def everybody_has_one_outcome_a_day() -> None:
    per_person = Digest.objects.values("subscriber").annotate(days=Count("local_date", distinct=True), rows=Count("pk"))
    assert all(row["days"] == row["rows"] == len(JUNE) for row in per_person)
    assert len(per_person) == PEOPLE
    assert set(Digest.objects.values_list("status", flat=True)) <= {DeliveryStatus.SENT, DeliveryStatus.SKIPPED}
    assert not Digest.objects.filter(status=DeliveryStatus.SKIPPED, reason="").exists()
    assert len(mail.outbox) == Digest.objects.filter(status=DeliveryStatus.SENT).count()


def nothing_came_twice() -> None:
    repeated = DigestItem.objects.filter(role=Role.PICK).values("subscriber", "paper").annotate(times=Count("pk"))
    assert not repeated.filter(times__gt=1).exists()


def digests_differ_between_people() -> None:
    chosen: dict[int, set[int]] = defaultdict(set)
    for item in picks():
        chosen[item.subscriber_id].add(item.paper_id)
    shared = [len(one & other) / len(one | other) for one, other in combinations(chosen.values(), 2)]
    assert mean(shared) < 0.1


def fit(items: list[DigestItem], wanted: dict[int, set[str]]) -> float:
    """The share of picks that carry a category of the interest that chose them, where their categories are known."""
    known = [item for item in items if item.paper.categories and item.interest_id in wanted]
    return mean(bool(wanted[item.interest_id or 0] & set(item.paper.categories)) for item in known)


def chance(wanted: dict[int, set[str]]) -> float:
    """The same share for papers drawn blindly."""
    papers = list(Paper.objects.exclude(categories=[]).values_list("categories", flat=True))
    return mean(bool(categories & set(have)) for categories in wanted.values() for have in papers)


def of_topics() -> tuple[list[DigestItem], dict[int, set[str]]]:
    items = [item for item in picks() if item.interest and item.interest.kind == InterestKind.TOPIC]
    return items, {item.interest.pk: set(item.interest.topic.categories) for item in items if item.interest}  # type: ignore[union-attr]


def of_texts() -> tuple[list[DigestItem], dict[int, set[str]]]:
    items = [item for item in picks() if item.interest and item.interest.kind == InterestKind.TEXT]
    wanted = dict(zip(TEXTS, FIELDS_OF_TEXTS, strict=True))
    lines = {line.strip(): fields for text, fields in wanted.items() for line in text.splitlines()}
    return items, {item.interest.pk: lines[item.interest.text] for item in items if item.interest}


def digests_fit_the_topics_that_are_followed() -> None:
    assert fit(*of_topics()) > max(0.75, 2 * chance(of_topics()[1]))


def digests_fit_what_people_wrote() -> None:
    assert fit(*of_texts()) > max(0.7, 2 * chance(of_texts()[1]))


def report() -> None:
    """Shown by pytest -s: the figures behind the assertions."""
    model = EmbeddingModel.objects.get()
    lengths = [row["n"] for row in Digest.objects.filter(status="sent").annotate(n=Count("items")).values("n")]
    print(  # noqa: T201
        f"{Paper.objects.count()} papers by {model}; "
        f"{Digest.objects.filter(status='sent').count()} sent, "
        f"{dict(Digest.objects.filter(status='skipped').values_list('reason').annotate(Count('pk')))} skipped, "
        f"{mean(lengths):.1f} items a digest with near misses; {len(picks())} picks; "
        f"topics fit {fit(*of_topics()):.2f} (blind {chance(of_topics()[1]):.2f}), "
        f"texts fit {fit(*of_texts()):.2f} (blind {chance(of_texts()[1]):.2f})"
    )
