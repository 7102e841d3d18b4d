"""However many rows there are, a page of the admin asks the database as often: every page, found by looking at it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from subscriptions.benchmarks.staff_pages.addresses import all_pages
from subscriptions.models import Subscriber
from tests.subscriptions.staff.growth import grow

pytestmark = pytest.mark.django_db
# A mail and its reasons have parts only where there is something to say, each with a query of its own.
A_MAIL = ("/preview/", "/why/")


def asked(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return [query["sql"] for query in queries]


def test_no_page_asks_more_of_a_database_that_has_grown(reader: Subscriber, admin_client: Client) -> None:
    pages = [page.path for page in all_pages(now().date()) if not page.path.endswith(A_MAIL)]
    before = {path: len(asked(admin_client, path)) for path in pages}
    grow()
    after = {path: len(asked(admin_client, path)) for path in pages}
    assert {path: (count, after[path]) for path, count in before.items() if after[path] > count} == {}
    assert len(pages) > 200
