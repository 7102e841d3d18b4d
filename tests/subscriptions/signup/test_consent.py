"""What is kept of a consent: whose, to which words, when, and from where only if the operator wants it."""

import hashlib
import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from subscriptions import lifecycle
from subscriptions.models import Consent, Subscriber
from subscriptions.pages import account_forms, forms
from subscriptions.pages.subscribing.forms import FORM_WORDS
from subscriptions.people import tokens
from subscriptions.people.tokens import Purpose
from subscriptions.signup import admission
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db


def words_shown(page: str) -> str:
    """The text above the button, without the link that follows it."""
    [text] = re.findall(r'<p class="consent">(.*?)(?: <a .*)?</p>', page)
    return html.unescape(text)


def sha256(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def sign_up() -> Consent:
    lifecycle.sign_up("Ada@example.org", lifecycle.Wishes(), form_text_hash="hash", now=MORNING)
    return Consent.objects.get()


def test_the_hash_is_that_of_the_words_that_the_form_showed(client: Client) -> None:
    shown = words_shown(client.get(reverse("subscribe")).content.decode())
    client.post(reverse("subscribe"), {"email": "ada@example.org", "text": "whales"})
    admission.admit(now())
    assert Consent.objects.get().form_text_hash == sha256(shown)


def test_the_hash_of_a_move_is_that_of_the_words_on_its_page(client: Client) -> None:
    subscriber = sign_up().subscriber
    lifecycle.confirm(Consent.objects.get(), MORNING)
    change = subscriber.address_changes.create(new_email="new@example.org", requested_at=now())
    url = reverse("new_address", args=[tokens.make(Purpose.NEW_ADDRESS, change.handle)])
    shown = words_shown(client.get(url).content.decode())
    client.post(url)
    assert Consent.objects.get(source="address change").form_text_hash == sha256(shown)


@pytest.mark.parametrize("words", [FORM_WORDS, account_forms.ADDRESS_WORDS])
def test_changed_words_have_another_hash(words: str) -> None:
    assert forms.words_hash(words) == sha256(words)
    assert forms.words_hash(words + " ") != forms.words_hash(words)


def test_a_consent_names_the_address_and_tells_when(client: Client) -> None:
    consent = sign_up()
    assert (consent.email, consent.source, consent.requested_at) == ("ada@example.org", "website", MORNING)
    assert consent.confirmed_at is None
    lifecycle.confirm(consent, MORNING)
    lifecycle.unsubscribe(Subscriber.objects.get(), MORNING)
    consent.refresh_from_db()
    assert (consent.confirmed_at, consent.withdrawn_at) == (MORNING, MORNING)


@pytest.mark.parametrize(("wanted", "kept"), [(False, None), (True, "192.0.2.7")])
def test_the_network_address_is_kept_only_where_it_is_wanted(
    client: Client, settings: object, wanted: bool, kept: str | None
) -> None:
    settings.RECORD_CONSENT_NETWORK = wanted  # type: ignore[attr-defined]
    client.post(reverse("subscribe"), {"email": "ada@example.org", "text": "whales"}, REMOTE_ADDR="192.0.2.7")
    admission.admit(now())
    assert Consent.objects.get().network_address == kept
