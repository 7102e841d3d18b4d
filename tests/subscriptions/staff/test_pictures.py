"""The pages of operators that pictures are taken of are there, and each opens."""

from collections.abc import Callable

import pytest
from django.test import Client

from subscriptions.models import Subscriber
from tests.screenshots import staff
from tests.subscriptions.conftest import MORNING, deliver_due


@pytest.mark.usefixtures("some_papers")
def test_each_page_of_operators_opens(admin_client: Client, make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    deliver_due()
    opened = {name: admin_client.get(path).status_code for name, path in staff.of_operators(MORNING).items()}
    assert set(opened.values()) == {200}
    assert len(opened) == 7
