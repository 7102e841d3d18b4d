"""System checks for settings that would double mail, let strangers report bounces, or break links."""

import re
from importlib.util import find_spec
from typing import Any

from anymail.utils import get_anymail_setting
from celery import current_app
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string

from subscriptions.mails.headers import domain_of, longest_unsubscribe_line
from subscriptions.providers import table, wrong_settings
from subscriptions.providers.table import provider_of
from subscriptions.reports.guard import missing_proof

HEADER_LINE = 76  # characters
MESSAGE_ID_ROOM = 40  # for a domain, beside 32 hexadecimal digits on a line of their own
SENDERS = {"DEFAULT_FROM_EMAIL": "DIGEST_FROM", "ACCOUNT_FROM_EMAIL": "ACCOUNT_FROM"}

NO_REPORTS = {"", "test", "console"}  # of Anymail's backends, besides all that are not Anymail's


@register()
def tasks_end_before_they_are_given_out_again(**kwargs: Any) -> list[CheckMessage]:
    """Refuse time limits at which Redis would give a running task to a second worker."""
    visibility = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("visibility_timeout")
    name, limit = _longest_limit()
    if visibility is None or visibility / 2 >= limit:
        return []
    return [
        Error(
            f"{name} ({limit} s) is more than half of the broker's visibility_timeout ({visibility} s): a slow task"
            " would be started a second time.",
            id="subscriptions.E001",
        )
    ]


@register()
def webhooks_have_a_secret(**kwargs: Any) -> list[CheckMessage]:
    """Refuse a provider's webhook that anybody could post to."""
    missing = "" if settings.DEBUG else missing_proof(_provider())
    if not missing or _provider() in NO_REPORTS:
        return []
    hint = (
        f"Set {missing}. A WEBHOOK_SECRET looks like a-name:a-long-random-password, and stands in the webhook's address"
        " at the provider as https://a-name:a-long-random-password@…"
    )
    message = "Mail goes through a provider, but anyone could post events to its webhook."
    return [Error(message, hint=hint, id="subscriptions.E002")]


@register()
def webhooks_can_be_verified(**kwargs: Any) -> list[CheckMessage]:
    """Refuse secrets by which no event could be verified."""
    secrets = settings.ANYMAIL.get("WEBHOOK_SECRET") or []
    errors: list[CheckMessage] = []
    if any(":" not in secret for secret in ([secrets] if isinstance(secrets, str) else secrets)):
        hint = 'Write it as "WEBHOOK_SECRET": "a-name:a-long-random-password".'
        errors.append(
            Error("WEBHOOK_SECRET has no colon: no event could prove it.", hint=hint, id="subscriptions.E006")
        )
    return errors


@register()
def the_provider_is_complete(**kwargs: Any) -> list[CheckMessage]:
    """Refuse a provider whose packages are not installed, whose settings are not all there, or do not fit."""
    errors: list[CheckMessage] = []
    if row := table.in_use():
        hint = "Install what the lock file names: python -m pip install --require-hashes -r requirements.lock."
        for name in [name for name in row.packages if find_spec(name) is None]:
            errors.append(
                Error(f"Mail through {row.title} needs the package {name}.", hint=hint, id="subscriptions.E007")
            )
    extras = {name: getattr(settings, name) for name in ("DIGEST_ESP_EXTRA", "ACCOUNT_ESP_EXTRA")}
    for problem in wrong_settings.problems(settings.EMAIL_BACKEND, settings.ANYMAIL, extras):
        errors.append(Error(problem[:1].upper() + problem[1:], id="subscriptions.E010"))
    return errors


@register()
def the_mail_backend_exists(**kwargs: Any) -> list[CheckMessage]:
    """Refuse a mail backend that cannot be imported."""
    try:
        import_string(settings.EMAIL_BACKEND)
    except ImportError as error:
        hint = "Set EMAIL_BACKEND to a backend of Django or Anymail, or leave it out and set EMAIL_URL."
        return [Error(f"EMAIL_BACKEND cannot be used: {error}", hint=hint, id="subscriptions.E003")]
    return []


