"""What the sign-up form gives away (nothing), whom it believes, and what reaches the mail (no word of it)."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median
from time import thread_time

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import Settings

from subscriptions import lifecycle
from subscriptions.delivery import outbox
from subscriptions.models import AccountMail, SignUp, Subscriber, SubscriberStatus
from subscriptions.signup import admission, form_timer
from tests.subscriptions.signup.proofs import solve

pytestmark = pytest.mark.django_db
STATES = ["new", "pending", "active", "paused", "unsubscribed", "suppressed"]
ROUNDS = 15
TYPED = '<a href="https://evil.example/">win a prize</a>'


def address(state: str) -> str:
    """All of one length, which the answer repeats."""
    return f"{state:x<12}@example.org"


@pytest.fixture
def everybody(make_subscriber: Callable[..., Subscriber]) -> list[str]:
    """An address in every state that one can be in."""
    for status in (SubscriberStatus.ACTIVE, SubscriberStatus.UNSUBSCRIBED, SubscriberStatus.PAUSED):
        reason = {"paused_because": "asked"} if status == SubscriberStatus.PAUSED else {}
        make_subscriber(address(status), status=status, **reason)
    post(Client(), address("pending"))
    admission.admit(now())
    lifecycle.suppress(address("suppressed"), "complained")
    return [address(state) for state in STATES]


def post(client: Client, email: str = "ada@example.org", **fields: object) -> object:
    return client.post(reverse("subscribe"), {"email": email, "text": "whales", **fields})


def without(email: str, answer: object) -> tuple[object, ...]:
    """All of an answer but the address itself and what is random in every answer."""
    body = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())  # type: ignore[attr-defined]
    told = answer.headers.items()  # type: ignore[attr-defined]
    headers = sorted(one for one in told if one[0] not in {"X-Request-ID", "Expires"})  # the second it was sent in
    cookies = {
        name: {key: cookie[key] for key in cookie if key != "expires"}
        for name, cookie in answer.cookies.items()  # type: ignore[attr-defined]
    }
    return answer.status_code, body.replace(email, "ADDRESS"), headers, repr(cookies)  # type: ignore[attr-defined]


def test_the_answers_are_the_same_for_every_state_of_an_address(everybody: list[str]) -> None:
    answers = set()
    for email in everybody:
        client = Client()
        first = without(email, post(client, email))
        answers.add(str((first, without(email, client.get(reverse("subscribed"))))))
    assert len(answers) == 1


def test_the_database_is_asked_the_same_for_every_state_of_an_address(everybody: list[str]) -> None:
    asked = set()
    for email in everybody:
        with CaptureQueriesContext(connection) as queries:
            post(Client(), email)
        asked.add(str([re.sub(r"'[^']*'|\b\d+\b|'[^']*", "?", query["sql"]) for query in queries]))
    assert len(asked) == 1


def test_the_answer_takes_as_long_for_every_state_of_an_address(everybody: list[str]) -> None:
    took: dict[str, list[float]] = {email: [] for email in everybody}
    for _ in range(ROUNDS):
        for email in everybody:  # in turns, so that whatever else the machine does meets them all
            start = thread_time()  # of the processor: other processes take away as much wall time as they like
            post(Client(), email)
            took[email].append(thread_time() - start)
    medians = [median(times) for times in took.values()]
    assert max(medians) < 2 * min(medians)


def test_no_mail_is_written_while_the_visitor_waits(client: Client) -> None:
    post(client)
    assert not AccountMail.objects.exists()
    assert not Subscriber.objects.exists()


def test_the_confirm_mail_holds_no_word_that_the_visitor_typed(client: Client) -> None:
    fields = {"text": TYPED, "authors": "Eve Evil-Winaprize", "labs": "evil.example", "timezone": TYPED}
    post(client, **fields, name=TYPED, HTTP_REFERER="https://evil.example/")
    admission.admit(now())
    outbox.send_waiting(now)
    raw = mail.outbox[0].message().as_bytes().decode().lower()
    assert not any(word in raw for word in ("evil", "prize", '<a href="https://evil'))


def test_links_in_the_mail_come_from_the_sites_own_setting_whatever_host_was_asked_for(
    client: Client, settings: Settings
) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://papers.example.org", ["papers.example.org", "testserver"]
    evil = client.post(reverse("subscribe"), {"email": "ada@example.org", "text": "whales"}, HTTP_HOST="evil.example")
    assert evil.status_code == 400
    assert not SignUp.objects.exists()
    client.post(
        reverse("subscribe"),
        {"email": "ada@example.org", "text": "whales"},
        HTTP_HOST="testserver",
        HTTP_X_FORWARDED_HOST="evil.example",
    )
    admission.admit(now())
    outbox.send_waiting(now)
    message = mail.outbox[0]
    links = re.findall(r"https?://[^/\s\"<]+", f"{message.body} {message.alternatives[0][0]}")
    assert {link for link in links if "w3.org" not in link} == {"https://papers.example.org"}


@pytest.fixture
def patient_form(settings: Settings) -> None:
    settings.SIGN_UP_SECONDS = 2.0


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-06-30T08:00Z", tick=False) as clock:
        yield clock


def stamp_of(page: str) -> str:
    return str(re.search(r'name="started" value="([^"]*)"', page)[1])  # type: ignore[index]


def shown(client: Client) -> str:
    return stamp_of(client.get(reverse("subscribe")).content.decode())


def test_who_takes_the_time_to_type_is_believed(
    client: Client, patient_form: None, clock: time_machine.Traveller
) -> None:
    stamp = shown(client)
    clock.shift(3)
    assert post(client, started=stamp).status_code == 302  # type: ignore[attr-defined]


def test_who_sends_the_form_at_once_is_asked_to_press_again_and_loses_nothing(
    client: Client, patient_form: None, clock: time_machine.Traveller
) -> None:
    stamp = shown(client)
    answer = post(client, started=stamp, text="the song of whales")
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert "Please press the button once more" in page
    assert "the song of whales" in page
    assert not SignUp.objects.exists()
    clock.shift(3)
    assert post(client, started=stamp_of(page)).status_code == 302  # type: ignore[attr-defined]


@pytest.mark.parametrize("stamp", ["", "made up", "1750000000.0:made-up"])
def test_a_form_without_our_stamp_gets_one_and_is_taken_the_next_time(
    client: Client, patient_form: None, clock: time_machine.Traveller, stamp: str
) -> None:
    page = post(client, started=stamp).content.decode()  # type: ignore[attr-defined]
    assert not SignUp.objects.exists()
    clock.shift(3)
    assert post(client, started=stamp_of(page)).status_code == 302  # type: ignore[attr-defined]


def test_a_form_left_open_for_days_is_taken_the_second_time(
    client: Client, patient_form: None, clock: time_machine.Traveller
) -> None:
    stamp = shown(client)
    clock.shift(form_timer.LONGEST + timedelta(hours=1))
    page = post(client, started=stamp).content.decode()  # type: ignore[attr-defined]
    assert "Please press the button once more" in page
    clock.shift(3)
    assert post(client, started=stamp_of(page)).status_code == 302  # type: ignore[attr-defined]


def test_the_short_form_of_the_front_page_has_a_stamp_too(client: Client) -> None:
    assert stamp_of(client.get(reverse("home")).content.decode())


@pytest.fixture
def flooded(settings: Settings) -> None:
    settings.SIGN_UPS_WITHOUT_PROOF = 0


def test_during_a_flood_the_form_asks_for_a_proof_and_keeps_what_was_typed(client: Client, flooded: None) -> None:
    answer = post(client, text="the song of whales")
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert "Many sign-ups are coming in just now" in page
    assert "the song of whales" in page
    assert not SignUp.objects.exists()


def test_during_a_flood_a_proof_opens_the_door(client: Client, flooded: None) -> None:
    import json

    page = client.get(reverse("subscribe")).content.decode()
    challenge = json.loads(re.search(r'id="proof-challenge"[^>]*>(.*?)</script>', page)[1])  # type: ignore[index]
    assert post(client, altcha=solve(challenge)).status_code == 302  # type: ignore[attr-defined]
    assert SignUp.objects.get().proven


def test_during_a_flood_patience_opens_it_too_and_the_mail_comes_when_the_flood_is_over(
    client: Client, flooded: None, settings: Settings
) -> None:
    assert post(client, patience="1").status_code == 302  # type: ignore[attr-defined]
    assert admission.admit(now()) == 0
    settings.SIGN_UPS_WITHOUT_PROOF = 100
    assert admission.admit(now() + timedelta(hours=1)) == 1


def test_on_a_quiet_day_nothing_is_to_be_computed(client: Client) -> None:
    page = client.get(reverse("subscribe")).content.decode()
    assert "altcha" not in page
    assert "proof" not in page


def test_the_network_is_kept_only_where_the_operator_wants_it(client: Client, settings: Settings) -> None:
    post(client)
    settings.RECORD_CONSENT_NETWORK = True
    post(client, "bob@example.org")
    assert list(SignUp.objects.order_by("pk").values_list("network_address", flat=True)) == [None, "127.0.0.1"]
