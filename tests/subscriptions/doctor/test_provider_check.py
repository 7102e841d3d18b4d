"""`manage.py provider check`: one mail through each provider, at the address or in the mode that it has for trials."""

import io
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from subscriptions.doctor.trial.example import PAPERS
from subscriptions.limits import kill_switch
from subscriptions.models import Breaker, DeliveryEvent, Digest, SendTime, StopReason, Subscriber, Suppression
from subscriptions.people.addresses import address_hash
from subscriptions.providers import table
from tests.fakes.taker import ID, Taker
from tests.services import SmtpSink
from tests.subscriptions.conftest import MORNING

# Anymail warns of SendGrid, which it supports no longer, and Amazon's library of Python's clock.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings(
        "ignore::anymail.exceptions.AnymailNotSupportedWarning", "ignore:datetime.datetime.utcnow"
    ),
]
TRIED = [row for row in table.ROWS.values() if row.trial]
BY_HAND = [row for row in table.ROWS.values() if not row.trial]
# What each provider's documentation names, somewhere in the request.
SWITCHES = {
    "amazon_ses": "success@simulator.amazonses.com",
    "brevo": '"X-Sib-Sandbox": "drop"',
    "mailgun": '"o:testmode": ["yes"]',
    "mailjet": '"SandboxMode": true',
    "postmark": "test@blackhole.postmarkapp.com",
    "resend": "delivered@resend.dev",
    "sendgrid": '"mail_settings": {"sandbox_mode": {"enable": true}}',
    "sparkpost": "example.com.sink.sparkpostmail.com",
}


@pytest.fixture(autouse=True)
def _a_site_that_may_send(settings: Settings) -> None:
    settings.SITE_URL = "https://papers.example.org"
    settings.DEFAULT_FROM_EMAIL = "Paper Round <digest@example.org>"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    kill_switch.ensure()


@pytest.fixture
def taker_of(settings: Settings) -> Iterator[Callable[..., Taker]]:
    """A provider by its name, whose address stands in ANYMAIL, with or without an account there."""
    made: list[Taker] = []

    def make(name: str, *, account: bool = True) -> Taker:
        row = table.ROWS[name]
        made.append(Taker(name, row.trial.to if row.trial else "ada@example.org"))
        made[-1].__enter__()
        settings.ANYMAIL = {"IGNORE_UNSUPPORTED_FEATURES": True, "REQUESTS_TIMEOUT": 60} | (
            made[-1].account if account else made[-1].anymail
        )
        return made[-1]

    yield make
    for taker in made:
        taker.stop()


def check(*arguments: str) -> tuple[int, str]:
    said = io.StringIO()
    try:
        call_command("provider", "check", *arguments, stdout=said, skip_checks=True)
    except SystemExit as ended:
        return int(str(ended.code)), said.getvalue()
    return 0, said.getvalue()


@pytest.mark.parametrize("row", TRIED, ids=lambda row: row.name)
def test_a_mail_goes_where_no_reader_is(row: table.Provider, taker_of: Callable[..., Taker]) -> None:
    taker = taker_of(row.name)
    code, said = check("--backend", row.name)
    assert (code, len(taker.requests)) == (0, 1), said
    assert SWITCHES[row.name] in taker.requests[0].text or SWITCHES[row.name] in str(taker.requests[0].body)
    assert f"{row.title} took it" in said
    assert "List-Unsubscribe: <https://papers.example.org/u/" in said
    assert "No mail arrives from a trial" in said


def test_every_row_says_how_it_can_be_tried() -> None:
    assert SWITCHES.keys() == {row.name for row in TRIED}
    assert all(row.trial_by_hand for row in BY_HAND)


@pytest.mark.parametrize("row", BY_HAND, ids=lambda row: row.name)
def test_where_a_provider_has_no_place_for_trials_an_address_is_asked_for(
    row: table.Provider, taker_of: Callable[..., Taker]
) -> None:
    taker = taker_of(row.name)
    with pytest.raises(CommandError, match=r"--to") as refused:
        check("--backend", row.name)
    assert row.trial_by_hand in str(refused.value)
    assert taker.requests == []
    code, said = check("--backend", row.name, "--to", "Ada@example.org")
    assert (code, len(taker.requests)) == (0, 1), said
    assert "ada@example.org" in taker.requests[0].text
    assert "Compare in the source of the mail that came to ada@example.org" in said


def test_an_address_that_is_given_gets_a_real_mail(taker_of: Callable[..., Taker]) -> None:
    taker = taker_of("mailgun")
    taker.to = "ada@example.org"
    assert check("--backend", "mailgun", "--to", "ada@example.org")[0] == 0
    assert "o:testmode" not in taker.requests[0].text


def test_headers_that_an_answer_repeats_are_named(taker_of: Callable[..., Taker]) -> None:
    taker_of("mailgun")
    assert "these arrived: Message-ID" in check("--backend", "mailgun")[1]
    taker_of("resend")
    assert "The answer shows none of them" in check("--backend", "resend")[1]


def test_headers_that_are_known_to_be_replaced_are_named(taker_of: Callable[..., Taker]) -> None:
    taker_of("amazon_ses")
    assert "Amazon SES puts its own Message-ID and Date into each mail" in check("--backend", "amazon_ses")[1]


def test_postmark_is_asked_to_let_our_message_id_stand(taker_of: Callable[..., Taker]) -> None:
    taker = taker_of("postmark")
    check("--backend", "postmark")
    assert {"Name": "X-PM-KeepID", "Value": "true"} in taker.requests[0].body["Headers"]


