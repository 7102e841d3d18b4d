"""Every report that a provider documents, posted as it posts it: what is kept of it, and what follows."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from anymail.signals import AnymailTrackingEvent, EventType
from django.utils.timezone import now
from pytest_django import Settings

from subscriptions.doctor import waiting
from subscriptions.models import (
    DeliveryEvent,
    DeliveryStatus,
    Digest,
    EventStatus,
    Meaning,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from subscriptions.operations import metrics
from subscriptions.providers.heard import ByCode
from subscriptions.providers.table import ROWS
from subscriptions.reports import classification, events, urls
from subscriptions.reports.classification import judge, meaning_of_answer
from subscriptions.reports.safe_values import without_addresses
from tests.services import ROOT
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.reports import poison
from tests.subscriptions.reports.provider_reports import TOPIC, Mail
from tests.subscriptions.reports.samples.forms import AROUND, Sample, event_of
from tests.subscriptions.reports.samples.kinds import READING, samples

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid"),
    pytest.mark.filterwarnings("ignore:Anymail's SendinBlue webhook URLs are deprecated"),
]
AT = Mail().at
HEARD = {row.name: row.heard for row in ROWS.values() if row.heard}
BECOMES = {
    Meaning.HARD: SubscriberStatus.SUPPRESSED,
    Meaning.REFUSED: SubscriberStatus.SUPPRESSED,
    Meaning.COMPLAINT: SubscriberStatus.SUPPRESSED,
    Meaning.UNSUBSCRIBED: SubscriberStatus.UNSUBSCRIBED,
}


@pytest.fixture(autouse=True)
def a_site_that_hears_all(settings: Settings) -> Iterator[None]:
    settings.ANYMAIL, settings.SES_TOPIC_ARNS = poison.KEYS, [TOPIC]
    classification.forget_unknown()
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def digest(make_subscriber: Callable[..., Subscriber]) -> Digest:
    """One of which nobody knows whether it left."""
    return Digest.objects.create(
        subscriber=make_subscriber(follows=()),
        local_date=MORNING.date(),
        due_at=MORNING,
        next_attempt_at=MORNING,
        claimed_at=MORNING,
        status=DeliveryStatus.UNCERTAIN,
    )


def about(digest: Digest) -> Mail:
    return Mail(recipient=digest.subscriber.email, handle=bytes(digest.handle).hex())


def posted(sample: Sample, mail: Mail) -> None:
    assert poison.post_of(sample.provider, [event_of(sample, mail)], mail).send() == 200
    events.process(now)


@pytest.mark.parametrize("sample", [each for each in samples() if each.meaning != READING], ids=str)
def test_each_report_is_stored_tied_and_acted_upon(sample: Sample, digest: Digest) -> None:
    posted(sample, about(digest))
    stored = DeliveryEvent.objects.get()
    digest.refresh_from_db()
    assert (stored.meaning, stored.status, stored.digest) == (sample.meaning, EventStatus.DONE, digest)
    assert digest.subscriber.status == BECOMES.get(Meaning(sample.meaning), SubscriberStatus.ACTIVE)
    settled = DeliveryStatus.SENT if Meaning(sample.meaning) in events.TAKEN else DeliveryStatus.UNCERTAIN
    assert digest.status == settled


@pytest.mark.parametrize("sample", [each for each in samples() if each.meaning == READING], ids=str)
def test_nothing_is_kept_of_who_reads(sample: Sample, digest: Digest) -> None:
    posted(sample, about(digest))
    kept = DeliveryEvent.objects.values_list("event_type", "subscriber", "digest", "address_hash", "description")
    # Mailgun's token may serve for no second report, whatever it came with.
    assert list(kept) == ([("not kept", None, None, None, "")] if sample.provider == "mailgun" else [])


@pytest.mark.parametrize("sample", [each for each in samples() if each.meaning == READING], ids=str)
def test_nor_of_one_that_cannot_be_read(sample: Sample, digest: Digest) -> None:
    """Its time is none, its mail is gone: what remains is the word for it."""
    event = event_of(sample, about(digest))
    spoilt = json.loads(json.dumps(event), object_hook=lambda part: part | {key: [] for key in part if "time" in key})
    assert poison.post_of(sample.provider, [spoilt], Mail()).send() == 200
    assert not DeliveryEvent.objects.exclude(event_type="not kept").exists()


@pytest.mark.parametrize("sample", list(samples()), ids=str)
def test_a_report_of_somebody_elses_mail_acts_on_nobody(sample: Sample, digest: Digest) -> None:
    """Another site on the same account mails the same person: its mail bounces, is complained about, unsubscribed."""
    posted(sample, Mail(recipient=digest.subscriber.email, handle="ab" * 16))
    digest.refresh_from_db()
    assert (digest.status, digest.subscriber.status) == (DeliveryStatus.UNCERTAIN, SubscriberStatus.ACTIVE)
    assert not Suppression.objects.exists()
    with time_machine.travel(AT + timedelta(hours=1), tick=False):
        events.process(now)
    for event in DeliveryEvent.objects.exclude(event_type="not kept"):
        assert (event.status, event.subscriber, event.address_hash) == (EventStatus.FOREIGN, None, None)


@pytest.mark.parametrize("provider", sorted(AROUND))
def test_a_word_that_nobody_knows_is_said_once_and_acts_on_nobody(
    provider: str, digest: Digest, caplog: pytest.LogCaptureFixture
) -> None:
    known = next(each for each in samples() if each.provider == provider and each.meaning == Meaning.DELIVERED)
    text = json.dumps(event_of(known, about(digest)))
    word = known.fields.get("RecordType") or known.fields.get("eventType") or known.fields.get("status")
    word = word or known.fields.get("event") or known.fields["type"]
    for number in (1, 2):
        new = json.loads(text.replace(f'"{word}"', '"moonlit"').replace("event-1", f"event-{number}"))
        if provider == "amazon_ses":
            new["mail"]["messageId"] = f"other {number}"
        mail = Mail(recipient=digest.subscriber.email, number=number)
        assert poison.post_of(provider, [new], mail).send() == 200
    events.process(now)
    digest.refresh_from_db()
    assert (digest.status, digest.subscriber.status) == (DeliveryStatus.UNCERTAIN, SubscriberStatus.ACTIVE)
    stored = DeliveryEvent.objects.filter(status=EventStatus.FAILED)
    assert stored.exists()
    assert all("moonlit" in event.error for event in stored)
    warnings = [line for line in caplog.records if line.levelno == logging.WARNING and "moonlit" in line.getMessage()]
    assert len(warnings) == 1
    findings = [finding for finding in waiting.check(now()) if finding.subject == "reports"]
    assert [finding.level for finding in findings] == ["warning"]
    assert "moonlit" in findings[0].what
    gauges = [family for area in metrics.AREAS for family in area(now())]
    counted = next(family for family in gauges if family.name == "paper_round_webhook_events_given_up")
    assert counted.samples[0].value == stored.count()


def test_an_unknown_word_that_sounds_like_reading_is_not_even_kept(digest: Digest) -> None:
    posted(Sample("brevo", "new", {"event": "reopened_on_a_watch"}, READING), about(digest))
    assert not DeliveryEvent.objects.exists()


@pytest.mark.parametrize(
    ("provider", "news"),
    [
        ("mailersend", {"type": "maintenance.start", "created_at": "2026-06-30T08:00:00Z", "data": {"object": "m"}}),
        ("resend", {"type": "domain.updated", "created_at": "2026-06-30T08:00:00Z", "data": {"id": "d1"}}),
        ("postal", {"event": "DomainDNSError", "timestamp": 1782806400.0, "uuid": "u1", "payload": {"domain": "d"}}),
        ("unisender_go", {"event_name": "transactional_spam_block", "event_data": {"domain": "mail.example"}}),
        ("mandrill", {"type": "blacklist", "action": "add", "reject": {"email": "ada@example.org", "reason": "unsub"}}),
        ("sendgrid", {"event": "account_status_change", "timestamp": 1782806400, "sg_event_id": "s1"}),
    ],
)
def test_news_of_the_account_is_about_nobody(provider: str, news: dict[str, Any], digest: Digest) -> None:
    assert poison.post_of(provider, [news], Mail()).send() == 200
    events.process(now)
    with time_machine.travel(AT + timedelta(hours=1), tick=False):
        events.process(now)
    stored = DeliveryEvent.objects.get()
    assert (stored.status, stored.error, stored.subscriber) == (EventStatus.FOREIGN, "", None)
    digest.refresh_from_db()
    assert digest.subscriber.status == SubscriberStatus.ACTIVE


def test_each_provider_with_a_webhook_is_heard_and_has_samples() -> None:
    assert {row.name for row in ROWS.values() if row.view} == set(HEARD) == set(AROUND)


@pytest.mark.parametrize("provider", sorted(HEARD))
def test_a_release_of_anymail_brings_no_word_that_nobody_here_knows(provider: str) -> None:
    view = getattr(import_module(f"anymail.webhooks.{provider}"), urls.VIEWS[provider])
    heard = HEARD[provider]
    known = {*heard.meanings, *heard.readings}
    kinds = [str(word).lower() for word in getattr(view, "event_types", {})]
    if provider == "postmark":
        kinds = [f"bounce {kind}" for kind in kinds]
    for kind in set(kinds) - {"inbound", "bounce inbounderror"}:
        assert any(word == kind or word.startswith(f"{kind} ") or word == f"email.{kind}" for word in known), kind


@pytest.mark.parametrize("provider", sorted(HEARD))
def test_words_are_written_in_small_letters_and_mean_one_thing(provider: str) -> None:
    heard = HEARD[provider]
    assert all(word == word.lower() == word.strip() != "" for word in heard.meanings)
    assert not heard.readings & set(heard.meanings)


def lines_of(provider: str) -> list[str]:
    """The table of a provider's words, as it stands in the documentation."""
    heard = HEARD[provider]
    meanings: dict[str, list[str]] = {meaning.value: [] for meaning in Meaning}
    for word, meaning in heard.meanings.items():
        if isinstance(meaning, ByCode):
            meanings.setdefault(f"by the code, else {meaning.otherwise.value}", []).append(word)
        else:
            meanings[meaning.value].append(word)
    meanings["not kept"] = sorted(heard.readings)
    return [
        f"| {meaning} | {', '.join(f'`{word}`' for word in words)} |" for meaning, words in meanings.items() if words
    ]


