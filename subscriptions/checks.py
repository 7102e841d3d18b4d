"""System checks for settings that would double mail, let strangers report bounces, or break links."""

from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string

from subscriptions.webhook_guard import missing_proof, provider_of

NO_REPORTS = {"", "test", "console"}  # of Anymail's backends, besides all that are not Anymail's


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
    missing = "" if settings.DEBUG else missing_proof(_provider())
    if not missing or _provider() in NO_REPORTS:
        return []
    hint = (
        f"Set {missing}. A WEBHOOK_SECRET looks like a-name:a-long-random-password, and stands in the webhook's address"
        " at the provider as https://a-name:a-long-random-password@…"
    )
    said = "Mail goes through a provider, but anyone could post events to its webhook."
    return [Error(said, hint=hint, id="subscriptions.E002")]


@register()
def webhooks_can_be_verified(**kwargs: Any) -> list[CheckMessage]:
    secrets = settings.ANYMAIL.get("WEBHOOK_SECRET") or []
    found: list[CheckMessage] = []
    if any(":" not in secret for secret in ([secrets] if isinstance(secrets, str) else secrets)):
        hint = 'Write it as "WEBHOOK_SECRET": "a-name:a-long-random-password".'
        found.append(Error("WEBHOOK_SECRET has no colon: no event could prove it.", hint=hint, id="subscriptions.E006"))
    if settings.ANYMAIL.get("RESEND_SIGNING_SECRET") and find_spec("svix") is None:
        hint = 'Install it with: pip install "django-anymail[resend]".'
        found.append(Error("RESEND_SIGNING_SECRET needs the package svix.", hint=hint, id="subscriptions.E007"))
    return found


@register()
def the_mail_backend_exists(**kwargs: Any) -> list[CheckMessage]:
    try:
        import_string(settings.EMAIL_BACKEND)
    except ImportError as error:
        hint = "Set EMAIL_BACKEND to a backend of Django or Anymail, or leave it out and set EMAIL_URL."
        return [Error(f"EMAIL_BACKEND cannot be used: {error}", hint=hint, id="subscriptions.E003")]
    return []


@register(deploy=True)
def links_in_mail_are_safe(**kwargs: Any) -> list[CheckMessage]:
    if settings.SITE_URL.startswith("https://"):
        return []
    hint = "Set SITE_URL to the address where readers reach the site, such as https://papers.example.org."
    return [
        Warning("SITE_URL is not https: mail clients refuse one-click unsubscribe.", hint=hint, id="subscriptions.W001")
    ]


def _provider() -> str:
    """Whose API the mail goes through, by Anymail's name for it; empty for SMTP and for a backend that is none."""
    try:
        backend = import_string(settings.EMAIL_BACKEND)
    except ImportError:
        return ""
    return provider_of(getattr(backend, "esp_name", ""))
