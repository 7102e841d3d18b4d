"""A copy of everything: complete by construction, readable, and for nobody else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import EmailField, ForeignKey, Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers.models import Paper
from subscriptions import lifecycle
from subscriptions.models import Digest, Role, Subscriber
from subscriptions.pages import account_views
from subscriptions.people import export
from tests.subscriptions.conftest import MORNING, account_page, axis
from tests.subscriptions.pages.full_life import NEW, OLD, live

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(some_papers: list[Paper], topics: object) -> Subscriber:
    return live(MORNING)


def exported(subscriber: Subscriber) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(export.export(subscriber, MORNING)))
    return found


def url_of(subscriber: Subscriber) -> str:
    return account_page("export", subscriber)


def about_people() -> set[type[Model]]:
    """Every model with a way to a subscriber, over however many rows, and with an address or its hash."""
    models = set(apps.get_models()) - {User}
    found = {model for model in models if any(_is_address(field) for field in model._meta.fields)}
    while new := {model for model in models - found if _targets(model) & found}:
        found |= new
    return found


def _is_address(field: Any) -> bool:
    return isinstance(field, EmailField) or field.name == "address_hash"


def _targets(model: type[Model]) -> set[Any]:
    return {field.related_model for field in model._meta.concrete_fields if isinstance(field, ForeignKey)}


def test_every_model_about_a_person_is_exported() -> None:
    assert set(export.EXPORTED) == about_people()


def test_every_reference_has_a_name_to_be_exported_by() -> None:
    for model in export.EXPORTED:
        fields = [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]
        assert {field.related_model for field in fields if field.name not in export.LEFT_OUT} <= set(export.NAMES)


def test_a_full_life_has_a_record_of_every_kind(person: Subscriber) -> None:
    lifecycle.suppress(NEW, reason="complained")
    found = exported(person)
    assert {name: bool(records) for name, records in found.items() if not records} == {}
    assert len(found) == len(export.EXPORTED) + 1


def test_it_says_what_a_person_wants_to_know(person: Subscriber, topics: object) -> None:
    found = exported(person)
    [profile], [digest] = found["subscribers"], found["digests"]
    assert profile["email"] == NEW.lower()
    assert [consent["email"] for consent in found["consents"]] == [OLD.lower(), NEW.lower()]
    assert (digest["local_date"], digest["status"]) == ("2026-06-30", "sent")
    picks = [item for item in found["digest items"] if item["role"] == Role.PICK]
    assert picks[0]["digest"] == "2026-06-30"
    assert {item["paper"] for item in picks} <= set(Paper.objects.values_list("identifier", flat=True))
    interests = {interest["handle"]: interest for interest in found["interests"]}
    assert {interest["topic"] for interest in interests.values()} == {"topic-0", "topic-1", None}
    [vector] = found["interest vectors"]
    assert interests[vector["interest"]]["text"] == "whale song"
    assert vector["vector"] == axis(0).tolist()
    assert len(found["delivery events"]) == 2


def test_nothing_in_it_opens_a_link_or_is_of_somebody_else(
    person: Subscriber, make_subscriber: Callable[..., Subscriber]
) -> None:
    other = make_subscriber("bob@example.org", follows=(5,))
    lifecycle.ask_for_address(other, "bob.new@example.org", MORNING)
    text = json.dumps(exported(person))
    assert "bob" not in text
    assert "topic-5" not in text
    assert bytes(person.handle).hex() not in text
    assert bytes(Digest.objects.get().handle).hex() not in text


def test_the_number_of_queries_does_not_grow_with_the_records(
    person: Subscriber, make_paper: Callable[..., Paper]
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        exported(person)
    digest = Digest.objects.get()
    for number in range(100, 130):
        paper = make_paper(number, axis(2))
        digest.items.create(subscriber=person, paper=paper, rank=number, score=1, relevance=1)
        person.feedback.create(paper=paper, kind="more", at=MORNING)
    with CaptureQueriesContext(connection) as many:
        exported(person)
    assert len(many) == len(few)


def test_the_button_downloads_a_file_that_no_cache_keeps(client: Client, person: Subscriber) -> None:
    with time_machine.travel(MORNING):
        answer = client.post(url_of(person))
    assert answer["Content-Disposition"] == 'attachment; filename="paper-round-2026-06-30.json"'
    assert answer["Content-Type"] == "application/json"
    assert "no-store" in answer["Cache-Control"]
    assert json.loads(answer.getvalue())["subscribers"][0]["email"] == NEW.lower()


def test_a_link_alone_downloads_nothing(client: Client, person: Subscriber) -> None:
    assert client.get(url_of(person)).status_code == 405


def test_it_can_be_had_some_times_a_day(client: Client, person: Subscriber) -> None:
    with time_machine.travel(MORNING):
        for _ in range(account_views.EXPORTS_A_DAY):
            assert client.post(url_of(person)).status_code == 200
        answer = client.post(url_of(person), follow=True)
    assert "several times today" in answer.content.decode()
