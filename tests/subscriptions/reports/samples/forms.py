"""What stands around the fields that make a report's kind: in each provider's shape, for any mail."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.subscriptions.reports.provider_reports import Mail

Event = dict[str, Any]
DEAD = "550 5.1.1 nobody of that name lives here"
FULL = "452 4.2.2 the box is full"
SPAMMY = "550 5.7.1 our filter does not like this"
BARE = "550 no thanks"  # without a code of RFC 3463
DOMAIN = "papers.example.org"


@dataclass(frozen=True)
class Sample:
    provider: str
    name: str
    fields: Event
    meaning: str

    def __str__(self) -> str:
        return f"{self.provider} {self.name}"


def message_id(mail: Mail) -> str:
    return f"{mail.handle}@{DOMAIN}"


def amazon_ses(fields: Event, mail: Mail) -> Event:
    headers = [
        {"name": "From", "value": f"Papers <digest@{DOMAIN}>"},
        {"name": "To", "value": mail.recipient},
        {"name": "Message-ID", "value": f"<{message_id(mail)}>"},
    ]
    about = {
        "timestamp": mail.at.isoformat(),
        "source": f"digest@{DOMAIN}",
        "sendingAccountId": "210987654321",
        "messageId": f"0102-{mail.number}-000000",
        "destination": [mail.recipient],
        "headersTruncated": False,
        "headers": headers,
        "commonHeaders": {"messageId": message_id(mail), "to": [mail.recipient], "subject": "Three papers"},
    }
    return fields | {"mail": about}


def ses_bounce(kind: str, subtype: str, said: str = "", status: str = "") -> Event:
    who = {"emailAddress": "{to}", "action": "failed", "status": status, "diagnosticCode": f"smtp; {said}"}
    about = {"bounceType": kind, "bounceSubType": subtype, "bouncedRecipients": [who], "feedbackId": "f-1"}
    return {"eventType": "Bounce", "bounce": about}


def ses_complaint(kind: str | None, subtype: str | None = None) -> Event:
    about = {"complainedRecipients": [{"emailAddress": "{to}"}], "complaintSubType": subtype, "feedbackId": "f-2"}
    return {"eventType": "Complaint", "complaint": about | ({"complaintFeedbackType": kind} if kind else {})}


def brevo(fields: Event, mail: Mail) -> Event:
    about = {"id": 4711, "email": mail.recipient, "subject": "Three papers", "sending_ip": "192.0.2.7"}
    about |= {"date": f"{mail.at:%Y-%m-%d %H:%M:%S}", "ts": mail.epoch, "ts_event": mail.epoch}
    about |= {"message-id": f"<{message_id(mail)}>", "ts_epoch": mail.epoch * 1000, "tag": "digest", "tags": ["digest"]}
    return about | fields


def mailersend(fields: Event, mail: Mail) -> Event:
    email = {
        "object": "email",
        "id": f"e{mail.number}",
        "from": f"digest@{DOMAIN}",
        "subject": "Three papers",
        "status": "sent",
        "tags": ["digest", mail.handle],
        "message": {"object": "message", "id": f"m{mail.number}"},
        "recipient": {"object": "recipient", "id": "r1", "email": mail.recipient},
    }
    activity = {"object": "activity", "id": mail.id, "created_at": mail.at.isoformat(), "email": email, "morph": None}
    return {"type": f"activity.{fields['type']}", "domain_id": "d1", "webhook_id": "w1", "data": activity | fields}


def mailgun(fields: Event, mail: Mail) -> Event:
    about = {
        "id": mail.id,
        "timestamp": float(mail.epoch),
        "recipient": mail.recipient,
        "recipient-domain": "example.org",
        "tags": ["digest"],
        "user-variables": {},
        "flags": {"is-authenticated": True, "is-test-mode": False},
        "message": {"headers": {"message-id": message_id(mail), "to": mail.recipient, "subject": "Three papers"}},
    }
    return about | fields


def mailgun_failure(severity: str, reason: str, said: str = "", code: int = 550) -> Event:
    status = {"code": code, "message": said, "description": "", "attempt-no": 1}
    return {"event": "failed", "severity": severity, "reason": reason, "delivery-status": status}


def mailjet(fields: Event, mail: Mail) -> Event:
    about = {
        "time": mail.epoch,
        "MessageID": 7_000_000_000_000_000 + mail.number,
        "Message_GUID": f"guid-{mail.number}",
        "email": mail.recipient,
        "mj_campaign_id": 11,
        "mj_contact_id": 22,
        "customcampaign": "digest",
        "CustomID": "",
        "Payload": f'{{"digest": "{mail.handle}"}}',
    }
    return about | fields


def mailtrap(fields: Event, mail: Mail) -> Event:
    about = {"timestamp": mail.epoch, "sending_stream": "transactional", "category": "digest", "email": mail.recipient}
    about |= {"message_id": f"mt-{mail.number}", "event_id": mail.id, "sending_domain_name": DOMAIN}  # type: ignore[dict-item]
    return about | {"custom_variables": {"digest": mail.handle}} | fields


def mandrill(fields: Event, mail: Mail) -> Event:
    about = {
        "ts": mail.epoch,
        "subject": "Three papers",
        "email": mail.recipient,
        "sender": f"digest@{DOMAIN}",
        "tags": ["digest"],
        "opens": [],
        "clicks": [],
        "state": "sent",
        "metadata": {"digest": mail.handle},
        "_id": f"md{mail.number}",
        "_version": "v1",
    }
    rest = {key: value for key, value in fields.items() if key != "msg"}
    return {"_id": f"md{mail.number}", "ts": mail.epoch, "msg": about | fields.get("msg", {})} | rest


def postal(fields: Event, mail: Mail) -> Event:
    about = {
        "id": 9000 + mail.number,
        "token": "tok",
        "direction": "outgoing",
        "message_id": message_id(mail),
        "to": mail.recipient,
        "from": f"digest@{DOMAIN}",
        "subject": "Three papers",
        "timestamp": float(mail.epoch),
        "spam_status": "NotChecked",
        "tag": "digest",
    }
    name = "original_message" if "bounce" in fields["payload"] else "message"
    payload = {name: about, "timestamp": float(mail.epoch)} | fields["payload"]
    return {"event": fields["event"], "timestamp": float(mail.epoch), "uuid": mail.id, "payload": payload}


def postmark(fields: Event, mail: Mail) -> Event:
    about = {"MessageID": f"pm-{mail.number}", "ServerID": 5, "MessageStream": "broadcast", "Tag": "digest"}
    at = {"BouncedAt": mail.at.isoformat()} if fields["RecordType"] == "Bounce" else {"ChangedAt": mail.at.isoformat()}
    return about | {"Recipient": mail.recipient, "Metadata": {"digest": mail.handle}} | at | fields


def resend(fields: Event, mail: Mail) -> Event:
    data = {
        "created_at": mail.at.isoformat(),
        "email_id": f"re-{mail.number}",
        "from": f"Papers <digest@{DOMAIN}>",
        "to": [mail.recipient],
        "subject": "Three papers",
        "headers": [{"name": "Message-ID", "value": f"<{message_id(mail)}>"}],
    }
    return {"created_at": mail.at.isoformat(), "type": fields["type"], "data": data | fields.get("data", {})}


def sendgrid(fields: Event, mail: Mail) -> Event:
    about = {"email": mail.recipient, "timestamp": mail.epoch, "sg_event_id": mail.id, "sg_message_id": "sg.filter-1"}
    about |= {"smtp-id": f"<{message_id(mail)}>", "anymail_id": f"any-{mail.number}", "category": ["digest"]}
    return about | fields


def sparkpost(fields: Event, mail: Mail) -> Event:
    about = {
        "event_id": mail.id,
        "timestamp": str(mail.epoch),
        "transmission_id": f"sp-{mail.number}",
        "message_id": f"spm-{mail.number}",
        "campaign_id": "digest",
        "rcpt_to": mail.recipient,
        "raw_rcpt_to": mail.recipient,
        "rcpt_meta": {"digest": mail.handle},
        "subject": "Three papers",
    }
    classes = {"open": "track_event", "click": "track_event", "initial_open": "track_event", "amp_open": "track_event"}
    classes |= {"list_unsubscribe": "unsubscribe_event", "link_unsubscribe": "unsubscribe_event"}
    classes |= {"generation_failure": "gen_event", "generation_rejection": "gen_event"}
    return {"msys": {classes.get(fields["type"], "message_event"): about | fields}}


def unisender_go(fields: Event, mail: Mail) -> Event:
    about = {"email": mail.recipient, "job_id": f"job-{mail.number}", "event_time": f"{mail.at:%Y-%m-%d %H:%M:%S}"}
    return about | {"metadata": {"digest": mail.handle}, "delivery_info": {}} | fields


AROUND: dict[str, Callable[[Event, Mail], Event]] = {
    each.__name__: each
    for each in (
        *(amazon_ses, brevo, mailersend, mailgun, mailjet, mailtrap, mandrill),
        *(postal, postmark, resend, sendgrid, sparkpost, unisender_go),
    )
}


def event_of(sample: Sample, mail: Mail) -> Event:
    """The whole event, about this mail."""
    event: Event = _filled(AROUND[sample.provider](sample.fields, mail), mail)
    return event


def _filled(value: Any, mail: Mail) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, mail) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, mail) for inner in value]
    return value.replace("{to}", mail.recipient) if isinstance(value, str) else value


def postal_status(status: str, said: str = "", details: str = "") -> Event:
    return {"status": status, "details": details, "output": said, "sent_with_ssl": True, "time": 0.5}


def sparkpost_bounce(kind: str, number: str, said: str = "") -> Event:
    return {"type": kind, "bounce_class": number, "error_code": "550", "raw_reason": said, "reason": said}


def unisender_status(status: str, error: str, said: str = "") -> Event:
    return {"status": status, "delivery_info": {"delivery_status": error, "destination_response": said}}
