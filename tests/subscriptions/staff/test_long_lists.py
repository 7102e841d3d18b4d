"""Lists of the admin on tables that grow without end: what they count, and how they find what is somebody's."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from papers import admin_lists
from papers.admin_lists import Long, ShortPaginator
from papers.admin_rights import GuardedAdmin
from subscriptions.models import Digest, Subscriber
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db
DIGESTS = "admin:subscriptions_digest_changelist"


@pytest.fixture
def three(make_subscriber: Callable[..., Subscriber]) -> list[Digest]:
    return [
        Digest.objects.create(
            subscriber=make_subscriber(f"{name}@example.org"),
            local_date=MORNING,
            due_at=MORNING,
            next_attempt_at=MORNING,
        )
        for name in ("ada", "bob", "adam")
    ]


def test_a_list_counts_no_further_than_it_pages_and_says_so(
    three: list[Digest], admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There are more than" not in admin_client.get(reverse(DIGESTS)).content.decode()
    monkeypatch.setattr(admin_lists, "MOST", 2)
    page = admin_client.get(reverse(DIGESTS))
    assert page.context["cl"].result_count == 2
    assert "There are more than 2" in page.content.decode()


def test_what_is_somebodys_is_found_by_their_address(three: list[Digest], admin_client: Client) -> None:
    found = admin_client.get(reverse(DIGESTS), {"q": "ada example"}).context["cl"].result_list
    assert [digest.pk for digest in found] == [three[2].pk, three[0].pk]
    assert not admin_client.get(reverse(DIGESTS), {"q": "nobody"}).context["cl"].result_list


def test_a_search_joins_no_table_to_another(three: list[Digest], admin_client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        admin_client.get(reverse(DIGESTS), {"q": "ada"})
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"] and "subscriptions_digest" in query["sql"]]
    assert counts
    assert not [sql for sql in counts if "JOIN" in sql]


def test_every_list_of_ours_counts_so_and_long_ones_are_sorted_by_their_key_alone() -> None:
    ours = [one for one in admin.site._registry.values() if isinstance(one, GuardedAdmin)]
    assert {one.paginator for one in ours} == {ShortPaginator}
    long = [one for one in ours if isinstance(one, Long)]
    assert len(long) > 5
    assert {(tuple(one.ordering or ()), one.date_hierarchy) for one in long} == {(("-pk",), None)}