def test_without_an_account_a_key_that_is_given_to_everybody_is_used(taker_of: Callable[..., Taker]) -> None:
    taker = taker_of("postmark", account=False)
    code, said = check("--backend", "postmark")
    assert code == 0
    assert taker.requests[0].headers["X-Postmark-Server-Token"] == "POSTMARK_API_TEST"
    assert "POSTMARK_API_TEST" in said


def test_a_key_that_is_missing_is_named(taker_of: Callable[..., Taker]) -> None:
    taker_of("mailjet", account=False)
    with pytest.raises(CommandError, match="MAILJET_API_KEY and MAILJET_SECRET_KEY into ANYMAIL"):
        check("--backend", "mailjet")


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (401, {"ErrorCode": 10, "Message": "Bad or missing server token."}, "Check the key in ANYMAIL"),
        (422, {"ErrorCode": 300, "Message": "Invalid 'From' address."}, "verified the domain of DIGEST_FROM"),
        (422, {"ErrorCode": 406, "Message": "Found inactive addresses: a@b.example."}, "Give another with --to"),
        (429, {"ErrorCode": 429, "Message": "Slowly."}, "PROVIDER_RATE_PER_SECOND"),
        (500, {"Message": "Broken."}, "provider's log"),
    ],
)
def test_an_answer_that_is_no_yes_ends_it_with_one_and_the_remedy(
    status: int, answer: dict[str, Any], told: str, taker_of: Callable[..., Taker]
) -> None:
    taker_of("postmark").answer = status, answer
    code, said = check("--backend", "postmark")
    assert code == 1
    assert told in said
    assert str(answer["Message"]) in said
    assert "Compare" not in said


def test_a_provider_that_is_not_there_is_told_as_such(taker_of: Callable[..., Taker]) -> None:
    taker_of("resend").stop()
    code, said = check("--backend", "resend")
    assert code == 1
    assert "certainly not taken" in said


def test_a_trial_leaves_no_trace_even_where_everything_is_refused(
    taker_of: Callable[..., Taker], make_subscriber: Callable[..., Subscriber]
) -> None:
    reader = make_subscriber("test@blackhole.postmarkapp.com")
    before = reader.status
    taker_of("postmark").answer = 422, {"ErrorCode": 406, "Message": f"Found inactive addresses: {reader.email}."}
    assert [check("--backend", "postmark")[0] for _ in range(6)] == [1] * 6
    reader.refresh_from_db()
    assert reader.status == before
    rows = (Digest, DeliveryEvent, Suppression, SendTime, Breaker)
    assert [model.objects.count() for model in rows] == [0] * len(rows)


def test_the_settings_are_as_before_whatever_happens(taker_of: Callable[..., Taker], settings: Settings) -> None:
    taker_of("postmark").answer = 500, {}
    before = settings.EMAIL_BACKEND, dict(settings.ANYMAIL), settings.DIGEST_ESP_EXTRA
    check("--backend", "postmark")
    assert before == (settings.EMAIL_BACKEND, settings.ANYMAIL, settings.DIGEST_ESP_EXTRA)


def test_the_provider_that_is_set_gets_its_extra_and_another_one_does_not(
    taker_of: Callable[..., Taker], settings: Settings
) -> None:
    taker = taker_of("postmark")
    settings.DIGEST_ESP_EXTRA = {"MessageStream": "broadcast"}
    settings.EMAIL_BACKEND = table.path_of("postmark")
    check()
    assert taker.requests[0].body["MessageStream"] == "broadcast"
    other = taker_of("resend")
    check("--backend", "resend")
    assert "broadcast" not in other.requests[0].text


def test_a_mail_server_is_tried_with_an_address(smtp_sink: SmtpSink, settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp_sink.port
    with pytest.raises(CommandError, match="--to"):
        check()
    code, said = check("--to", "ada@example.org")
    assert code == 0, said
    [mail] = smtp_sink.messages
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"}
    assert all(str(paper["title"])[:30] in _text(mail) for paper in PAPERS.values())
    assert "manage.py doctor --mail FILE" in said


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def test_a_mail_server_that_refuses_is_told_in_its_own_words(smtp_sink: SmtpSink, settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp_sink.port
    smtp_sink.answer = "554 5.7.1 not from you"
    code, said = check("--to", "ada@example.org")
    assert code == 1
    assert "not from you" in said


@pytest.mark.parametrize("name", ["carrier-pigeon", "postmak", ""])
def test_a_provider_that_nobody_knows_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(CommandError, match="postmark"):
        check("--backend", name)


def test_who_is_suppressed_is_not_mailed_by_a_trial_either(taker_of: Callable[..., Taker]) -> None:
    taker = taker_of("resend")
    Suppression.objects.create(address_hash=address_hash("ada@example.org"), reason="complaint")
    with pytest.raises(CommandError, match="suppressed"):
        check("--backend", "resend", "--to", "Ada@example.org")
    with pytest.raises(CommandError, match="no address"):
        check("--backend", "resend", "--to", "ada at example.org")
    assert taker.requests == []


def test_a_stop_of_all_sending_is_told_and_does_not_keep_a_trial_back(taker_of: Callable[..., Taker]) -> None:
    taker = taker_of("resend")
    kill_switch.stop(StopReason.OPERATOR, "moving house", MORNING)
    code, said = check("--backend", "resend")
    assert (code, len(taker.requests)) == (0, 1)
    assert "moving house" in said
    assert ID in said
