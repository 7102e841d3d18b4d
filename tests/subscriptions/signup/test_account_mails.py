from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as configured
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse

from subscriptions.mails import emails
from subscriptions.models import AccountMail, AccountMailKind, AddressChange, Subscriber
from subscriptions.people import tokens
from subscriptions.people.links import url
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.mails.letters import links

TYPED = "new.address@elsewhere.example"


def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("", include(configured.ROOT_URLCONF)),
    path("address/<str:token>/", confirm_address, name="new_address"),
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def written(make_subscriber: Callable[..., Subscriber]) -> Callable[..., EmailMultiAlternatives]:
    """The message of an account mail of that kind."""
    subscriber = make_subscriber("ada@example.org", follows=())
    change = AddressChange.objects.create(subscriber=subscriber, new_email=TYPED, requested_at=MORNING)
    consent = subscriber.consents.create(form_text_hash="hash", requested_at=MORNING)

    def write(kind: AccountMailKind, **fields: Any) -> EmailMultiAlternatives:
        known = {"subscriber": subscriber, "consent": consent, "change": change, "next_attempt_at": MORNING}
        return emails.account_mail(AccountMail.objects.create(kind=kind, **known | fields), MORNING)

    return write


def html(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0][0])


@pytest.mark.parametrize("kind", AccountMailKind)
def test_no_account_mail_holds_what_somebody_typed_and_both_parts_lead_to_the_same_pages(
    written: Callable[..., EmailMultiAlternatives], kind: AccountMailKind
) -> None:
    message = written(kind)
    assert TYPED not in message.message().as_string()
    assert links(str(message.body)) == links(html(message))
    assert message.subject in html(message)
    assert "\xa0" not in message.body


def test_a_new_address_is_asked_with_a_link_of_its_own_purpose(
    written: Callable[..., EmailMultiAlternatives],
) -> None:
    message = written(AccountMailKind.NEW_ADDRESS, to=TYPED)
    [found] = [one for one in links(str(message.body)) if "/address/" in one]
    token = urlsplit(found).path.split("/")[2]
    assert message.to == [TYPED]
    assert tokens.read(Purpose.NEW_ADDRESS, token) == [bytes(AddressChange.objects.get().handle)]
    assert tokens.read(Purpose.CONFIRM, token) != tokens.read(Purpose.NEW_ADDRESS, token)


def test_the_old_address_is_told_without_the_new_one_and_can_end_the_subscription(
    written: Callable[..., EmailMultiAlternatives], settings: Any
) -> None:
    settings.REPLY_TO = "help@example.org"
    message = written(AccountMailKind.ADDRESS_CHANGED, to="old@example.org")
    assert message.to == ["old@example.org"]
    assert url(Purpose.UNSUBSCRIBE, Subscriber.objects.get()) in message.body
    assert url(Purpose.MOVE_BACK, AddressChange.objects.get()) in message.body
    assert "reply to this mail" in message.body
    assert "reply to this mail" in html(message)
    settings.REPLY_TO = ""
    assert "reply" not in written(AccountMailKind.ADDRESS_CHANGED, consent=None).body


@pytest.mark.parametrize("kind", [AccountMailKind.WELCOME, AccountMailKind.ALREADY, AccountMailKind.LINK])
def test_a_link_to_the_preferences_goes_to_the_present_address_or_nowhere(
    written: Callable[..., EmailMultiAlternatives], kind: AccountMailKind
) -> None:
    with pytest.raises(ValueError, match=r"No link is known for a mail of the kind .* goes to nobody else"):
        written(kind, to="old@example.org")


@pytest.mark.parametrize("kind", [AccountMailKind.NEW_ADDRESS, AccountMailKind.ADDRESS_CHANGED])
def test_a_mail_whose_change_is_gone_is_not_written_with_another_link(
    written: Callable[..., EmailMultiAlternatives], kind: AccountMailKind
) -> None:
    with pytest.raises(ValueError, match=r"No link is known for a mail of the kind .* goes to nobody else"):
        written(kind, change=None)


def test_a_goodbye_says_that_it_is_done_and_has_one_link(written: Callable[..., EmailMultiAlternatives]) -> None:
    message = written(AccountMailKind.GOODBYE)
    assert links(html(message)) == {configured.SITE_URL + reverse("subscribe")}
    assert "sends no more digests to this address" in message.body
    assert "Your interests are still here" in " ".join(message.body.split())


def test_a_mail_goes_to_the_subscribers_present_address_unless_it_names_another(
    written: Callable[..., EmailMultiAlternatives],
) -> None:
    assert written(AccountMailKind.WELCOME).to == ["ada@example.org"]
