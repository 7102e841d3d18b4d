"""The mail providers, a row for each: what it promises, and what its words mean.

Whoever hands over mail, takes reports, examines the site or starts it reads this one table. A fact stands here because
the provider documents it, or because it was seen; what a row does not say is taken for unknown, and the unknown never
drops a reader and never costs a digest.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, cast

from django.conf import settings

from subscriptions.providers.answers import Answer, Words, all_of, at, nothing, phrases
from subscriptions.providers.results import SendResult
from subscriptions.providers.trials import NOBODY, Trial

if TYPE_CHECKING:
    from subscriptions.providers.heard import Heard

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

    def judge(self, words: Iterable[str]) -> SendResult | None:
        """Return what became of an earlier attempt under the same key, None if the words say nothing of one."""
        if not self.taken.isdisjoint(words):
            return SendResult.TAKEN_BEFORE
        return SendResult.RUNNING if not self.running.isdisjoint(words) else None


@dataclass(frozen=True, slots=True)
class Signature:
    """What a provider signs its reports with."""

    key: str  # the name in ANYMAIL, behind the provider's own
    is_of_the_body: bool = True  # of the bytes that came; else of something else in the report
    secret_will_do: bool = False  # in its place WEBHOOK_SECRET is enough, as for all that do not sign


@dataclass(frozen=True, slots=True)
class Provider:
    """One row. The name is Anymail's, as it stands in EMAIL_BACKEND and in the webhook's address."""

    name: str
    title: str
    words: Words = nothing  # what tells one refusal from another
    meanings: Mapping[str, SendResult] = field(default_factory=dict)  # of those words
    codes: Mapping[int, SendResult] = field(default_factory=dict)  # of HTTP, where they mean more than usual
    key: Key | None = None
    view: str = ""  # of Anymail, which reads its reports; '' where Anymail hears none
    signature: Signature | None = None  # of its reports
    # By what a report names its mail; where it is none of the others, each mail bears its handle as a tag.
    ties: tuple[str, ...] = ("metadata", "provider id")
    ties_need: str = ""  # what to switch on in the account before a report names its mail
    tracking: str = ""  # how to switch it off in the account, where no message can
    needs: tuple[str, ...] = ()  # names in ANYMAIL, each behind the provider's own, without which there is no sending
    packages: tuple[str, ...] = ()  # modules that Anymail imports for it alone
    ours: tuple[str, ...] = ()  # what each mail says, by the paths at which an extra would replace it (see extras.py)
    keeps_id: Mapping[str, str] = field(default_factory=dict)  # headers with which it lets our Message-ID stand
    own_headers: tuple[str, ...] = ()  # those of ours that it puts its own in place of, all the same
    remark: str = ""  # what else to know before choosing it
    trial: Trial | None = None  # how a mail is tried without a reader
    trial_by_hand: str = ""  # how to try one without a reader, where that takes an account's own key or server
    is_test: tuple[str, ...] = ()  # names in ANYMAIL, likewise, with which nothing that is sent reaches a reader
    avoid: str = ""  # why better not to choose it

    def judge(self, answer: Answer) -> SendResult | None:
        """Return what an answer means here, None where the row says nothing of it.

        A word that only says that it was refused leaves it to the code of HTTP to say why.
        """
        words = list(self.words(answer))
        if self.key and (before := self.key.judge(words)):
            return before
        by_word = next((self.meanings[word] for word in words if word in self.meanings), None)
        if by_word not in (None, REFUSED) or answer.status is None:
            return by_word
        return self.codes.get(answer.status, by_word)

    @property
    def heard(self) -> "Heard | None":
        """Return how its reports are heard, as the file of its name in reported/ says; None where it has none.

        It is imported when it is asked for: the settings go by this table before there are models.
        """
        if not self.view:
            return None
        return cast("Heard", import_module(f"subscriptions.providers.reported.{self.name}").HEARD)


def _each(result: SendResult, *words: str) -> dict[str, SendResult]:
    return dict.fromkeys(words, result)


def _postmarks(answer: Answer) -> list[str]:
    """Return the number of an error; 300 is about anything in the request, and its text names the field."""
    codes = list(at("ErrorCode")(answer))
    texts = " ".join(at("Message")(answer))
    return [f"{code} {name}" for code in codes for name in ("'To'", "'From'") if name in texts] + codes


def _mailjets(answer: Answer) -> Iterator[str]:
    """Yield each error's code with the field it is about, such as "mj-0013 To", then alone; at last the status."""
    for error in _mappings(answer.body, "Messages", "Errors"):
        fields = [re.split(r"[\[.]", str(field))[0] for field in _list(error.get("ErrorRelatedTo"))]
        yield from (f"{error.get('ErrorCode')} {field}" for field in fields)
        yield str(error.get("ErrorCode"))
    yield from all_of(at("ErrorCode"), at("Messages", "Status"))(answer)


