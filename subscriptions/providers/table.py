"""The mail providers, a row for each: what it promises, and what its words mean.

Whoever hands over mail, takes reports, examines the site or starts it reads this one table. A fact stands here because
the provider documents it, or because it was seen; what a row does not say is taken for unknown, and the unknown never
drops a reader and never costs a digest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings

from subscriptions.providers.answers import Answer, Words, all_of, at, nothing
from subscriptions.providers.heard import Heard
from subscriptions.providers.reported import (
    amazon_ses,
    brevo,
    mailersend,
    mailgun,
    mailjet,
    mailtrap,
    mandrill,
    postal,
    postmark,
    resend,
    sendgrid,
    sparkpost,
    unisender_go,
)
from subscriptions.providers.results import SendResult

ADDRESS, MESSAGE, LATER = SendResult.REFUSED_ADDRESS, SendResult.REFUSED_MESSAGE, SendResult.NOT_ACCEPTED
ACCOUNT, SLOWER, DEFERRED = SendResult.MISCONFIGURED, SendResult.THROTTLED, SendResult.DEFERRED
UNKNOWN = SendResult.AMBIGUOUS
REFUSED = SendResult.REFUSED


@dataclass(frozen=True, slots=True)
class Key:
    """How a provider knows a second copy: by a key that each attempt at one mail bears."""

    life: timedelta  # for so long a second copy is not delivered
    taken: frozenset[str] = frozenset()  # words of an answer that say: this key came before, and its mail was taken
    running: frozenset[str] = frozenset()  # …: the attempt before is still being worked on


@dataclass(frozen=True, slots=True)
class Provider:
    """One row. The name is Anymail's, as it stands in EMAIL_BACKEND and in the webhook's address."""

    name: str
    title: str
    words: Words = nothing  # what tells one refusal from another
    meanings: Mapping[str, SendResult] = field(default_factory=dict)  # of those words
    codes: Mapping[int, SendResult] = field(default_factory=dict)  # of HTTP, where they mean more than usual
    key: Key | None = None
    reports: bool = True  # whether Anymail has a webhook for it
    # By what a report names its mail; where it is none of the others, each mail bears its handle as a tag.
    ties: tuple[str, ...] = ("metadata", "provider id")
    tracking: str = ""  # how to switch it off in the account, where no message can
    extra_headers: tuple[str, ...] = ()  # the path in DIGEST_ESP_EXTRA that would replace all headers of a mail

    def judge(self, answer: Answer) -> SendResult | None:
        """Return what an answer means here, None where the row says nothing of it."""
        for word in self.words(answer):
            if word in self.meanings:
                return self.meanings[word]
        return self.codes.get(answer.status) if answer.status is not None else None

    @property
    def heard(self) -> Heard | None:
        """Return how its reports are heard, None where it has none."""
        return HEARD.get(self.name)


def _each(result: SendResult, *words: str) -> dict[str, SendResult]:
    return dict.fromkeys(words, result)


def _postmarks(answer: Answer) -> list[str]:
    """Return the number of an error; 300 is about anything in the request, and its text names the field."""
    codes = list(at("ErrorCode")(answer))
    texts = " ".join(at("Message")(answer))
    return [f"{code} {name}" for code in codes for name in ("'To'", "'From'") if name in texts] + codes


ROWS: dict[str, Provider] = {
    row.name: row
    for row in [
        Provider(
            "amazon_ses",
            "Amazon SES",
            words=at("Error", "Code"),
            meanings={
                **_each(ACCOUNT, "AccessDeniedException", "AccessDenied", "AccountSuspendedException"),
                **_each(ACCOUNT, "SendingPausedException", "MailFromDomainNotVerifiedException"),
                **_each(ACCOUNT, "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch"),
                **_each(ACCOUNT, "InvalidSignatureException", "IncompleteSignature", "MissingAuthenticationToken"),
                **_each(ACCOUNT, "ExpiredToken", "ExpiredTokenException", "NotFoundException", "OptInRequired"),
                **_each(SLOWER, "TooManyRequestsException", "Throttling", "ThrottlingException"),
                **_each(SLOWER, "LimitExceededException"),
                **_each(REFUSED, "MessageRejected", "BadRequestException", "ValidationError"),
            },
            tracking="take open and click events out of the configuration set's event destinations",
        ),
        Provider(
            "brevo",
            "Brevo",
            words=at("code"),
            meanings={
                **_each(ACCOUNT, "unauthorized", "not_enough_credits", "permission_denied"),
                **_each(ACCOUNT, "account_under_validation", "document_not_found", "method_not_allowed"),
            },
            codes={503: LATER},
            key=Key(timedelta(minutes=30), taken=frozenset({"duplicate_parameter", "duplicate_request"})),
            tracking="switch tracking off under Transactional, Settings",
            extra_headers=("headers",),
        ),
        Provider(
            "mailersend",
            "MailerSend",
            words=at("warnings", "recipients", "reasons"),
            meanings=_each(ADDRESS, "hard_bounced", "spam_complaint", "unsubscribed", "blocklisted"),
            ties=("tag", "provider id"),
            extra_headers=("headers",),
        ),
        Provider("mailgun", "Mailgun"),
        Provider(
            "mailjet",
            "Mailjet",
            words=all_of(at("Messages", "Errors", "ErrorCode"), at("ErrorCode")),
            meanings={},
        ),
        Provider(
            "mailtrap",
            "Mailtrap",
            tracking="switch open and click tracking off for the sending domain",
        ),
        Provider(
            "mandrill",
            "Mandrill",
            words=all_of(at("name"), at("reject_reason"), at("queued_reason"), at("status")),
            meanings={
                **_each(ADDRESS, "hard-bounce", "spam", "unsub", "custom", "invalid"),
                **_each(DEFERRED, "soft-bounce"),
                **_each(MESSAGE, "rule"),
                **_each(ACCOUNT, "unsigned", "test-mode-limit", "invalid-sender", "Invalid_Key", "PaymentRequired"),
                **_each(ACCOUNT, "Unknown_Subaccount"),
                **_each(REFUSED, "ValidationError"),
            },
            extra_headers=("message", "headers"),
        ),
        Provider(
            "postal",
            "Postal",
            words=at("data", "code"),
            meanings={
                **_each(
                    ACCOUNT, "AccessDenied", "InvalidServerAPIKey", "ServerSuspended", "UnauthenticatedFromAddress"
                ),
                **_each(MESSAGE, "NoContent", "TooManyToAddresses", "AttachmentMissingName"),
            },
            ties=("Message-ID", "provider id"),
            tracking="switch off Track Opens and Track Clicks of the sending domain's tracking domain",
            extra_headers=("headers",),
        ),
        Provider(
            "postmark",
            "Postmark",
            words=_postmarks,
            meanings={
                **_each(ADDRESS, "300 'To'", "406"),
                **_each(ACCOUNT, "300 'From'", "10", "400", "401", "405", "412", "413"),
            },
            codes={503: LATER},
            extra_headers=("Headers",),
        ),
        Provider(
            "resend",
            "Resend",
            words=at("name"),
            meanings={
                **_each(ACCOUNT, "missing_api_key", "invalid_api_key", "restricted_api_key", "invalid_access"),
                **_each(ACCOUNT, "invalid_from_address", "security_error", "not_found", "method_not_allowed"),
                **_each(SLOWER, "rate_limit_exceeded", "daily_quota_exceeded", "monthly_quota_exceeded"),
            },
            codes={503: LATER},
            key=Key(
                timedelta(hours=24),
                taken=frozenset({"invalid_idempotent_request"}),
                running=frozenset({"concurrent_idempotent_requests"}),
            ),
            tracking="switch open and click tracking off for the domain",
            extra_headers=("headers",),
        ),
        Provider(
            "scaleway",
            "Scaleway",
            words=all_of(at("type"), at("emails", "status")),
            meanings={
                **_each(ACCOUNT, "denied_authentication", "permissions_denied", "not_found", "quotas_exceeded"),
            },
            reports=False,
            ties=(),
            tracking="see that no tracking is switched on",
            extra_headers=("additional_headers",),
        ),
        Provider("sendgrid", "SendGrid"),
        Provider(
            "sparkpost",
            "SparkPost",
            words=at("errors", "code"),
            meanings={},
            codes={420: SLOWER},
        ),
        Provider(
            "unisender_go",
            "Unisender Go",
            words=all_of(at("failed_emails", "*"), at("code")),
            meanings={
                **_each(ADDRESS, "permanent_unavailable", "invalid"),
                **_each(DEFERRED, "temporary_unavailable"),
            },
        ),
    ]
}
# In the order of the rows; each provider's words for what became of a mail stand in a file of its name.
HEARD: dict[str, Heard] = {
    "amazon_ses": amazon_ses.HEARD,
    "brevo": brevo.HEARD,
    "mailersend": mailersend.HEARD,
    "mailgun": mailgun.HEARD,
    "mailjet": mailjet.HEARD,
    "mailtrap": mailtrap.HEARD,
    "mandrill": mandrill.HEARD,
    "postal": postal.HEARD,
    "postmark": postmark.HEARD,
    "resend": resend.HEARD,
    "sendgrid": sendgrid.HEARD,
    "sparkpost": sparkpost.HEARD,
    "unisender_go": unisender_go.HEARD,
}
# Anymail's former name of Brevo: the same service.
FORMER_NAMES = {"sendinblue": "brevo", "amazon_sesv1": "amazon_ses"}


def in_use() -> Provider | None:
    """Return the row of the provider whose API the mail goes through; None for a mail server or an unknown backend."""
    return of_backend(settings.EMAIL_BACKEND)


def of_backend(backend: str) -> Provider | None:
    """Return the row of one of Anymail's backends, which has the form anymail.backends.NAME.EmailBackend."""
    parts = backend.split(".")
    if parts[:2] != ["anymail", "backends"] or len(parts) < 3:
        return None
    return ROWS.get(FORMER_NAMES.get(parts[2], parts[2]))


def of_reports(esp_name: str) -> Provider | None:
    """Return the row of a provider as Anymail's reports name it, such as "Amazon SES"; None for an unknown one."""
    name = provider_of(esp_name)
    return ROWS.get(FORMER_NAMES.get(name, name))


def provider_of(esp_name: str) -> str:
    """Return Anymail's name for a provider as it stands in settings and addresses: "Amazon SES" is amazon_ses."""
    return esp_name.lower().replace(" ", "_")


def extra_that_replaces_headers(provider: Provider, extra: Mapping[str, object]) -> str:
    """Return the dotted name in DIGEST_ESP_EXTRA by which all headers of a mail would be lost, '' if there is none."""
    found: object = extra
    for name in provider.extra_headers or ("",):
        if not isinstance(found, Mapping) or name not in found:
            return ""
        found = found[name]
    return ".".join(provider.extra_headers)
