"""A provider's words, each on its own: what they mean for the digest, its reader and all others."""

from collections.abc import Callable
from typing import Any

import pytest

from subscriptions.models import Digest, Subscriber, SubscriberStatus, Suppression
from subscriptions.transport import backends, circuit_breakers
from tests.fakes.dialects import Reply
from tests.fakes.mail_api import MailApi
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.providers.conftest import deliver

ADA = "ada@example.org"
IDN = "ada@xn--fa-hia.example.org"
Through = Callable[..., MailApi]
pytestmark = pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning")


def mandrill(status: str, reason: str | None = None) -> Reply:
    return Reply(200, [{"email": ADA, "status": status, "reject_reason": reason, "_id": "77"}])


def mandrills(name: str) -> Reply:
    return Reply(500, {"status": "error", "code": -1, "name": name, "message": "no"})


def unisender(why: str, status: int = 200) -> Reply:
    return Reply(status, {"status": "error", "code": 204, "failed_emails": {ADA: why}})


def postmark(code: int, message: str = "no") -> Reply:
    return Reply(422, {"ErrorCode": code, "Message": message})


def mailjet(status: int, *errors: dict[str, Any]) -> Reply:
    return Reply(status, {"Messages": [{"Status": "error", "Errors": list(errors)}]})


def mailersend(reason: str, **headers: str) -> Reply:
    recipient = {"email": ADA, "reasons": [reason]}
    return Reply(202, {"warnings": [{"type": "ALL_SUPPRESSED", "recipients": [recipient]}]}, headers)


def amazon(code: str, message: str = "no", status: int = 400) -> Reply:
    return Reply(status, {"message": message}, {"x-amzn-ErrorType": code})


# What becomes of the digest, of its reader, and whether the breaker opens at the first one.
SAID = [
    ("mandrill", mandrill("rejected", "unsigned"), "planned", "active", True),
    ("mandrill", mandrill("rejected", "test-mode-limit"), "planned", "active", True),
    ("mandrill", mandrill("rejected", "invalid-sender"), "planned", "active", True),
    ("mandrill", mandrill("rejected", "soft-bounce"), "planned", "active", False),
    ("mandrill", mandrill("rejected", "rule"), "planned", "active", False),
    ("mandrill", mandrill("rejected", "a word of tomorrow"), "planned", "active", False),
    ("mandrill", mandrill("rejected", "hard-bounce"), "failed", "suppressed", False),
    ("mandrill", mandrill("rejected", "spam"), "failed", "suppressed", False),
    ("mandrill", mandrill("rejected", "unsub"), "failed", "unsubscribed", False),
    ("mandrill", mandrill("invalid"), "failed", "suppressed", False),
    ("mandrill", mandrill("scheduled"), "sent", "active", False),
    ("mandrill", mandrill("queued"), "sent", "active", False),
    ("mandrill", mandrills("Invalid_Key"), "planned", "active", True),
    ("mandrill", mandrills("PaymentRequired"), "planned", "active", True),
    ("mandrill", mandrills("Unknown_Subaccount"), "planned", "active", True),
    ("mandrill", mandrills("ValidationError"), "planned", "active", False),
    ("mandrill", mandrills("GeneralError"), "uncertain", "active", False),
    ("unisender_go", unisender("unsubscribed"), "failed", "unsubscribed", False),
    ("unisender_go", unisender("unsubscribed", 400), "failed", "unsubscribed", False),
    ("unisender_go", unisender("temporary_unavailable", 400), "planned", "active", False),
    ("unisender_go", unisender("temporary_unavailable"), "planned", "active", False),
    ("unisender_go", unisender("permanent_unavailable"), "failed", "suppressed", False),
    ("unisender_go", unisender("complained", 400), "failed", "suppressed", False),
    ("unisender_go", unisender("blocked", 400), "planned", "active", False),
    ("unisender_go", unisender("a word of tomorrow", 400), "planned", "active", False),
    ("postmark", postmark(300, f"Invalid 'To' address: '{ADA}'."), "failed", "suppressed", False),
    ("postmark", postmark(300, "Invalid 'From' address: 'x'."), "planned", "active", True),
    ("postmark", postmark(300, "Invalid metadata content."), "planned", "active", False),
    ("postmark", postmark(400), "planned", "active", True),
    ("postmark", postmark(405), "planned", "active", True),
    ("postmark", postmark(412), "planned", "active", True),
    ("postmark", postmark(413), "planned", "active", True),
    ("postmark", postmark(9999), "planned", "active", False),
    ("postmark", Reply(200, []), "uncertain", "active", False),
    ("sparkpost", Reply(420, {"errors": [{"code": "2102"}]}), "planned", "active", True),
    ("resend", Reply(403, {"name": "invalid_api_key"}), "planned", "active", True),
    ("resend", Reply(400, {"name": "validation_error", "message": "API key is invalid"}), "planned", "active", True),
    ("resend", Reply(429, {"name": "daily_quota_exceeded"}), "planned", "active", True),
    ("resend", Reply(451, {"name": "security_error"}), "planned", "active", True),
    ("postal", Reply(200, {"status": "error", "data": {"code": "AccessDenied"}}), "planned", "active", True),
    ("postal", Reply(200, {"status": "parameter-error", "data": {}}), "planned", "active", False),
    ("mailjet", mailjet(403, {"ErrorCode": "send-0008", "ErrorRelatedTo": ["From"]}), "planned", "active", True),
    ("mailjet", mailjet(403, {"ErrorCode": "send-9999"}), "planned", "active", True),
    ("mailjet", mailjet(400, {"ErrorCode": "mj-0013", "ErrorRelatedTo": ["From.Email"]}), "planned", "active", True),
    ("mailjet", mailjet(400, {"ErrorCode": "send-9999"}), "planned", "active", False),
    ("mailjet", mailjet(200, {"ErrorCode": "send-9999"}), "planned", "active", False),
    ("mailjet", Reply(200, {"Messages": []}), "uncertain", "active", False),
    ("mailtrap", Reply(200, {"success": False, "errors": ["Unauthorized"]}), "planned", "active", True),
    ("mailtrap", Reply(200, {"success": False, "errors": ["no"]}), "planned", "active", False),
    ("mailersend", mailersend("unsubscribed"), "failed", "unsubscribed", False),
    ("mailersend", mailersend("blocklisted", **{"X-Message-Id": "77"}), "failed", "suppressed", False),
    ("amazon_ses", amazon("TooManyRequestsException", status=429), "planned", "active", True),
    ("amazon_ses", amazon("LimitExceededException"), "planned", "active", True),
    ("amazon_ses", amazon("MessageRejected", "Email address is not verified."), "planned", "active", True),
    ("amazon_ses", amazon("MessageRejected", "Content is refused."), "planned", "active", False),
    ("amazon_ses", amazon("SendingPausedException"), "planned", "active", True),
    ("amazon_ses", amazon("AWordOfTomorrow"), "planned", "active", False),
    ("scaleway", Reply(403, {"type": "quotas_exceeded"}), "planned", "active", True),
]


