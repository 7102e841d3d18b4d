"""The mail providers, a row for each: what it promises, and what its words mean.

Whoever hands over mail, takes reports, examines the site or starts it reads this one table. A fact stands here because
the provider documents it, or because it was seen; what a row does not say is taken for unknown, and the unknown never
drops a reader and never costs a digest.
"""

from datetime import timedelta

from django.conf import settings

from subscriptions.providers.answers import all_of, at, phrases
from subscriptions.providers.refusals import mailersends, mailjets, postmarks
from subscriptions.providers.results import SendResult
from subscriptions.providers.row import Key, Provider, Signature
from subscriptions.providers.trials import NOBODY, Trial

ADDRESS, MESSAGE, LATER = SendResult.REFUSED_ADDRESS, SendResult.REFUSED_MESSAGE, SendResult.NOT_ACCEPTED
ACCOUNT, SLOWER, DEFERRED = SendResult.MISCONFIGURED, SendResult.THROTTLED, SendResult.DEFERRED
UNKNOWN = SendResult.AMBIGUOUS
REFUSED = SendResult.REFUSED


def _each(result: SendResult, *words: str) -> dict[str, SendResult]:
    return dict.fromkeys(words, result)


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
            words=all_of(at("warnings", "recipients", "reasons"), at("warnings", "recipients", "reason"), mailersends),
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
            words=mailjets,
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
            words=postmarks,
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
