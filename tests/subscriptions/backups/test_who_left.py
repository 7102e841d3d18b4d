"""Who left since the backup: brought back from a provider's list, or from the log of a proxy."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from subscriptions.models import Subscriber, SubscriberStatus
from subscriptions.people import links
from subscriptions.people.tokens import Purpose

pytestmark = pytest.mark.django_db
Subscribe = Callable[..., Subscriber]


def imported(path: Path, because: str) -> str:
    said = io.StringIO()
    call_command("suppressions", "import", str(path), "--because", because, stdout=said)
    return said.getvalue()


def status_of(subscriber: Subscriber) -> str:
    return Subscriber.objects.get(pk=subscriber.pk).status


def test_a_providers_list_is_read_in_whatever_column_its_addresses_stand(
    tmp_path: Path, make_subscriber: Subscribe
) -> None:
    ada, bob, eve = (make_subscriber(f"{name}@example.org") for name in ("ada", "bob", "eve"))
    path = tmp_path / "list.csv"
    path.write_text('Created,Email,Reason\n2026-06-30,"ADA@Example.org",Complaint\n2026-06-30;<bob@example.org>;x\n')
    assert imported(path, "complaint") == "2 addresses are suppressed.\n"
    assert [status_of(one) for one in (ada, bob, eve)] == ["suppressed", "suppressed", "active"]


def test_who_pressed_unsubscribe_is_found_in_a_proxys_log(tmp_path: Path, make_subscriber: Subscribe) -> None:
    ada, bob = make_subscriber(), make_subscriber("bob@example.org")
    pressed, looked = (links.token(Purpose.UNSUBSCRIBE, one) for one in (ada, bob))
    line = '192.0.2.1 - - [30/Jun/2026:10:00:00 +0000] "{} /u/{} HTTP/1.1" 200 0 "-" "Gmail"\n'
    path = tmp_path / "access.log"
    path.write_text(line.format("POST", pressed) + line.format("GET", looked) + "not a line\n")
    assert imported(path, "unsubscribed") == "1 subscriptions were ended.\n"
    assert (status_of(ada), status_of(bob)) == (SubscriberStatus.UNSUBSCRIBED, SubscriberStatus.ACTIVE)
    assert not ada.account_mails.exists()


def test_the_unsubscribed_may_be_named_by_address(tmp_path: Path, make_subscriber: Subscribe) -> None:
    ada = make_subscriber()
    path = tmp_path / "list.txt"
    path.write_text("ada@example.org\nstranger@example.org\n")
    assert imported(path, "unsubscribed") == "1 subscriptions were ended.\n"
    assert status_of(ada) == SubscriberStatus.UNSUBSCRIBED


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        imported(tmp_path / "none", "complaint")