@pytest.mark.parametrize(("backend", "said", "state", "reader", "is_open"), SAID)
def test_words(
    digest: Digest, through: Through, backend: str, said: Reply, state: str, reader: SubscriberStatus, is_open: bool
) -> None:
    api = through(backend)
    api.failures["said"] = lambda to: said
    api.situation = "said"
    found = deliver(MORNING)
    assert found.status == state, found.reason
    assert Subscriber.objects.get().status == reader
    assert Suppression.objects.exists() == (reader == "suppressed")
    assert (circuit_breakers.open_until(backends.name()) is not None) == is_open
    assert ADA not in found.reason


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("postmark", Reply(422, {"ErrorCode": 300, "Message": f"Invalid 'To' address: '{IDN}'."})),
        ("mailersend", Reply(202, mailersend("hard_bounced").body, {"X-Message-Id": "77"})),
        ("mailjet", mailjet(400, {"ErrorCode": "mj-0013", "ErrorRelatedTo": ["To[0].Email"]})),
    ],
)
@pytest.mark.parametrize("address", [IDN, "ada@faß.example.org"])
def test_a_refusal_is_heard_however_the_provider_writes_the_domain(
    digest: Digest, through: Through, backend: str, said: Reply, address: str
) -> None:
    Subscriber.objects.update(email="ada@faß.example.org")
    api = through(backend, address)
    api.failures["said"] = lambda to: said
    api.situation = "said"
    assert deliver(MORNING).status == "failed"


@pytest.mark.parametrize("backend", ["postmark", "mailjet", "mailersend", "sendgrid", "postal", "mandrill"])
@pytest.mark.parametrize("address", [IDN, "ada@faß.example.org"])
def test_an_id_is_one_id_however_the_provider_writes_the_domain(
    digest: Digest, through: Through, backend: str, address: str
) -> None:
    Subscriber.objects.update(email="ada@faß.example.org")
    through(backend, address)
    found = deliver(MORNING)
    assert found.status == "sent"
    assert found.provider_id
    assert "{" not in found.provider_id
