"""What operators find out about a person who asks why no mail comes."""

import html

import pytest

from subscriptions import lifecycle
from subscriptions.digests.status_line import status_line
from subscriptions.models import Subscriber, SubscriberStatus
from subscriptions.people.addresses import address_hash
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.staff.conftest import signed_in, staff

pytestmark = pytest.mark.django_db


def test_operators_read_what_the_readers_page_says_of_today() -> None:
    person = Subscriber.objects.create(
        email="ada@example.org", address_hash=address_hash("ada@example.org"), status=SubscriberStatus.UNSUBSCRIBED
    )
    path = f"/admin/subscriptions/subscriber/{person.pk}/change/"
    page = signed_in(staff("oskar", group="operator")).get(path).content.decode()
    assert status_line(person, MORNING) in html.unescape(page)


def test_a_suppressed_address_is_found_by_writing_it() -> None:
    for address in ("ada@example.org", "bob@example.org"):
        lifecycle.suppress(address, reason="operator")
    client = signed_in(staff("oskar", group="operator"))
    answer = client.get("/admin/subscriptions/suppression/", {"q": " Ada@example.org "})
    assert [row.address_hash for row in answer.context["cl"].result_list] == [address_hash("ada@example.org")]
