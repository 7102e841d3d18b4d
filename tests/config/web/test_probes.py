"""Pages for machines: whom they answer, how fast, and what they give away."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries, Settings

from papers.models import Paper
from subscriptions import tasks
from subscriptions.limits import kill_switch
from subscriptions.models import Breaker, Digest, Subscriber
from subscriptions.operations import health, metrics

TOKEN = "a-token-of-sixteen-or-more"
PLACES = {"HTTP_HOST": "10.1.2.3:8000"}


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "KEPT", -1.0)


@pytest.fixture(autouse=True)
def _many_are_counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_of_many", {})


@pytest.fixture
def production(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["papers.example.org"]


def test_alive_is_said_to_any_host_without_tls_and_without_asking_the_database(
    client: Client, production: None, django_assert_num_queries: DjangoAssertNumQueries, db: None
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/livez", **PLACES)
    assert (answer.status_code, answer.content) == (200, b"alive\n")
    assert answer["Cache-Control"] == "no-store"
    assert client.post("/livez", **PLACES).status_code == 405


@pytest.mark.parametrize(
    "given", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer \xe9"]
)
def test_without_the_token_there_is_no_page_of_numbers(client: Client, settings: Settings, given: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"Authorization": given})
    assert (answer.status_code, answer.content) == (404, b"Not found.\n")


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer None"])
def test_where_no_token_is_set_nobody_has_it(client: Client, given: str) -> None:
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def numbers(client: Client) -> dict[str, float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, **PLACES)
    assert answer.status_code == 200
    rows = re.findall(r"^(paper_round_[^ ]+) (\S+)$", answer.content.decode(), re.MULTILINE)
    return {name: float(value) for name, value in rows}


@pytest.fixture
def scraped(settings: Settings, production: None) -> None:
    settings.METRICS_TOKEN = TOKEN


@pytest.mark.django_db
def test_many_rows_are_not_counted_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def sign_up(name: str) -> None:
        Subscriber.objects.create(email=f"{name}@example.org", address_hash=name.ljust(16).encode())

    monkeypatch.setattr(metrics, "MANY", 1)
    counted = []
    for name in ("ada", "bo", "chen"):
        sign_up(name)
        counted += re.findall(r'paper_round_subscribers{status="pending"} (\S+)', metrics.page().decode())
    assert counted == ["1.0", "2.0", "2.0"]


@pytest.mark.django_db
def test_the_numbers_are_those_of_the_database(client: Client, scraped: None) -> None:
    at = now()
    person = Subscriber.objects.create(
        email="ada@example.org", address_hash=b"a" * 16, status="active", confirmed_at=at, next_digest_at=at
    )
    for days, fields in enumerate(
        [
            {"status": "planned", "next_attempt_at": at - timedelta(seconds=90)},
            {"status": "planned", "next_attempt_at": at + timedelta(hours=1)},
            {"status": "uncertain", "next_attempt_at": at, "claimed_at": at},
        ]
    ):
        day = at.date() - timedelta(days=days)
        Digest.objects.create(subscriber=person, local_date=day, due_at=at, **fields)
    Breaker.objects.create(provider="Postmark", open_until=at)
    kill_switch.note_tick(at)
    found = numbers(client)
    assert found["paper_round_digests_queued"] == 2
    assert found["paper_round_digests_due"] == 1
    assert 90 <= found["paper_round_oldest_due_age_seconds"] < 150
    assert found["paper_round_digests_uncertain"] == 1
    assert found['paper_round_subscribers{status="active"}'] == found["paper_round_subscribers_due"] == 1
    assert found['paper_round_breaker_open{provider="Postmark"}'] == 1
    assert found["paper_round_last_tick_timestamp_seconds"] == pytest.approx(at.timestamp())
    assert not any("example" in name for name in found)


@pytest.mark.django_db
def test_a_reason_in_a_providers_words_is_no_label(client: Client, scraped: None) -> None:
    from subscriptions.digests import runs

    at = now()
    people = [
        Subscriber.objects.create(email=f"{name}@example.org", address_hash=name.encode() * 8) for name in ("ab", "cd")
    ]
    for person, reason in zip(people, ("550 <ada@example.org> unknown", "late"), strict=True):
        Digest.objects.create(
            subscriber=person,
            local_date=at.date(),
            due_at=at,
            next_attempt_at=at,
            status="failed",
            reason=reason,
            run=runs.of_hour(at),
        )
    found = numbers(client)
    assert found['paper_round_digests_of_a_day{reason="other",status="failed"}'] == 1
    assert found['paper_round_digests_of_a_day{reason="late",status="failed"}'] == 1


@pytest.mark.django_db
def test_the_page_of_numbers_costs_a_few_queries_whatever_there_is(
    client: Client, scraped: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(40):
        numbers(client)


@pytest.mark.django_db
def test_planning_leaves_a_mark_of_its_tick() -> None:
    before = now()
    tasks.plan_due_digests()
    ticked = kill_switch.ensure().last_tick_at
    assert ticked
    assert ticked >= before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ask", "says"),
    [(health.of_beat, "has not ticked yet"), (health.of_papers, "there is none: run manage.py prepare")],
)
def test_an_empty_site_is_not_ready_and_says_why(ask: Any, says: str) -> None:
    with pytest.raises(health.Unready, match=re.escape(says)):
        ask()


@pytest.mark.django_db
def test_a_beat_that_has_stopped_is_noticed() -> None:
    kill_switch.note_tick(now() - timedelta(minutes=6))
    with pytest.raises(health.Unready, match="seconds ago"):
        health.of_beat()
    kill_switch.note_tick(now())
    assert "seconds ago" in health.of_beat()


@pytest.mark.django_db
def test_old_papers_are_noticed() -> None:
    Paper.objects.create(identifier="2601.00001", title="Old")
    assert "the newest came 0 hours ago" in health.of_papers()
    Paper.objects.update(created_at=now() - timedelta(days=30))
    with pytest.raises(health.Unready, match="720 hours ago"):
        health.of_papers()
