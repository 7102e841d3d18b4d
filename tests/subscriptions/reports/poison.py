"""Batches of each provider in which single events are spoilt, sent as the provider would, between two good ones.

They are sent on whatever database the settings name: in the tests' own, and from a process with PostgreSQL.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from django.test import override_settings
from django.utils.timezone import now

from subscriptions.models import DeliveryEvent, EventStatus, Subscriber
from subscriptions.people.addresses import address_hash
from subscriptions.reports import events
from tests.subscriptions.reports.provider_reports import (
    ANYMAIL,
    BASIC,
    KEY,
    PROVIDERS,
    SECRET,
    SENDGRID_KEY,
    SIGNED,
    TOPIC,
    Mail,
    Post,
)

POSTAL_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
POSTAL_PUBLIC = base64.b64encode(
    POSTAL_KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
KEYS = ANYMAIL | SIGNED | {"POSTAL_WEBHOOK_KEY": POSTAL_PUBLIC, "UNISENDER_GO_API_KEY": KEY}
# As no Python value would be written: they are put into the JSON in place of their names.
RAW = {
    "deep list": "[" * 3000 + "]" * 3000,
    "deep object": '{"a":' * 3000 + "1" + "}" * 3000,
    "long number": "9" * 6000,
    "beyond floats": "1e999",
}
DATES = ["0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2026-06-30T08:01:00"]
TEXTS = ["a" * 300, "a\0b", "\ud800", "x" * 3000 + "@example.org", ""]
NUMBERS = [-62135596801, 253402300800, 10**18, float("nan"), True, None]
VALUES: list[Any] = [*RAW, *DATES, *TEXTS, *NUMBERS, [], {}, [None]]
Report = Callable[[list[Any], Mail], Post]


def text_of(value: Any) -> str:
    """JSON, with what only JSON can say."""
    text = json.dumps(value)
    for name, raw in RAW.items():
        text = text.replace(f'"{name}"', raw)
    return text


def event_of(provider: str, mail: Mail) -> Any:
    """One event about a mail that arrived, in the words of its provider."""
    if provider in OWN:
        return OWN[provider](mail)
    body = PROVIDERS["brevo" if provider == "sendinblue" else provider]("delivered", mail).body
    if provider == "mandrill":
        return json.loads(parse_qs(body.decode())["mandrill_events"][0])[0]
    read = json.loads(body)
    inner = {"mailgun": "event-data", "amazon_ses": "Message"}.get(provider)
    if provider == "mailtrap":
        return read["events"][0]
    if inner:
        return json.loads(read[inner]) if provider == "amazon_ses" else read[inner]
    return read[0] if isinstance(read, list) else read


def postal(mail: Mail) -> dict[str, Any]:
    message = {"id": mail.number, "to": mail.recipient, "tag": "digest", "direction": "outgoing"}
    payload = {"status": "Sent", "details": "accepted", "output": "250 ok", "message": message}
    return {"event": "MessageSent", "timestamp": mail.epoch, "uuid": mail.id, "payload": payload}


def unisender_go(mail: Mail) -> dict[str, Any]:
    info = {"delivery_status": "ok", "destination_response": "250 ok"}
    about = {"email": mail.recipient, "status": "delivered", "job_id": str(mail.number), "delivery_info": info}
    return about | {"event_time": f"{mail.at:%Y-%m-%d %H:%M:%S}", "metadata": mail.metadata}


OWN: dict[str, Callable[[Mail], Any]] = {"postal": postal, "unisender_go": unisender_go}
BATCHES = {"sparkpost", "mailjet", "sendgrid", "mailtrap", "mandrill", "unisender_go"}
ALL = sorted({*PROVIDERS, *OWN, "sendinblue"})


def post_of(provider: str, sent: list[Any], mail: Mail) -> Post:
    """A post with these events, proven to come from the provider; those without batches take the first one."""
    post = _proven(provider, sent, mail)
    return replace(post, headers=BASIC | post.headers)


def _proven(provider: str, sent: list[Any], mail: Mail) -> Post:
    if provider == "postal":
        body = text_of(sent[0]).encode()
        signature = base64.b64encode(POSTAL_KEY.sign(body, padding.PKCS1v15(), hashes.SHA1())).decode()
        return Post(provider, body, {"X-Postal-Signature": signature})
    if provider == "unisender_go":
        return signed_by_unisender_go({"auth": KEY, "events_by_user": [{"user_id": 1, "events": [*map(_named, sent)]}]})
    usual = PROVIDERS["brevo" if provider == "sendinblue" else provider]("delivered", mail)
    return SIGNERS.get(provider, _plain)(replace(usual, provider=provider), sent)


def _named(event: Any) -> Any:
    """An event with its kind around it, unless it bears one."""
    is_whole = isinstance(event, dict) and "event_name" in event
    return event if is_whole else {"event_name": "transactional_email_status", "event_data": event}


def signed_by_unisender_go(report: Any) -> Post:
    """A report that holds our key where its proof is to stand."""
    body = text_of(report).encode()
    return Post("unisender_go", body.replace(KEY.encode(), hashlib.md5(body).hexdigest().encode()), BASIC)


def _plain(post: Post, sent: list[Any]) -> Post:
    whole = sent if post.provider in BATCHES else sent[0]
    return replace(post, body=text_of(whole).encode())


def _mailgun(post: Post, sent: list[Any]) -> Post:
    signature = json.loads(post.body)["signature"]
    return replace(post, body=text_of({"signature": signature, "event-data": sent[0]}).encode())


def _amazon_ses(post: Post, sent: list[Any]) -> Post:
    return replace(post, body=json.dumps(json.loads(post.body) | {"Message": text_of(sent[0])}).encode())


def _resend(post: Post, sent: list[Any]) -> Post:
    body = text_of(sent[0])
    signed = f"{post.headers['svix-id']}.{post.headers['svix-timestamp']}.{body}"
    proof = base64.b64encode(hmac.new(KEY.encode(), signed.encode(), "sha256").digest()).decode()
    return replace(post, body=body.encode(), headers=post.headers | {"svix-signature": f"v1,{proof}"})


def _sendgrid(post: Post, sent: list[Any]) -> Post:
    body, prefix = text_of(sent).encode(), "X-Twilio-Email-Event-Webhook-"
    proof = SENDGRID_KEY.sign(post.headers[f"{prefix}Timestamp"].encode() + body, ec.ECDSA(hashes.SHA256()))
    return replace(post, body=body, headers=post.headers | {f"{prefix}Signature": base64.b64encode(proof).decode()})


def _hmac(post: Post, sent: list[Any]) -> Post:
    body = text_of({"events": sent} if post.provider == "mailtrap" else sent[0]).encode()
    name = "Mailtrap-Signature" if post.provider == "mailtrap" else "Signature"
    return replace(post, body=body, headers={name: hmac.new(KEY.encode(), body, "sha256").hexdigest()})


def _mandrill(post: Post, sent: list[Any]) -> Post:
    told = text_of(sent)
    signed = f"http://{SECRET}@testserver/anymail/mandrill/tracking/mandrill_events{told}"
    proof = base64.b64encode(hmac.new(KEY.encode(), signed.encode(), "sha1").digest()).decode()
    return replace(post, body=urlencode({"mandrill_events": told}).encode(), headers={"X-Mandrill-Signature": proof})


SIGNERS: dict[str, Callable[[Post, list[Any]], Post]] = {
    "mailgun": _mailgun,
    "amazon_ses": _amazon_ses,
    "resend": _resend,
    "sendgrid": _sendgrid,
    "mailersend": _hmac,
    "mailtrap": _hmac,
    "mandrill": _mandrill,
}


def spoilt(event: Any, value: Any) -> Iterator[Any]:
    """The event with the value in one of its places, in each of them in turn, and the value in place of all."""
    for path in _places(event):
        changed = deepcopy(event)
        at = changed
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        yield changed
    yield value


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from _places(one, (*path, key))


def check(provider: str, every: int = 3) -> int:
    """Send all spoilt events of a provider, each between two good ones; how many. Each good one is stored and done."""
    at = now().replace(microsecond=0)
    mail = Mail(at=at, signed_at=at)
    bad = [event for value in VALUES for event in spoilt(event_of(provider, mail), value)]
    bad = bad if provider in BATCHES else bad[::every]  # each in a post of its own
    with override_settings(ANYMAIL=KEYS, SES_TOPIC_ARNS=[TOPIC]):
        for number in range(0, len(bad), 40 if provider in BATCHES else len(bad)):
            send(
                provider,
                bad[number : number + 40] if provider in BATCHES else bad,
                replace(mail, number=(number + 1) * 1000),
            )
        events.process(now)
    assert not DeliveryEvent.objects.filter(status=EventStatus.WAITING).exists()
    return len(bad)


def _is_a_reader(address: str) -> None:
    """Reports that name nobody of ours are kept without a name."""
    Subscriber.objects.get_or_create(email=address, defaults={"address_hash": address_hash(address)})


def send(provider: str, bad: list[Any], mail: Mail) -> None:
    """Twice, as a provider does that did not hear the first answer: nothing more is stored then."""
    kinds = [replace(mail, number=mail.number + 500 + one, recipient=f"{one}@example.org") for one in (1, 2)]
    for kind in kinds:
        _is_a_reader(kind.recipient)
    batch = [event_of(provider, kinds[0]), *bad, event_of(provider, kinds[1])]
    sent = [batch] if provider in BATCHES else [[event] for event in batch]
    posts = [post_of(provider, one, replace(mail, number=mail.number + turn)) for turn, one in enumerate(sent)]
    for post in posts:
        assert post.send() == 200, post
    stored, again = DeliveryEvent.objects.count(), {400} if provider == "mailgun" else {200}
    assert {post.send() for post in posts[:10]} == again
    assert DeliveryEvent.objects.count() == stored
    for kind in kinds:
        assert DeliveryEvent.objects.filter(address_hash=address_hash(kind.recipient)).exists()