@register()
def headers_fit_on_their_lines(**kwargs: Any) -> list[CheckMessage]:
    """Refuse addresses so long that mail libraries would break the unsubscribe header over lines."""
    errors: list[CheckMessage] = []
    link = longest_unsubscribe_line()
    if len(link) > HEADER_LINE or not re.fullmatch(r" <[!#-;=?-~]+>", link):
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


# Each may take EMAIL_TIMEOUT for itself: sender and recipient on a connection that has fallen silent, its goodbye; then
# connecting, the greeting, hello, encrypting in two steps, hello again, logging in by three lines; sender, recipient,
# data, the body on its way; and the end of a transaction that was refused.
STAGES_OF_SMTP = 17


@register()
def a_mail_on_its_way_is_not_given_up(**kwargs: Any) -> list[CheckMessage]:
    """Refuse a sweeper that would call a digest uncertain while its sender may still be at it."""
    least = max(_longest_hand_over(), settings.LEASE_SECONDS)
    if least < settings.UNCERTAIN_AFTER_SECONDS:
        return []
    message = (
        f"UNCERTAIN_AFTER_SECONDS ({settings.UNCERTAIN_AFTER_SECONDS}) must be more than {least:g}, which handing one"
        " mail over or a batch's lease (LEASE_SECONDS) may take."
    )
    kind = Warning if settings.DEBUG else Error  # a developer may want to see quickly what becomes of a lost mail
    hint = "Raise it, or lower SMTP_ANSWER_SECONDS if mail goes to a mail server; 900 suits the default time-outs."
    return [kind(message, hint=hint, id="subscriptions.E008")]


@register()
def what_the_provider_is_told_is_not_logged(**kwargs: Any) -> list[CheckMessage]:
    """Refuse Anymail's log of its requests in production."""
    if settings.DEBUG or not get_anymail_setting("debug_api_requests", default=False):
        return []
    hint = "Take DEBUG_API_REQUESTS out of ANYMAIL."
    return [Error("Addresses, mails and the provider's key would be logged.", hint=hint, id="subscriptions.E009")]


@register(deploy=True)
def links_in_mail_are_safe(**kwargs: Any) -> list[CheckMessage]:
    """Warn of links that are not https."""
    if settings.SITE_URL.startswith("https://"):
        return []
    hint = "Set SITE_URL to the address where readers reach the site, such as https://papers.example.org."
    return [
        Warning("SITE_URL is not https: mail clients refuse one-click unsubscribe.", hint=hint, id="subscriptions.W001")
    ]


def _longest_limit() -> tuple[str, int]:
    """Return the name of the longest time limit of a task, and its seconds."""
    current_app.loader.import_default_modules()  # else the tasks alone are known that something else has loaded
    own = [(f"The limit of {task.name}", task.time_limit or 0) for task in current_app.tasks.values()]
    return max([("CELERY_TASK_TIME_LIMIT", settings.CELERY_TASK_TIME_LIMIT), *own], key=lambda limit: limit[1])


def _longest_hand_over() -> float:
    """Return the seconds that one mail may take at most from the claim to the answer."""
    if not settings.EMAIL_BACKEND.startswith("anymail.backends."):
        return float(STAGES_OF_SMTP * settings.EMAIL_TIMEOUT + settings.SMTP_ANSWER_SECONDS)
    limit = settings.ANYMAIL.get("REQUESTS_TIMEOUT", 30)
    return float(sum(limit) if isinstance(limit, (list, tuple)) else 2 * limit)


def _provider() -> str:
    """Return Anymail's name for the provider whose API the mail goes through; '' for SMTP and any other backend."""
    try:
        backend = import_string(settings.EMAIL_BACKEND)
    except ImportError:
        return ""
    return provider_of(getattr(backend, "esp_name", ""))