@pytest.mark.parametrize("provider", sorted(HEARD))
def test_the_documentation_has_each_word_under_its_meaning(provider: str) -> None:
    page = (ROOT / "docs" / "reports.md").read_text()
    section = page.partition(f"### {ROWS[provider].title}\n")[2].partition("\n### ")[0]
    told = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert told == lines_of(provider)


def event(provider_event: dict[str, Any], said: str = "") -> AnymailTrackingEvent:
    return AnymailTrackingEvent(event_type=EventType.BOUNCED, mta_response=said, esp_event=provider_event)


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
    hard = {"eventType": "Bounce", "bounce": {"bounceType": "Permanent", "bounceSubType": "General"}}
    assert judge("Amazon SES", event(hard, code)).meaning == expected


def test_a_code_makes_no_soft_bounce_hard() -> None:
    soft = {"RecordType": "Bounce", "Type": "SoftBounce"}
    assert judge("Postmark", event(soft, "550 5.1.1 no such user")).meaning == Meaning.SOFT


def test_nor_does_it_change_who_complained_or_has_left() -> None:
    assert judge("Brevo", event({"event": "spam"}, "550 5.7.1 spam")).meaning == Meaning.COMPLAINT
    assert judge("Brevo", event({"event": "unsubscribed"}, "550 5.1.1 no")).meaning == Meaning.UNSUBSCRIBED


def test_a_provider_without_a_row_means_nothing() -> None:
    assert judge("Pigeon Post", event({"event": "spam"})) == classification.Judged(Meaning.NOTHING, "", is_known=False)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("5.1.1", Meaning.HARD),
        ("550 5.2.2 over quota", Meaning.SOFT),
        ("5.7.1", Meaning.BLOCKED),
        ("550", Meaning.SOFT),
        ("rejected", Meaning.REFUSED),
        ("Inactive", Meaning.REFUSED),
        ("unsubscribed", Meaning.UNSUBSCRIBED),
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
