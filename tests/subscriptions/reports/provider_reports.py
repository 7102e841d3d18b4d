"""What each provider posts about a mail, and how it proves that it is the one who posts; written from their manuals.

A kind is one of delivered, hard, soft and complaint. Each report is a Post, which can be spoilt before it is sent.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client

SECRET = "reports:a-long-random-password"
KEY = "a-signing-key-of-our-own"
SVIX_KEY = "whsec_" + base64.b64encode(KEY.encode()).decode()
TOPIC = "arn:aws:sns:eu-west-1:123456789012:reports"
SENDGRID_KEY = ec.generate_private_key(ec.SECP256R1())
SENDGRID_PUBLIC = base64.b64encode(
    SENDGRID_KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
BASIC = {"Authorization": "Basic " + base64.b64encode(SECRET.encode()).decode()}
JSON = "application/json"
KINDS = ("delivered", "hard", "soft", "complaint")


@dataclass(frozen=True)
class Mail:
    """What a report is about, and when it is said."""

    recipient: str = "ada@example.org"
    handle: str = ""  # of its digest, in hex
    number: int = 1  # tells one report from another
    at: datetime = datetime(2026, 6, 30, 8, 1, tzinfo=UTC)
    signed_at: datetime = datetime(2026, 6, 30, 8, 1, tzinfo=UTC)

    @property
    def metadata(self) -> dict[str, str]:
        return {"digest": self.handle} if self.handle else {}

    @property
    def epoch(self) -> int:
        return int(self.at.timestamp())

    @property
    def id(self) -> str:
        return f"event-{self.number}-{self.recipient}"


@dataclass(frozen=True)
class Post:
    provider: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON

    def send(self, **changes: Any) -> int:
        """The status of the answer."""
        post = replace(self, **changes)
        return (
            Client(raise_request_exception=False)
            .post(
                f"/anymail/{post.provider}/tracking/", post.body, content_type=post.content_type, headers=post.headers
            )
            .status_code
        )


def postmark(kind: str, mail: Mail) -> Post:
    at = mail.at.isoformat()
    fields = {
        "delivered": {"RecordType": "Delivery", "DeliveredAt": at, "Recipient": mail.recipient},
        "hard": {"RecordType": "Bounce", "Type": "HardBounce", "ID": mail.number * 4, "BouncedAt": at},
        "soft": {"RecordType": "Bounce", "Type": "SoftBounce", "ID": mail.number * 4 + 1, "BouncedAt": at},
        "complaint": {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "ID": mail.number * 4 + 2},
    }[kind]
    event = {"MessageID": f"mail-{mail.number}", "Email": mail.recipient, "Metadata": mail.metadata, **fields}
    return Post("postmark", json.dumps(event).encode(), BASIC)


def brevo(kind: str, mail: Mail) -> Post:
    names = {"delivered": "delivered", "hard": "hard_bounce", "soft": "soft_bounce", "complaint": "spam"}
    event = {"event": names[kind], "email": mail.recipient, "message-id": f"<{mail.number}@example.org>"}
    event |= {"ts_epoch": mail.epoch * 1000, "X-Mailin-custom": json.dumps(mail.metadata)}  # type: ignore[dict-item]
    return Post("brevo", json.dumps(event).encode(), BASIC)


def sparkpost(kind: str, mail: Mail) -> Post:
    types = {"delivered": "delivery", "hard": "bounce", "soft": "bounce", "complaint": "spam_complaint"}
    event = {"type": types[kind], "event_id": mail.id + kind, "timestamp": str(mail.epoch), "rcpt_meta": mail.metadata}
    event |= {"raw_rcpt_to": mail.recipient, "transmission_id": str(mail.number)}
    event |= {"bounce_class": {"hard": "10", "soft": "22"}[kind]} if types[kind] == "bounce" else {}
    return Post("sparkpost", json.dumps([{"msys": {"message_event": event}}]).encode(), BASIC)


def mailjet(kind: str, mail: Mail) -> Post:
    names = {"delivered": "sent", "hard": "bounce", "soft": "bounce", "complaint": "spam"}
    event: dict[str, Any] = {"event": names[kind], "time": mail.epoch, "MessageID": mail.number}
    event |= {"email": mail.recipient, "Payload": json.dumps(mail.metadata)}
    bounces = {
        "hard": {"hard_bounce": True, "error": "user unknown"},
        "soft": {"hard_bounce": False, "error": "quota exceeded"},
    }
    return Post("mailjet", json.dumps([event | bounces.get(kind, {})]).encode(), BASIC)


def amazon_ses(kind: str, mail: Mail, topic: str = TOPIC) -> Post:
    bounced = [{"emailAddress": mail.recipient, "status": "5.1.1" if kind == "hard" else "5.2.2"}]
    kinds: dict[str, dict[str, Any]] = {
        "delivered": {"eventType": "Delivery", "delivery": {"recipients": [mail.recipient]}},
        "hard": {
            "eventType": "Bounce",
            "bounce": {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": bounced},
        },
        "soft": {
            "eventType": "Bounce",
            "bounce": {"bounceType": "Transient", "bounceSubType": "MailboxFull", "bouncedRecipients": bounced},
        },
        "complaint": {
            "eventType": "Complaint",
            "complaint": {"complainedRecipients": [{"emailAddress": mail.recipient}]},
        },
    }
    headers = [{"name": "X-Metadata", "value": json.dumps(mail.metadata)}]
    told = kinds[kind] | {"mail": {"messageId": "m", "destination": [mail.recipient], "headers": headers}}
    message = {"Type": "Notification", "MessageId": mail.id + kind, "TopicArn": topic, "Message": json.dumps(told)}
    message |= {"Timestamp": mail.at.isoformat()}
    sns = {"X-Amz-Sns-Message-Type": "Notification", "X-Amz-Sns-Message-Id": mail.id + kind}
    return Post("amazon_ses", json.dumps(message).encode(), BASIC | sns, "text/plain; charset=UTF-8")


def mailgun(kind: str, mail: Mail) -> Post:
    names = {"delivered": "delivered", "hard": "failed", "soft": "failed", "complaint": "complained"}
    event: dict[str, Any] = {"event": names[kind], "recipient": mail.recipient, "timestamp": mail.epoch}
    event |= {"id": mail.id, "user-variables": mail.metadata}
    bounces = {
        "hard": {"severity": "permanent", "reason": "bounce", "delivery-status": {"code": 550, "message": "5.1.1 no"}},
        "soft": {"severity": "permanent", "reason": "old", "delivery-status": {"code": 602, "message": "too old"}},
    }
    token, time = hashlib.sha256(f"{mail.id}{kind}".encode()).hexdigest()[:50], str(int(mail.signed_at.timestamp()))
    signature = hmac.new(KEY.encode(), f"{time}{token}".encode(), "sha256").hexdigest()
    signed = {"token": token, "timestamp": time, "signature": signature}
    body = {"signature": signed, "event-data": event | bounces.get(kind, {})}
    return Post("mailgun", json.dumps(body).encode())


def resend(kind: str, mail: Mail) -> Post:
    names = {"delivered": "delivered", "hard": "bounced", "soft": "bounced", "complaint": "complained"}
    headers = [{"name": "X-Metadata", "value": json.dumps(mail.metadata)}]
    data: dict[str, Any] = {"email_id": str(mail.number), "to": [mail.recipient], "headers": headers}
    bounces = {
        "hard": {"type": "Permanent", "subType": "General", "message": "sent a hard bounce message"},
        "soft": {"type": "Transient", "subType": "MailboxFull", "message": "sent a bounce message: full"},
    }
    data |= {"bounce": bounces[kind]} if kind in bounces else {}
    body = json.dumps({"type": f"email.{names[kind]}", "created_at": mail.at.isoformat(), "data": data})
    time, name = str(int(mail.signed_at.timestamp())), mail.id + kind
    digest = hmac.new(KEY.encode(), f"{name}.{time}.{body}".encode(), "sha256").digest()
    svix = {"svix-id": name, "svix-timestamp": time, "svix-signature": f"v1,{base64.b64encode(digest).decode()}"}
    return Post("resend", body.encode(), svix)


def sendgrid(kind: str, mail: Mail) -> Post:
    names = {"delivered": "delivered", "hard": "bounce", "soft": "bounce", "complaint": "spamreport"}
    event: dict[str, Any] = {"event": names[kind], "email": mail.recipient, "timestamp": mail.epoch}
    event |= {"sg_event_id": mail.id + kind, **mail.metadata}
    bounces = {"hard": {"type": "bounce", "status": "5.1.1"}, "soft": {"type": "bounce", "status": "5.2.2"}}
    body = json.dumps([event | bounces.get(kind, {})]).encode()
    time = str(int(mail.signed_at.timestamp()))
    signature = SENDGRID_KEY.sign(time.encode() + body, ec.ECDSA(hashes.SHA256()))
    proof = {
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": time,
    }
    return Post("sendgrid", body, proof)


def mailersend(kind: str, mail: Mail) -> Post:
    names = {"delivered": "delivered", "hard": "hard_bounced", "soft": "soft_bounced", "complaint": "spam_complaint"}
    email = {"recipient": {"email": mail.recipient}, "message": {"id": str(mail.number)}}
    email |= {"tags": ["digest", mail.handle] if mail.handle else []}  # type: ignore[dict-item]
    data = {"type": names[kind], "id": mail.id + kind, "created_at": mail.at.isoformat(), "email": email}
    body = json.dumps({"type": f"activity.{names[kind]}", "data": data}).encode()
    return Post("mailersend", body, {"Signature": hmac.new(KEY.encode(), body, "sha256").hexdigest()})


def mailtrap(kind: str, mail: Mail) -> Post:
    names = {"delivered": "delivery", "hard": "bounce", "soft": "soft bounce", "complaint": "spam"}
    event = {"event": names[kind], "message_id": str(mail.number), "email": mail.recipient, "timestamp": mail.epoch}
    body = json.dumps({"events": [event | {"event_id": mail.id + kind, "custom_variables": mail.metadata}]}).encode()
    return Post("mailtrap", body, {"Mailtrap-Signature": hmac.new(KEY.encode(), body, "sha256").hexdigest()})


def mandrill(kind: str, mail: Mail) -> Post:
    names = {"delivered": "send", "hard": "hard_bounce", "soft": "soft_bounce", "complaint": "spam"}
    told = {"email": mail.recipient, "metadata": mail.metadata, "tags": []}
    events = json.dumps([{"event": names[kind], "ts": mail.epoch, "_id": str(mail.number), "msg": told}])
    signed = f"http://testserver/anymail/mandrill/tracking/mandrill_events{events}"
    signature = base64.b64encode(hmac.new(KEY.encode(), signed.encode(), "sha1").digest()).decode()
    form = "application/x-www-form-urlencoded"
    return Post("mandrill", urlencode({"mandrill_events": events}).encode(), {"X-Mandrill-Signature": signature}, form)


PROVIDERS: dict[str, Callable[[str, Mail], Post]] = {
    maker.__name__: maker
    for maker in (
        *(amazon_ses, brevo, mailersend, mailgun, mailjet, mailtrap),
        *(mandrill, postmark, resend, sendgrid, sparkpost),
    )
}
WITH_SECRET = ("amazon_ses", "brevo", "mailjet", "postmark", "sparkpost")
ANYMAIL = {
    "WEBHOOK_SECRET": SECRET,
    "AMAZON_SES_CLIENT_PARAMS": {"region_name": "eu-west-1"},
}
SIGNED: dict[str, str] = {
    "MAILGUN_WEBHOOK_SIGNING_KEY": KEY,
    "MAILERSEND_SIGNING_SECRET": KEY,
    "MAILTRAP_TRACKING_SECRET": KEY,
    "MANDRILL_WEBHOOK_KEY": KEY,
    "RESEND_SIGNING_SECRET": SVIX_KEY,
    "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY": SENDGRID_PUBLIC,
}


def anymail_of(provider: str) -> dict[str, Any]:
    """The setting ANYMAIL of a site that uses this provider."""
    return dict(ANYMAIL) if provider in WITH_SECRET else dict(SIGNED)
