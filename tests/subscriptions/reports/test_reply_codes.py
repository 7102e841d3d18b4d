"""What a mail server says: its code is read where it puts one, and a network address, version or date is none."""

import smtplib
from datetime import UTC, date, datetime
from ipaddress import IPv4Address

import pytest
from anymail.signals import AnymailTrackingEvent, EventType
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.models import Meaning, Suppression
from subscriptions.people.addresses import address_hash
from subscriptions.reports import bounces
from subscriptions.reports.classification import judge, meaning_of_answer
from subscriptions.transport import outcomes
from subscriptions.transport.reply_codes import codes_in, first_code

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DROPS = {Meaning.HARD, Meaning.REFUSED, Meaning.COMPLAINT}
# As mail servers write; {} is where an address of the network, a version or a date may stand.
SAYS = [
    "Mail from {} refused",
    "{} is blocked, see https://example.org/lookup?ip={}",
    "{}",
    "Client host [{}] blocked using zen.example.org",
    "Service unavailable; Client host [{}] blocked; rejected ({})",
    "Blocked - see ticket: {}",
    "#{} listed",
    "({}) has no PTR record",
    "Access denied, banned sending IP {}. To request removal forward this to delist@example.org",
    "IP={} rate",
    "From: {}: too many connections",
    "said {} is not welcome",
    "SMTP {} not welcome",
    "error {}",
    "host {}.dyn.example.org has no reverse",
    "<{}@example.org> does not like you",
]


def refusal(text: str, code: int = 550) -> str:
    """The word for a refused recipient, as the library of the hand-over gives it."""
    refused = smtplib.SMTPRecipientsRefused({"ada@example.org": (code, text.encode())})
    return outcomes.of_error(refused).code


def reported(text: str) -> Meaning:
    failed = {"event": "MessageDeliveryFailed", "payload": {"status": "HardFail"}}  # judged by the code alone
    event = AnymailTrackingEvent(event_type=EventType.FAILED, esp_event=failed, mta_response=text, description=text)
    return judge("Postal", event).meaning


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("5.1.1 <ada@example.org>: Recipient address rejected: User unknown", "5.1.1"),
        ("550 5.1.1 <ada@example.org>: User unknown in virtual mailbox table", "5.1.1"),
        ("550-5.1.1 The email account that you tried to reach does not exist.\n550 5.1.1 Please try", "5.1.1"),
        ("smtp; 550 5.1.1 <ada@example.org>: user unknown.", "5.1.1"),
        ("smtp;5.4.1 Recipient address rejected: Access denied. AS(201806281)", "5.4.1"),
        ("550 #5.1.0 Address rejected.", "5.1.0"),
        ("RCPT TO:<ada@example.org> failed: mailbox unavailable (#5.1.1)", "5.1.1"),
        ("452-4.2.2 The recipient's inbox is out of storage space", "4.2.2"),
        ("Requested action not taken: 5.2.1 mailbox disabled", "5.2.1"),
        ("status=5.2.2 (over quota)", "5.2.2"),
        ("The server answered with code 5.7.26", "5.7.26"),
        ('"5.7.1", refused by policy', "5.7.1"),
        ("550 5.7.1 Service unavailable, Client host [5.1.1.9] blocked", "5.7.1"),
        ("554 5.7.1 [5.1.1.9] refused", "5.7.1"),
        ("550 Mail from 5.1.10.7 refused", ""),
        ("5.1.1.9 is listed", ""),
        ("550 [5.1.1.9] is listed", ""),
        ("550 rejected from 192.5.1.1", ""),
        ("550 Exim 4.97.1 does not like you", ""),
        ("550 filtered by Filter 5.1.1", ""),
        ("550 version 5.1.1 of your client is too old", ""),
        ("550 agent/5.1.1 refused", ""),
        ("550 blocked since 5.1.2026", ""),
        ("550 blocked since 5.12.26", ""),
        ("550 5.0.0 rejected", ""),  # a subject of 0 tells no cause
        ("550 5.1.1@example.org is unknown", ""),
        ("550 host5.1.1.example.org is unknown", ""),
        ("250 2.1.5 fine", ""),
        ("", ""),
    ],
)
def test_a_code_is_read_where_a_mail_server_puts_one(said: str, code: str) -> None:
    assert first_code(said) == code


@pytest.mark.parametrize("said", ["Mail from 5.1.10.7 refused", "[5.1.1.9] refused", "blocked since 5.1.2026"])
@pytest.mark.django_db
def test_a_refusal_that_names_a_network_address_suppresses_nobody(said: str) -> None:
    assert bounces.refused("ada@example.org", refusal(said), NOW) == Meaning.SOFT
    assert not Suppression.objects.filter(address_hash=address_hash("ada@example.org")).exists()


@pytest.mark.django_db
def test_a_refusal_with_a_code_still_does() -> None:
    assert bounces.refused("ada@example.org", refusal("5.1.1 <ada@example.org>: User unknown"), NOW) == Meaning.HARD
    assert Suppression.objects.filter(address_hash=address_hash("ada@example.org")).exists()


@given(st.sampled_from(SAYS), st.ip_addresses(v=4), st.sampled_from(["", "550 ", "550-", "554 5.7.1 ", "smtp; 550 "]))
def test_no_network_address_in_whatever_place_drops_a_reader(said: str, ip: IPv4Address, before: str) -> None:
    text = before + said.replace("{}", str(ip))
    assert meaning_of_answer(refusal(text)) not in DROPS
    assert reported(text) not in DROPS


@given(st.sampled_from(SAYS), st.integers(0, 255), st.integers(0, 255))
def test_nor_does_one_that_begins_like_a_code(said: str, third: int, fourth: int) -> None:
    text = said.replace("{}", f"5.1.{third}.{fourth}")
    assert list(codes_in(text)) == []
    assert meaning_of_answer(refusal(text)) not in DROPS


@given(st.sampled_from(SAYS[:2]), st.dates(date(2000, 1, 1)), st.sampled_from(["{0}.{1}.{2}", "{2}.{1}.{0}"]))
def test_nor_does_a_date(said: str, day: date, form: str) -> None:
    text = "550 " + said.replace("{}", form.format(day.day, day.month, day.year))
    assert meaning_of_answer(refusal(text)) not in DROPS


@pytest.mark.parametrize("detail", [5, 7, 8, 11, 26, 999])
def test_a_detail_that_stands_for_no_missing_mailbox_drops_nobody(detail: int) -> None:
    assert meaning_of_answer(refusal(f"5.1.{detail} whatever")) not in DROPS
