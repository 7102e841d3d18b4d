"""What the words and codes of providers mean."""

import json
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason

from subscriptions.models import Meaning
from subscriptions.reports.classification import meaning, meaning_of_answer, without_addresses


def event(event_type: str, why: str | None = None, said: str = "", **report: Any) -> AnymailTrackingEvent:
    return AnymailTrackingEvent(event_type=event_type, reject_reason=why, mta_response=said, esp_event=report)


BOUNCED, REJECTED = EventType.BOUNCED, EventType.REJECTED
SES = {"bounceType": "Permanent", "bounceSubType": "General"}


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (event(BOUNCED, Type="HardBounce"), Meaning.HARD),
        (event(BOUNCED, Type="SoftBounce"), Meaning.SOFT),
        (event(BOUNCED, SuppressionReason="HardBounce"), Meaning.HARD),
        (event(BOUNCED, event="hard_bounce"), Meaning.HARD),
        (event(BOUNCED, RejectReason.INVALID, event="invalid_email"), Meaning.HARD),
        (event(BOUNCED, msys={"message_event": {"type": "bounce", "bounce_class": "10"}}), Meaning.HARD),
        (event(BOUNCED, msys={"message_event": {"type": "bounce", "bounce_class": "22"}}), Meaning.SOFT),
        (event(BOUNCED, msys={"message_event": {"type": "bounce", "bounce_class": "51"}}), Meaning.BLOCKED),
        (event(BOUNCED, msys={"message_event": {"type": "bounce", "bounce_class": "21"}}), Meaning.BLOCKED),
        (event(BOUNCED, event="bounce", hard_bounce=True, error="user unknown"), Meaning.HARD),
        (event(BOUNCED, event="bounce", hard_bounce=False, error="quota exceeded"), Meaning.SOFT),
        (event(BOUNCED, event="bounce", type="blocked"), Meaning.BLOCKED),
        (event(BOUNCED, event="bounce", type="bounce", status="5.1.1"), Meaning.HARD),
        (event(BOUNCED, **{"event-data": {"severity": "permanent", "reason": "suppress-bounce"}}), Meaning.REFUSED),
        (event(BOUNCED, bounce=SES), Meaning.HARD),
        (event(BOUNCED, bounce=SES | {"bounceSubType": "OnAccountSuppressionList"}), Meaning.REFUSED),
        (event(BOUNCED, data={"bounce": {"type": "Transient", "subType": "ContentRejected"}}), Meaning.BLOCKED),
        (event(BOUNCED), Meaning.SOFT),
        (event(BOUNCED, metadata={"kind": "permanent"}), Meaning.SOFT),
    ],
)
def test_each_providers_own_word_for_a_bounce(report: AnymailTrackingEvent, expected: Meaning) -> None:
    assert meaning(report) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("smtp; 550 5.1.1 <ada@example.org>: user unknown.", Meaning.HARD),
        ("550-5.1.1 The account does not exist", Meaning.HARD),
        ("550 5.2.1.", Meaning.HARD),
        ("552 5.2.2 mailbox full", Meaning.SOFT),
        ("554 5.4.4 no route: DNS", Meaning.BLOCKED),
        ("550 5.7.1 looks like spam", Meaning.BLOCKED),
        ("5.1.8 bad sender", Meaning.BLOCKED),
        ("550 5.0.0 from 5.9.101.22", Meaning.HARD),  # no code that says anything
    ],
)
def test_the_mail_servers_code_makes_a_hard_bounce_milder(code: str, expected: Meaning) -> None:
    assert meaning(event(BOUNCED, said=code, bounce=SES)) == expected


def test_a_code_makes_no_soft_bounce_hard() -> None:
    assert meaning(event(BOUNCED, said="550 5.1.1 no such user", Type="SoftBounce")) == Meaning.SOFT


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (event(REJECTED, RejectReason.INVALID, Type="BadEmailAddress"), Meaning.REFUSED),
        (event(REJECTED, RejectReason.BLOCKED, Type="ManuallyDeactivated"), Meaning.REFUSED),
        (event(REJECTED, RejectReason.BOUNCED, reason="Bounced Address"), Meaning.REFUSED),
        (event(REJECTED, RejectReason.SPAM), Meaning.REFUSED),
        (event(REJECTED, RejectReason.UNSUBSCRIBED), Meaning.UNSUBSCRIBED),
        (event(REJECTED, RejectReason.BLOCKED, Type="DMARCPolicy"), Meaning.BLOCKED),
        (event(REJECTED, RejectReason.BLOCKED), Meaning.NOTHING),
        (event(REJECTED), Meaning.NOTHING),
    ],
)
def test_a_provider_that_does_not_even_try(report: AnymailTrackingEvent, expected: Meaning) -> None:
    assert meaning(report) == expected


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (event(EventType.COMPLAINED, RejectReason.SPAM, Type="SpamComplaint"), Meaning.COMPLAINT),
        (event(EventType.COMPLAINED, RejectReason.SPAM, Type="SpamNotification"), Meaning.BLOCKED),
        (event(EventType.FAILED, said="550 5.1.1 no such user"), Meaning.HARD),
        (event(EventType.FAILED, RejectReason.OTHER, Type="TemplateRenderingFailed"), Meaning.NOTHING),
        (event(EventType.DEFERRED, said="450 4.2.2 full"), Meaning.ACCEPTED),
        (event(EventType.UNSUBSCRIBED), Meaning.UNSUBSCRIBED),
        (event(EventType.UNKNOWN), Meaning.NOTHING),
        (event("a new type"), Meaning.NOTHING),
    ],
)
def test_what_is_no_bounce(report: AnymailTrackingEvent, expected: Meaning) -> None:
    assert meaning(report) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("5.1.1", Meaning.HARD),
        ("550 5.2.2 over quota", Meaning.SOFT),
        ("5.7.1", Meaning.BLOCKED),
        ("550", Meaning.SOFT),
        ("rejected", Meaning.REFUSED),
        ("Inactive", Meaning.REFUSED),
        ("something else", Meaning.NOTHING),
        ("", Meaning.NOTHING),
    ],
)
def test_a_refusal_at_hand_over(answer: str, expected: Meaning) -> None:
    assert meaning_of_answer(answer) == expected


@pytest.mark.parametrize(
    "text", ["<ada@example.org>: user unknown", "to=ada@example.org,", "rfc822;ada@example.org", '"ada"@example.org']
)
def test_no_address_is_kept_in_a_text(text: str) -> None:
    assert "ada" not in without_addresses(text) or "example.org" not in without_addresses(text)
    assert "ada@example.org" not in without_addresses(json.dumps({"Email": text}))