def _mailersends(answer: Answer) -> Iterator[str]:
    """Yield the number that ends a text about the request, such as MS42207, and the fields that are wrong."""
    errors = answer.body.get("errors") if isinstance(answer.body, Mapping) else None
    for text in at("errors", "*")(answer):
        yield from re.findall(r"#(MS[0-9]{5})\b", text)
    yield from map(str, errors if isinstance(errors, Mapping) else ())


def _mappings(found: object, *path: str) -> Iterator[Mapping[str, object]]:
    """Yield the objects at a path of lists of objects."""
    for each in _list(found):
        if isinstance(each, Mapping):
            if path:
                yield from _mappings(each.get(path[0]), *path[1:])
            else:
                yield each


def _list(found: object) -> list[object]:
    return found if isinstance(found, list) else [found]


ROWS: dict[str, Provider] = {
    row.name: row
    for row in [
        Provider(
            "amazon_ses",
            "Amazon SES",
            words=all_of(
                phrases(at("Error", "Message"), "address is not verified", "Sending suspended", "Sending paused"),
                at("Error", "Code"),
            ),
            meanings={
                **_each(ACCOUNT, "address is not verified", "Sending suspended", "Sending paused"),
                **_each(ACCOUNT, "AccessDeniedException", "AccessDenied", "AccountSuspendedException"),
                **_each(ACCOUNT, "SendingPausedException", "MailFromDomainNotVerifiedException"),
                **_each(ACCOUNT, "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch"),
                **_each(ACCOUNT, "InvalidSignatureException", "IncompleteSignature", "MissingAuthenticationToken"),
                **_each(ACCOUNT, "MissingAuthenticationTokenException", "RequestExpired", "NotAuthorized"),
                **_each(ACCOUNT, "ExpiredToken", "ExpiredTokenException", "NotFoundException", "OptInRequired"),
                **_each(SLOWER, "TooManyRequestsException", "Throttling", "ThrottlingException"),
                **_each(SLOWER, "LimitExceededException"),
                **_each(REFUSED, "MessageRejected", "BadRequestException", "ValidationError"),
            },
            view="AmazonSESTrackingWebhookView",
            tracking="take open and click events out of the configuration set's event destinations",
            ties_need="include the original headers in notifications of each kind, or publish events by a"
            " configuration set",
            packages=("boto3",),
            ours=("Destination", "FromEmailAddress", "ReplyToAddresses"),
            own_headers=("Message-ID", "Date"),
            trial=Trial("the mailbox simulator", to="success@simulator.amazonses.com"),
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
            view="BrevoTrackingWebhookView",
            tracking="switch tracking off under Transactional, Settings",
            needs=("API_KEY",),
            ours=("sender", "to", "subject", "replyTo", "headers", "textContent", "htmlContent"),
            trial=Trial("in sandbox mode", headers={"X-Sib-Sandbox": "drop"}),
        ),
        Provider(
            "mailersend",
            "MailerSend",
            words=all_of(at("warnings", "recipients", "reasons"), at("warnings", "recipients", "reason"), _mailersends),
            meanings={
                **_each(ADDRESS, "hard_bounced", "spam_complaint", "unsubscribed", "blocklisted"),
                # The domain of the sender is not verified; a trial account may write to no more people.
                **_each(ACCOUNT, "MS42207", "MS42225", "from.email", "from"),
            },
            view="MailerSendTrackingWebhookView",
            signature=Signature("SIGNING_SECRET"),
            ties=("tag", "provider id"),
            needs=("API_TOKEN",),
            ours=(
                *("from", "to", "subject", "reply_to", "headers", "text", "html", "tags"),
                *("settings.track_opens", "settings.track_clicks"),
            ),
            remark="takes headers, and with them the one-click link to unsubscribe, in its larger plans only",
            trial_by_hand="MailerSend has no sandbox; a trial domain of it delivers to the account's own address",
        ),
        Provider(
            "mailgun",
            "Mailgun",
            words=phrases(at("message"), "'to' parameter is not", "'from' parameter is not", "is not allowed to send"),
            meanings={
                **_each(ADDRESS, "'to' parameter is not"),
                **_each(ACCOUNT, "'from' parameter is not", "is not allowed to send"),
            },
            view="MailgunTrackingWebhookView",
            signature=Signature("WEBHOOK_SIGNING_KEY", is_of_the_body=False),
            needs=("API_KEY",),
            ours=(
                *("from", "to", "subject", "text", "html", "h:*", "v:*"),
                *("o:tracking-opens", "o:tracking-clicks"),
            ),
            trial=Trial("in test mode, which is charged as one mail", extra={"o:testmode": "yes"}),
        ),
        Provider(
            "mailjet",
            "Mailjet",
            words=_mailjets,
            meanings={
                **_each(ADDRESS, "mj-0013 To"),
                **_each(ACCOUNT, "mj-0013 From", "mj-0001", "mj-0015", "send-0006", "send-0007", "send-0008"),
                **_each(REFUSED, "error"),
            },
            view="MailjetTrackingWebhookView",
            needs=("API_KEY", "SECRET_KEY"),
            ours=(
                *("Messages", "Globals.From", "Globals.Subject", "Globals.ReplyTo", "Globals.Headers.*"),
                *("Globals.TextPart", "Globals.HTMLPart", "Globals.EventPayload"),
                *("Globals.TrackOpens", "Globals.TrackClicks"),
            ),
            trial=Trial("in sandbox mode", extra={"SandboxMode": True}),
        ),
        Provider(
            "mailtrap",
            "Mailtrap",
            words=all_of(at("errors"), phrases(at("errors"), "is not allowed", "Demo domains can only"), at("success")),
            meanings={
                **_each(ACCOUNT, "Unauthorized", "Forbidden", "is not allowed", "Demo domains can only"),
                **_each(REFUSED, "false"),
            },
            view="MailtrapTrackingWebhookView",
            signature=Signature("TRACKING_SECRET", secret_will_do=True),
            tracking="switch open and click tracking off for the sending domain",
            needs=("API_TOKEN",),
            ours=("from", "to", "subject", "reply_to", "text", "html", "headers.*", "custom_variables.*"),
            trial_by_hand="Mailtrap's sandboxes have ids and tokens of their own: put both into ANYMAIL for the trial,"
            " as MAILTRAP_SANDBOX_ID and MAILTRAP_API_TOKEN",
            is_test=("SANDBOX_ID",),
        ),
        Provider(
            "mandrill",
            "Mandrill",
            words=all_of(at("name"), at("reject_reason"), at("status")),
            meanings={
                **_each(ADDRESS, "hard-bounce", "spam", "unsub", "custom", "invalid"),
                **_each(DEFERRED, "soft-bounce"),
                # A rule of the account may be about the address, the message or all that we send.
                **_each(REFUSED, "rule", "ValidationError"),
                **_each(ACCOUNT, "unsigned", "test-mode-limit", "invalid-sender", "Invalid_Key", "PaymentRequired"),
                **_each(ACCOUNT, "Unknown_Subaccount"),
                **_each(LATER, "ServiceUnavailable"),
                **_each(SendResult.SENT, "scheduled"),  # taken, and held back by the account's own schedule
            },
            view="MandrillCombinedWebhookView",
            signature=Signature("WEBHOOK_KEY"),
            needs=("API_KEY",),
            ours=(
                *("message.from_email", "message.from_name", "message.to", "message.subject", "message.headers"),
                *("message.text", "message.html", "message.metadata"),
                *("message.track_opens", "message.track_clicks"),
            ),
            trial_by_hand="A key that is made as a Test Key delivers nothing: put it into ANYMAIL as MANDRILL_API_KEY"
            " for the trial",
        ),
        Provider(
            "postal",
            "Postal",
            words=all_of(at("data", "code"), at("status")),
            meanings={
                **_each(ACCOUNT, "AccessDenied", "InvalidServerAPIKey", "ServerSuspended", "FromAddressMissing"),
                **_each(ACCOUNT, "UnauthenticatedFromAddress"),
                **_each(MESSAGE, "NoContent", "TooManyToAddresses", "AttachmentMissingName"),
                **_each(REFUSED, "error", "parameter-error"),
            },
            view="PostalTrackingWebhookView",
            signature=Signature("WEBHOOK_KEY"),
            ties=("Message-ID", "provider id"),
            tracking="switch off Track Opens and Track Clicks of the sending domain's tracking domain",
            needs=("API_KEY", "API_URL"),
            ours=("from", "to", "subject", "reply_to", "headers", "plain_body", "html_body"),
            trial_by_hand="A server of Postal in the mode Development holds all mail back: put its key into ANYMAIL as"
            " POSTAL_API_KEY for the trial",
        ),
        Provider(
            "postmark",
            "Postmark",
            words=_postmarks,
            meanings={
                **_each(ADDRESS, "300 'To'", "406"),
                **_each(ACCOUNT, "300 'From'", "10", "400", "401", "405", "412", "413"),
                **_each(LATER, "100"),
                **_each(SLOWER, "429"),
            },
            codes={503: LATER},
            view="PostmarkTrackingWebhookView",
            needs=("SERVER_TOKEN",),
            ours=(
                *("From", "To", "Subject", "ReplyTo", "Headers", "TextBody", "HtmlBody", "Metadata"),
                *("TrackOpens", "TrackLinks"),
            ),
            keeps_id={"X-PM-KeepID": "true"},
            trial=Trial(
                "the black hole, which takes mail also from an account that is not approved yet",
                to="test@blackhole.postmarkapp.com",
                without_account={"SERVER_TOKEN": "POSTMARK_API_TEST"},
            ),
        ),
        Provider(
            "resend",
            "Resend",
            words=all_of(phrases(at("message"), "API key is invalid"), at("name")),
            meanings={
                **_each(ACCOUNT, "missing_api_key", "invalid_api_key", "invalid_api_Key", "restricted_api_key"),
                **_each(ACCOUNT, "API key is invalid", "invalid_access", "invalid_region"),
                **_each(ACCOUNT, "invalid_from_address", "security_error", "not_found", "method_not_allowed"),
                **_each(SLOWER, "rate_limit_exceeded", "daily_quota_exceeded", "monthly_quota_exceeded"),
            },
            codes={503: LATER},
            key=Key(
                timedelta(hours=24),
                taken=frozenset({"invalid_idempotent_request"}),
                running=frozenset({"concurrent_idempotent_requests"}),
            ),
            view="ResendTrackingWebhookView",
            signature=Signature("SIGNING_SECRET", secret_will_do=True),
            tracking="switch open and click tracking off for the domain",
            needs=("API_KEY",),
            packages=("svix",),
            ours=("from", "to", "subject", "reply_to", "headers", "text", "html"),
            trial=Trial("an address for tests", to="delivered@resend.dev"),
        ),
        Provider(
            "scaleway",
            "Scaleway",
            words=all_of(at("type"), at("emails", "status")),
            meanings={
                **_each(ACCOUNT, "denied_authentication", "permissions_denied", "not_found", "quotas_exceeded"),
                **_each(ACCOUNT, "precondition_failed"),
                **_each(SLOWER, "too_many_requests"),
                **_each(REFUSED, "failed", "canceled"),
            },
            ties=(),
            tracking="see that no tracking is switched on",
            needs=("SECRET_KEY", "PROJECT_ID"),
            ours=("from", "to", "subject", "text", "html", "additional_headers"),
            trial_by_hand="Scaleway has no sandbox",
        ),
        Provider(
            "sendgrid",
            "SendGrid",
            words=at("errors", "field"),
            meanings={
                **_each(ADDRESS, "personalizations.0.to.0.email"),
                **_each(ACCOUNT, "from", "from.email"),
            },
            view="SendGridTrackingWebhookView",
            signature=Signature("TRACKING_WEBHOOK_VERIFICATION_KEY", secret_will_do=True),
            needs=("API_KEY",),
            ours=(
                *("personalizations.to", "personalizations.headers.*", "personalizations.custom_args.*"),
                *("from", "subject", "reply_to_list", "content", "headers.*", "custom_args.*"),
                *("tracking_settings.open_tracking.enable", "tracking_settings.click_tracking.enable"),
            ),
            trial=Trial(
                "in sandbox mode, which looks at the request alone",
                extra={"mail_settings": {"sandbox_mode": {"enable": True}}},
            ),
            avoid="Anymail supports it no longer, so its answers and reports may come to be misread",
        ),
        Provider(
            "sparkpost",
            "SparkPost",
            words=at("errors", "code"),
            meanings=_each(ACCOUNT, "7001"),  # the sender's domain is not set up
            codes={420: SLOWER},
            view="SparkPostTrackingWebhookView",
            needs=("API_KEY",),
            ours=(
                *("recipients", "content.from", "content.subject", "content.reply_to", "content.headers.*"),
                *("content.text", "content.html", "metadata.*"),
                *("options.open_tracking", "options.click_tracking"),
            ),
            trial=Trial("the sink server, which is charged as one mail", to=f"{NOBODY}.sink.sparkpostmail.com"),
        ),
        Provider(
            "unisender_go",
            "Unisender Go",
            words=all_of(at("failed_emails", "*"), at("code")),
            meanings={
                **_each(ADDRESS, "permanent_unavailable", "invalid", "unsubscribed", "complained"),
                **_each(DEFERRED, "temporary_unavailable"),
                **_each(REFUSED, "blocked"),
            },
            view="UnisenderGoTrackingWebhookView",
            signature=Signature("API_KEY"),
            needs=("API_KEY", "API_URL"),
            ours=(
                *("recipients", "from_email", "from_name", "subject", "reply_to", "reply_to_name", "headers.*"),
                *("body.plaintext", "body.html", "global_metadata.*", "track_links", "track_read"),
            ),
            trial_by_hand="Unisender Go has no sandbox",
        ),
    ]
}
# Names that Anymail gave the same services before.
FORMER_NAMES = {"sendinblue": "brevo", "amazon_sesv1": "amazon_ses"}


