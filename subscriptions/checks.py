"""System checks for settings that would double mail, let strangers report bounces, or break links."""

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string

from subscriptions.mail_headers import domain_of, longest_unsubscribe_header

HEADER_LINE = 76  # characters
MESSAGE_ID_ROOM = 40  # for a domain, beside 32 hexadecimal digits on a line of their own
SENDERS = {"DEFAULT_FROM_EMAIL": "DIGEST_FROM", "ACCOUNT_FROM_EMAIL": "ACCOUNT_FROM"}
WEBHOOK_SECRETS = ("WEBHOOK_SECRET", "_SIGNING_KEY", "_WEBHOOK_KEY", "_VERIFICATION_KEY", "_SIGNING_SECRET")


@register()
def tasks_end_before_they_are_given_out_again(**kwargs: Any) -> list[CheckMessage]:
    """Redis hands a message to a second worker after the visibility time-out, whether or not the first is done."""
    visibility = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("visibility_timeout")
    if visibility is None or visibility / 2 >= settings.CELERY_TASK_TIME_LIMIT:
        return []
    return [
        Error(
            f"CELERY_TASK_TIME_LIMIT ({settings.CELERY_TASK_TIME_LIMIT} s) is more than half of the broker's"
            f" visibility_timeout ({visibility} s): a slow task would be started a second time.",
            id="subscriptions.E001",
        )
    ]


@register()
def webhooks_have_a_secret(**kwargs: Any) -> list[CheckMessage]:
    through_a_provider = settings.EMAIL_BACKEND.startswith("anymail.backends.")
    if settings.DEBUG or not through_a_provider or _knows_its_provider(settings.ANYMAIL):
        return []
    return [
        Error(
            "Mail goes through a provider, but anyone could post events to its webhook.",
            hint='Add "WEBHOOK_SECRET": "a-name:a-long-random-password" to ANYMAIL, or your provider\'s signing key.',
            id="subscriptions.E002",
        )
    ]


@register()
def the_mail_backend_exists(**kwargs: Any) -> list[CheckMessage]:
    try:
        import_string(settings.EMAIL_BACKEND)
    except ImportError as error:
        hint = "Set EMAIL_BACKEND to a backend of Django or Anymail, or leave it out and set EMAIL_URL."
        return [Error(f"EMAIL_BACKEND cannot be used: {error}", hint=hint, id="subscriptions.E003")]
    return []


@register()
def headers_fit_on_their_lines(**kwargs: Any) -> list[CheckMessage]:
    """Mail libraries rewrite a longer line so that mail programs no longer find the unsubscribe link in it."""
    link, errors = longest_unsubscribe_header(), []
    if len(link) > HEADER_LINE or not re.fullmatch(r"[!-~]+ <[!#-;=?-~]+>", link):
        most = HEADER_LINE - len(link) + len(settings.SITE_URL)
        hint = f"Set SITE_URL to an address of at most {most} characters of ASCII, such as https://papers.example.org."
        errors.append(Error("SITE_URL is too long for the unsubscribe header.", hint=hint, id="subscriptions.E004"))
    for setting in ("DEFAULT_FROM_EMAIL", "ACCOUNT_FROM_EMAIL"):
        domain = domain_of(getattr(settings, setting))
        if not re.fullmatch(rf"[a-zA-Z0-9.-]{{1,{MESSAGE_ID_ROOM}}}", domain):
            hint = (
                f'Write it as "Paper Round <digest@example.org>", with a domain of at most {MESSAGE_ID_ROOM} letters.'
            )
            name = SENDERS[setting]
            errors.append(Error(f"{name} has no address that mail can come from.", hint=hint, id="subscriptions.E005"))
    return errors


@register(deploy=True)
def links_in_mail_are_safe(**kwargs: Any) -> list[CheckMessage]:
    if settings.SITE_URL.startswith("https://"):
        return []
    hint = "Set SITE_URL to the address where readers reach the site, such as https://papers.example.org."
    return [
        Warning("SITE_URL is not https: mail clients refuse one-click unsubscribe.", hint=hint, id="subscriptions.W001")
    ]


def _knows_its_provider(anymail: dict[str, Any]) -> bool:
    return any(value for name, value in anymail.items() if name.endswith(WEBHOOK_SECRETS))
