"""Who may report on our mail: checks before Anymail's own, which leaves some of them to us.

A provider's report is taken only if a secret or a key of its own proves that it is the provider. A refused report
changes nothing.
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt

from papers.shared_clock import now
from subscriptions.enqueue import enqueue
from subscriptions.models import DeliveryEvent
from subscriptions.providers import table
from subscriptions.providers.row import Signature
from subscriptions.reports import safe_values
from subscriptions.reports.one_by_one import OneByOne, Refused, flatten

logger = logging.getLogger(__name__)
MOST_BYTES = 2_000_000  # of a batch: a thousand events of Mandrill are 1.1 MB, and none of the others sends more
LONGEST_PING = 4000  # bytes
View = Callable[..., HttpResponse]


def missing_proof(provider: str) -> str:
    """Return the setting without which anyone could report in this provider's name; '' if there is none."""
    secret, signature = settings.ANYMAIL.get("WEBHOOK_SECRET"), _signature(provider)
    key = f"{provider.upper()}_{signature.key}" if signature else ""
    if settings.ANYMAIL.get(key) or (secret and signature and signature.secret_will_do):
        return ""
    if key or not secret:
        return f'"{key or "WEBHOOK_SECRET"}" in ANYMAIL'
    return "SES_TOPIC_ARNS" if provider == "amazon_ses" and not settings.SES_TOPIC_ARNS else ""


def _signature(provider: str) -> Signature | None:
    row = table.of_name(provider)
    return row.signature if row else None


def guarded(provider: str, class_name: str) -> View:
    """Return a view of Anymail's that gets only reports that pass our own checks.

    It is imported with the first of them: an installation uses one provider, and what the others bring along would cost
    each process time and memory at its start.
    """
    anymails = cache(lambda: _one_by_one(f"anymail.webhooks.{provider}.{class_name}"))

    def receive(request: HttpRequest, **arguments: Any) -> HttpResponse:
        if _is_a_ping(provider, request):
            return HttpResponse()
        _check(provider, request)
        with transaction.atomic():
            answer = anymails()(request, **arguments)
            if request.method == "POST" and answer.status_code == 200:
                enqueue("process_events")
        return answer

    return csrf_exempt(receive)


def _one_by_one(view: str) -> View:
    view_class = import_string(view)
    guarded_class: Any = type(view_class.__name__, (OneByOne, view_class), {})
    return cast(View, guarded_class.as_view())


def _check(provider: str, request: HttpRequest) -> None:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length[:20]) > MOST_BYTES:
        raise Refused(f"A report of {provider} is too long.")
    if missing := missing_proof(provider):
        raise Refused(f"Nothing proves that {provider} reports: set {missing}.")
    signature = _signature(provider)
    if request.method == "POST" and not (signature and signature.is_of_the_body):
        flatten(request)
    if request.method == "POST" and provider in CHECKS:
        CHECKS[provider](request)


def _is_a_ping(provider: str, request: HttpRequest) -> bool:
    """Tell whether MailerSend asks if somebody is there: nothing follows from it, whoever asks.

    It makes a webhook, and the key with which that signs, only when this is answered: the ping itself is signed with a
    key that stands in its manual.
    """
    if provider != "mailersend" or request.method != "POST":
        return False
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length[:20]) > LONGEST_PING:
        return False
    try:
        return bool(_json(request).get("type") == "webhook.test")
    except (Refused, RecursionError):
        return False


def _is_from_our_topic(request: HttpRequest) -> None:
    """Refuse other topics: Anymail does not verify the signature of Amazon SNS, and the secret alone allows any."""
    if request.headers.get("x-amz-sns-rawdelivery", "").lower() == "true":
        raise Refused("A report of Amazon SES came bare: switch raw message delivery off in the subscription of SNS.")
    if _json(request).get("TopicArn") not in settings.SES_TOPIC_ARNS:
        raise Refused("A report of Amazon SES comes from a topic that is not in SES_TOPIC_ARNS.")


def _is_new(request: HttpRequest) -> None:
    """Refuse a repeated token: Mailgun does not sign the report itself, so that another could come with the same."""
    signed = _json(request).get("signature") if request.content_type == "application/json" else request.POST
    if not isinstance(signed, dict):
        raise Refused("A report of Mailgun is not signed.")
    token, signed_at = str(signed.get("token", "")), _time(str(signed.get("timestamp", "")))
    if abs(now() - signed_at) > timedelta(seconds=settings.WEBHOOK_MAX_AGE_SECONDS):
        raise Refused("A report of Mailgun is too old, or the clock of this machine is wrong.")
    if DeliveryEvent.objects.filter(provider="Mailgun", event_id=safe_values.name(token)).exists():
        raise Refused("A report of Mailgun came with a token that was used before.")


CHECKS: dict[str, Callable[[HttpRequest], None]] = {"amazon_ses": _is_from_our_topic, "mailgun": _is_new}


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise Refused("A report is not JSON.") from error
    if not isinstance(body, dict):
        raise Refused("A report is not a JSON object.")
    return body


def _time(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(seconds), tz=now().tzinfo)
    except (ArithmeticError, ValueError, OSError) as error:
        raise Refused("A report has no time.") from error