def in_use() -> Provider | None:
    """Return the row of the provider whose API the mail goes through; None for a mail server or an unknown backend."""
    return of_backend(settings.EMAIL_BACKEND)


def of_backend(backend: str) -> Provider | None:
    """Return the row of one of Anymail's backends, which has the form anymail.backends.NAME.EmailBackend."""
    return of_name(name_of(backend))


def of_name(name: str) -> Provider | None:
    """Return the row of Anymail's name, also of a former one."""
    return ROWS.get(FORMER_NAMES.get(name, name))


def name_of(backend: str) -> str:
    """Return Anymail's name in a backend's path, which also begins the names of its settings; '' for any other."""
    parts = backend.split(".")
    return parts[2] if parts[:2] == ["anymail", "backends"] and len(parts) > 2 else ""


def path_of(name: str) -> str:
    """Return the path of the backend that Anymail calls by this name."""
    return f"anymail.backends.{name}.EmailBackend"


def of_reports(esp_name: str) -> Provider | None:
    """Return the row of a provider as Anymail's reports name it, such as "Amazon SES"; None for an unknown one."""
    return of_name(provider_of(esp_name))


def provider_of(esp_name: str) -> str:
    """Return Anymail's name for a provider as it stands in settings and addresses: "Amazon SES" is amazon_ses."""
    return esp_name.lower().replace(" ", "_")
