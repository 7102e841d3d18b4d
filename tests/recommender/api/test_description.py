"""The description of the API: valid, true, and shown to people without anything from elsewhere."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from config.wsgi import application
from papers.models import Paper
from recommender.api.operations import api
from subscriptions.limits.shared_counts import allowances

DESCRIBED: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
pytestmark = pytest.mark.django_db
schema = schemathesis.openapi.from_dict(DESCRIBED)
schema.app = application
FEW = settings(max_examples=12, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The connection with the test's transaction stays open when an answer is complete, as Django's client has it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_the_description_follows_the_standard() -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator  # seconds, which every test process would spend

    assert list(OpenAPIV31SpecValidator(DESCRIBED).iter_errors()) == []


@schema.parametrize()
@FEW
def test_every_answer_is_as_described_whatever_is_asked(
    case: schemathesis.Case, site: list[Paper], one_connection: None
) -> None:
    allowances.forget()
    # No description can say which cursors and topics there are: what it allows may be refused with words.
    case.call_and_validate(excluded_checks=[positive_data_acceptance])


def test_the_description_is_served_as_it_is(client: Client) -> None:
    assert client.get("/api/v1/openapi.json").json() == DESCRIBED


def test_every_address_and_every_shape_stands_on_the_page(client: Client) -> None:
    page = client.get("/api/").content.decode()
    for path in DESCRIBED["paths"]:
        assert f"GET {path}" in page
    for name, one in DESCRIBED["components"]["schemas"].items():
        assert one["type"] != "object" or f'id="{name}"' in page


def test_no_field_and_no_parameter_is_left_without_words_or_kind(client: Client) -> None:
    assert "anything" not in client.get("/api/").content.decode()
    assert api.title == DESCRIBED["info"]["title"]
