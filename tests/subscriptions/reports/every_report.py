"""Reports of every kind that each provider documents, in the shape in which it posts them.

Names, ids, addresses and sentences are our own. A Sample holds the fields that make its kind; the rest of an event is
the same for all kinds of a provider, and is put around it by `event_of`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from subscriptions.models import Meaning
from tests.subscriptions.reports.provider_reports import Mail

READING = "who reads"  # in place of a meaning: nothing of it may be kept
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


def _bounce(kind: str, subtype: str, said: str = "", status: str = "") -> Event:
    who = {"emailAddress": "{to}", "action": "failed", "status": status, "diagnosticCode": f"smtp; {said}"}
    about = {"bounceType": kind, "bounceSubType": subtype, "bouncedRecipients": [who], "feedbackId": "f-1"}
    return {"eventType": "Bounce", "bounce": about}


def _complaint(kind: str | None, subtype: str | None = None) -> Event:
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


def _failed(severity: str, reason: str, said: str = "", code: int = 550) -> Event:
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


def _status(status: str, said: str = "", details: str = "") -> Event:
    return {"status": status, "details": details, "output": said, "sent_with_ssl": True, "time": 0.5}


def _spark(kind: str, number: str, said: str = "") -> Event:
    return {"type": kind, "bounce_class": number, "error_code": "550", "raw_reason": said, "reason": said}


def _uni(status: str, error: str, said: str = "") -> Event:
    return {"status": status, "delivery_info": {"delivery_status": error, "destination_response": said}}


M = Meaning
KINDS: dict[str, dict[str, tuple[Event, str]]] = {
    "amazon_ses": {
        "send": ({"eventType": "Send", "send": {}}, M.ACCEPTED),
        "delivery": ({"eventType": "Delivery", "delivery": {"recipients": ["{to}"]}}, M.DELIVERED),
        "old notification": ({"notificationType": "Delivery", "delivery": {"recipients": ["{to}"]}}, M.DELIVERED),
        "delay": (
            {"eventType": "DeliveryDelay", "deliveryDelay": {"delayType": "MailboxFull", "delayedRecipients": []}},
            M.ACCEPTED,
        ),
        "hard": (_bounce("Permanent", "General", DEAD, "5.1.1"), M.HARD),
        "hard without a code": (_bounce("Permanent", "NoEmail"), M.HARD),
        "hard by a policy": (_bounce("Permanent", "General", SPAMMY, "5.7.1"), M.BLOCKED),
        "suppressed": (_bounce("Permanent", "Suppressed", "550 5.1.1 on our list"), M.REFUSED),
        "on the account's list": (_bounce("Permanent", "OnAccountSuppressionList"), M.REFUSED),
        "has left": (_bounce("Permanent", "UnsubscribedRecipient"), M.UNSUBSCRIBED),
        "full": (_bounce("Transient", "MailboxFull", FULL, "4.2.2"), M.SOFT),
        "away": (_bounce("Transient", "General"), M.SOFT),
        "too large": (_bounce("Transient", "MessageTooLarge"), M.BLOCKED),
        "content": (_bounce("Transient", "ContentRejected"), M.BLOCKED),
        "attachment": (_bounce("Transient", "AttachmentRejected"), M.BLOCKED),
        "undetermined": (_bounce("Undetermined", "Undetermined"), M.SOFT),
        "abuse": (_complaint("abuse"), M.COMPLAINT),
        "complaint": (_complaint(None), M.COMPLAINT),
        "fraud": (_complaint("fraud"), M.COMPLAINT),
        "not spam": (_complaint("not-spam"), M.ACCEPTED),
        "virus": (_complaint("virus"), M.BLOCKED),
        "sender not proved": (_complaint("auth-failure"), M.BLOCKED),
        "opt-out": (_complaint("opt-out"), M.UNSUBSCRIBED),
        "complained before": (_complaint(None, "OnAccountSuppressionList"), M.REFUSED),
        "reject": ({"eventType": "Reject", "reject": {"reason": "Bad content"}}, M.BLOCKED),
        "rendering": (
            {"eventType": "Rendering Failure", "failure": {"errorMessage": "no value", "templateName": "t"}},
            M.NOTHING,
        ),
        "leaves a topic": (
            {"eventType": "Subscription", "subscription": {"newTopicPreferences": {"unsubscribeAll": False}}},
            M.NOTHING,
        ),
        "leaves all": (
            {"eventType": "Subscription", "subscription": {"newTopicPreferences": {"unsubscribeAll": True}}},
            M.UNSUBSCRIBED,
        ),
        "open": ({"eventType": "Open", "open": {"ipAddress": "192.0.2.9", "userAgent": "A"}}, READING),
        "click": ({"eventType": "Click", "click": {"link": "https://example.org/x", "userAgent": "A"}}, READING),
    },
    "brevo": {
        "request": ({"event": "request"}, M.ACCEPTED),
        "deferred": ({"event": "deferred", "reason": FULL}, M.ACCEPTED),
        "delivered": ({"event": "delivered"}, M.DELIVERED),
        "hard": ({"event": "hard_bounce", "reason": DEAD}, M.HARD),
        "hard by a policy": ({"event": "hard_bounce", "reason": SPAMMY}, M.BLOCKED),
        "soft": ({"event": "soft_bounce", "reason": FULL}, M.SOFT),
        "invalid": ({"event": "invalid_email"}, M.HARD),
        "blocked": ({"event": "blocked", "reason": "blocked : due to its owner"}, M.BLOCKED),
        "spam": ({"event": "spam"}, M.COMPLAINT),
        "complaint": ({"event": "complaint"}, M.COMPLAINT),
        "unsubscribe": ({"event": "unsubscribe"}, M.UNSUBSCRIBED),
        "error": ({"event": "error", "reason": "something broke"}, M.NOTHING),
        "list": ({"event": "list_addition"}, M.NOTHING),
        "opened": ({"event": "opened"}, READING),
        "first opened": ({"event": "unique_opened"}, READING),
        "opened by a proxy": ({"event": "proxy_open"}, READING),
        "first opened by a proxy": ({"event": "unique_proxy_open"}, READING),
        "click": ({"event": "click", "link": "https://example.org/x"}, READING),
    },
    "mailersend": {
        "sent": ({"type": "sent"}, M.ACCEPTED),
        "deferred": ({"type": "deferred"}, M.ACCEPTED),
        "delivered": ({"type": "delivered"}, M.DELIVERED),
        "hard": ({"type": "hard_bounced", "morph": {"object": "recipient_bounce", "reason": DEAD}}, M.HARD),
        "hard by a policy": (
            {"type": "hard_bounced", "morph": {"object": "recipient_bounce", "reason": SPAMMY}},
            M.BLOCKED,
        ),
        "soft": ({"type": "soft_bounced", "morph": {"object": "recipient_bounce", "reason": "who knows"}}, M.SOFT),
        "spam": ({"type": "spam_complaint", "morph": {"object": "spam_complaint", "reason": None}}, M.COMPLAINT),
        "unsubscribed": (
            {"type": "unsubscribed", "morph": {"object": "recipient_unsubscribe", "reason": "option_1"}},
            M.UNSUBSCRIBED,
        ),
        "opened": ({"type": "opened", "morph": {"object": "open", "ip": "192.0.2.9"}}, READING),
        "first opened": ({"type": "opened_unique"}, READING),
        "clicked": ({"type": "clicked", "morph": {"object": "click", "url": "https://example.org/x"}}, READING),
        "first clicked": ({"type": "clicked_unique"}, READING),
        "survey": ({"type": "survey_opened"}, READING),
    },
    "mailgun": {
        "accepted": ({"event": "accepted"}, M.ACCEPTED),
        "delivered": ({"event": "delivered", "delivery-status": {"code": 250, "message": "OK"}}, M.DELIVERED),
        "temporary": (_failed("temporary", "generic", "no MX", 498), M.ACCEPTED),
        "greylisted": (_failed("temporary", "greylisted", "450 try later", 450), M.ACCEPTED),
        "hard": (_failed("permanent", "bounce", DEAD), M.HARD),
        "hard by a policy": (_failed("permanent", "bounce", SPAMMY), M.BLOCKED),
        "generic without a code": (_failed("permanent", "generic", BARE), M.BLOCKED),
        "generic with a code": (_failed("permanent", "generic", "5.1.1 nobody"), M.HARD),
        "a new reason": (_failed("permanent", "moonlight", BARE), M.BLOCKED),
        "blocked": (_failed("permanent", "espblock", BARE), M.BLOCKED),
        "old": (_failed("permanent", "old", "too old", 602), M.SOFT),
        "bounced before": (_failed("permanent", "suppress-bounce", "", 605), M.REFUSED),
        "complained before": (_failed("permanent", "suppress-complaint", "", 607), M.REFUSED),
        "left before": (_failed("permanent", "suppress-unsubscribe", "", 606), M.UNSUBSCRIBED),
        "rejected": ({"event": "rejected", "reject": {"reason": "a sandbox"}}, M.NOTHING),
        "complained": ({"event": "complained"}, M.COMPLAINT),
        "unsubscribed": ({"event": "unsubscribed"}, M.UNSUBSCRIBED),
        "opened": ({"event": "opened", "ip": "192.0.2.9", "client-info": {"user-agent": "A"}}, READING),
        "clicked": ({"event": "clicked", "url": "https://example.org/x"}, READING),
    },
    "mailjet": {
        "sent": ({"event": "sent", "smtp_reply": "sent (250 2.0.0 OK)"}, M.DELIVERED),
        "hard": ({"event": "bounce", "hard_bounce": True, "blocked": False, "error": "user unknown"}, M.HARD),
        "no such domain": ({"event": "bounce", "hard_bounce": True, "error": "invalid domain"}, M.HARD),
        "full": ({"event": "bounce", "hard_bounce": False, "error": "quota exceeded"}, M.SOFT),
        "unknown for now": ({"event": "bounce", "hard_bounce": False, "error": "user unknown"}, M.SOFT),
        "greylisted": ({"event": "bounce", "hard_bounce": False, "error": "greylisted"}, M.SOFT),
        "policy": ({"event": "bounce", "hard_bounce": True, "error": "policy issue"}, M.BLOCKED),
        "no reason": ({"event": "bounce", "hard_bounce": True, "error": ""}, M.SOFT),
        "dead before": ({"event": "blocked", "error_related_to": "recipient", "error": "user unknown"}, M.REFUSED),
        "preblocked": ({"event": "blocked", "error_related_to": "mailjet", "error": "preblocked"}, M.REFUSED),
        "complained before": (
            {"event": "blocked", "error_related_to": "recipient", "error": "spam reporter"},
            M.REFUSED,
        ),
        "misspelt": ({"event": "blocked", "error_related_to": "domain", "error": "typofix"}, M.REFUSED),
        "content": ({"event": "blocked", "error_related_to": "spam", "error": "content blocked"}, M.BLOCKED),
        "twice": ({"event": "blocked", "error_related_to": "mailjet", "error": "duplicate in campaign"}, M.NOTHING),
        "spam": ({"event": "spam", "source": "JMRPP"}, M.COMPLAINT),
        "unsub": ({"event": "unsub", "mj_list_id": 0, "agent": "List-Unsubscribe"}, M.UNSUBSCRIBED),
        "open": ({"event": "open", "ip": "192.0.2.9", "agent": "A"}, READING),
        "click": ({"event": "click", "url": "https://example.org/x"}, READING),
    },
    "mailtrap": {
        "delivery": ({"event": "delivery"}, M.DELIVERED),
        "soft": ({"event": "soft bounce", "response": FULL, "bounce_category": "unavailable"}, M.SOFT),
        "hard": ({"event": "bounce", "response": f"bounced ({DEAD})", "bounce_category": "hard"}, M.HARD),
        "hard by a policy": ({"event": "bounce", "response": SPAMMY, "bounce_category": "spam"}, M.BLOCKED),
        "suspension": ({"event": "suspension", "reason": "other"}, M.ACCEPTED),
        "reject": ({"event": "reject", "reason": "unverified domain"}, M.NOTHING),
        "reject of the dead": ({"event": "reject", "reason": "hard bounce"}, M.REFUSED),
        "spam": ({"event": "spam"}, M.COMPLAINT),
        "unsubscribe": ({"event": "unsubscribe", "user_agent": "A"}, M.UNSUBSCRIBED),
        "open": ({"event": "open", "ip": "192.0.2.9", "user_agent": "A"}, READING),
        "click": ({"event": "click", "url": "https://example.org/x"}, READING),
    },
    "mandrill": {
        "send": ({"event": "send"}, M.ACCEPTED),
        "deferral": ({"event": "deferral", "msg": {"state": "deferred", "diag": FULL}}, M.ACCEPTED),
        "delivered": ({"event": "delivered"}, M.DELIVERED),
        "hard": (
            {"event": "hard_bounce", "msg": {"bounce_description": "bad_mailbox", "diag": f"smtp;{DEAD}"}},
            M.HARD,
        ),
        "hard by a policy": (
            {"event": "hard_bounce", "msg": {"bounce_description": "general", "diag": f"smtp;{SPAMMY}"}},
            M.BLOCKED,
        ),
        "soft": ({"event": "soft_bounce", "msg": {"bounce_description": "mailbox_full", "diag": FULL}}, M.SOFT),
        "reject": ({"event": "reject", "msg": {"state": "rejected"}}, M.NOTHING),
        "spam": ({"event": "spam"}, M.COMPLAINT),
        "unsub": ({"event": "unsub"}, M.UNSUBSCRIBED),
        "open": ({"event": "open", "ip": "192.0.2.9", "user_agent": "A"}, READING),
        "click": ({"event": "click", "url": "https://example.org/x"}, READING),
    },
    "postal": {
        "sent": ({"event": "MessageSent", "payload": _status("Sent", "250 2.0.0 OK")}, M.DELIVERED),
        "delayed": ({"event": "MessageDelayed", "payload": _status("SoftFail", FULL)}, M.ACCEPTED),
        "failed": ({"event": "MessageDeliveryFailed", "payload": _status("HardFail", DEAD)}, M.HARD),
        "failed without a code": ({"event": "MessageDeliveryFailed", "payload": _status("HardFail", BARE)}, M.SOFT),
        "failed by a policy": ({"event": "MessageDeliveryFailed", "payload": _status("HardFail", SPAMMY)}, M.BLOCKED),
        "held": (
            {"event": "MessageHeld", "payload": _status("Held", "", "This server is in development mode")},
            M.ACCEPTED,
        ),
        "suppressed": (
            {"event": "MessageHeld", "payload": _status("Held", "", "Recipient ({to}) is on the suppression list")},
            M.REFUSED,
        ),
        "bounced": ({"event": "MessageBounced", "payload": {"bounce": {"id": 1, "direction": "incoming"}}}, M.SOFT),
        "loaded": ({"event": "MessageLoaded", "payload": {"ip_address": "192.0.2.9", "user_agent": "A"}}, READING),
        "link": (
            {"event": "MessageLinkClicked", "payload": {"url": "https://example.org/x", "ip_address": "192.0.2.9"}},
            READING,
        ),
    },
    "postmark": {
        "delivery": ({"RecordType": "Delivery", "Details": "250 ok"}, M.DELIVERED),
        "spam complaint": ({"RecordType": "SpamComplaint", "Type": "SpamComplaint", "ID": 31}, M.COMPLAINT),
        "leaves": (
            {"RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "ManualSuppression"},
            M.UNSUBSCRIBED,
        ),
        "deactivated": (
            {"RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "HardBounce"},
            M.HARD,
        ),
        "comes back": (
            {"RecordType": "SubscriptionChange", "SuppressSending": False, "SuppressionReason": None},
            M.NOTHING,
        ),
        "open": ({"RecordType": "Open", "FirstOpen": True, "UserAgent": "A"}, READING),
        "click": ({"RecordType": "Click", "OriginalLink": "https://example.org/x"}, READING),
        **{
            kind: ({"RecordType": "Bounce", "Type": kind, "ID": number, "Details": ""}, meaning)
            for number, (kind, meaning) in enumerate(
                {
                    "HardBounce": M.HARD,
                    "SoftBounce": M.SOFT,
                    "Transient": M.ACCEPTED,
                    "DnsError": M.BLOCKED,
                    "SpamNotification": M.BLOCKED,
                    "VirusNotification": M.BLOCKED,
                    "DMARCPolicy": M.BLOCKED,
                    "Blocked": M.BLOCKED,
                    "Unsubscribe": M.UNSUBSCRIBED,
                    "Subscribe": M.NOTHING,
                    "AutoResponder": M.DELIVERED,
                    "AddressChange": M.DELIVERED,
                    "ChallengeVerification": M.DELIVERED,
                    "OpenRelayTest": M.ACCEPTED,
                    "Unknown": M.ACCEPTED,
                    "BadEmailAddress": M.REFUSED,
                    "ManuallyDeactivated": M.REFUSED,
                    "SpamComplaint": M.COMPLAINT,
                    "Unconfirmed": M.NOTHING,
                    "SMTPApiError": M.NOTHING,
                    "TemplateRenderingFailed": M.NOTHING,
                }.items(),
                start=100,
            )
        },
    },
    "resend": {
        "sent": ({"type": "email.sent"}, M.ACCEPTED),
        "scheduled": ({"type": "email.scheduled"}, M.ACCEPTED),
        "delayed": ({"type": "email.delivery_delayed"}, M.ACCEPTED),
        "delivered": ({"type": "email.delivered"}, M.DELIVERED),
        "complained": ({"type": "email.complained"}, M.COMPLAINT),
        "failed": ({"type": "email.failed", "data": {"failed": {"reason": "reached_daily_quota"}}}, M.NOTHING),
        "suppressed": (
            {"type": "email.suppressed", "data": {"suppressed": {"type": "OnAccountSuppressionList", "message": "m"}}},
            M.REFUSED,
        ),
        **{
            f"{kind} {subtype}": (
                {
                    "type": "email.bounced",
                    "data": {"bounce": {"type": kind, "subType": subtype, "message": "It came back."}},
                },
                meaning,
            )
            for kind, subtype, meaning in (
                ("Permanent", "General", M.HARD),
                ("Permanent", "NoEmail", M.HARD),
                ("Permanent", "Suppressed", M.REFUSED),
                ("Transient", "General", M.SOFT),
                ("Transient", "MailboxFull", M.SOFT),
                ("Transient", "ContentRejected", M.BLOCKED),
                ("Undetermined", "Undetermined", M.SOFT),
            )
        },
        "hard in a sentence": (
            {"type": "email.bounced", "data": {"bounce": {"message": "Their side sent a hard bounce message."}}},
            M.HARD,
        ),
        "suppressed in a sentence": (
            {"type": "email.bounced", "data": {"bounce": {"message": "We have suppressed sending to it."}}},
            M.REFUSED,
        ),
        "opened": ({"type": "email.opened", "data": {"open": {"ipAddress": "192.0.2.9"}}}, READING),
        "clicked": ({"type": "email.clicked", "data": {"click": {"link": "https://example.org/x"}}}, READING),
    },
    "sendgrid": {
        "processed": ({"event": "processed"}, M.ACCEPTED),
        "deferred": ({"event": "deferred", "response": FULL, "attempt": "2"}, M.ACCEPTED),
        "delivered": ({"event": "delivered", "response": "250 OK"}, M.DELIVERED),
        "hard": ({"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": DEAD}, M.HARD),
        "hard by a policy": (
            {"event": "bounce", "type": "bounce", "reason": BARE, "bounce_classification": "Reputation"},
            M.BLOCKED,
        ),
        "blocked": ({"event": "bounce", "type": "blocked", "status": "5.7.1", "reason": SPAMMY}, M.BLOCKED),
        "bounced before": ({"event": "dropped", "reason": "Bounced Address"}, M.REFUSED),
        "complained before": ({"event": "dropped", "reason": "Spam Reporting Address"}, M.REFUSED),
        "left before": ({"event": "dropped", "reason": "Unsubscribed Address"}, M.UNSUBSCRIBED),
        "no address": ({"event": "dropped", "reason": "Invalid"}, M.REFUSED),
        "over the package": ({"event": "dropped", "reason": "Recipient List over Package Quota"}, M.NOTHING),
        "spam": ({"event": "spamreport"}, M.COMPLAINT),
        "unsubscribe": ({"event": "unsubscribe"}, M.UNSUBSCRIBED),
        "leaves a group": ({"event": "group_unsubscribe", "asm_group_id": 1}, M.UNSUBSCRIBED),
        "comes back": ({"event": "group_resubscribe", "asm_group_id": 1}, M.NOTHING),
        "open": ({"event": "open", "ip": "192.0.2.9", "useragent": "A"}, READING),
        "click": ({"event": "click", "url": "https://example.org/x"}, READING),
    },
    "sparkpost": {
        "injection": ({"type": "injection"}, M.ACCEPTED),
        "delay": (_spark("delay", "20", FULL), M.ACCEPTED),
        "delivery": ({"type": "delivery"}, M.DELIVERED),
        "hard": (_spark("bounce", "10", DEAD), M.HARD),
        "hard by a policy": (_spark("bounce", "10", SPAMMY), M.BLOCKED),
        "no such recipient": (_spark("bounce", "30", BARE), M.HARD),
        "full": (_spark("bounce", "22", FULL), M.SOFT),
        "DNS": (_spark("bounce", "21"), M.BLOCKED),
        "spam": (_spark("bounce", "51", SPAMMY), M.BLOCKED),
        "administrator": (_spark("bounce", "25", "554 5.7.1 not this domain"), M.BLOCKED),
        "suppressed": (_spark("bounce", "25", "Recipient address was suppressed due to customer policy"), M.REFUSED),
        "later": (_spark("out_of_band", "10", DEAD), M.HARD),
        "answer of a machine": (_spark("out_of_band", "60"), M.DELIVERED),
        "leaves by mail": (_spark("out_of_band", "90"), M.UNSUBSCRIBED),
        "policy": (_spark("policy_rejection", "25", "550 5.7.1 unconfigured sending domain"), M.BLOCKED),
        "generation failure": ({"type": "generation_failure", "reason": "a template", "error_code": "554"}, M.NOTHING),
        "generation rejection": (_spark("generation_rejection", "25", "554 5.7.1 no"), M.NOTHING),
        "abuse": ({"type": "spam_complaint", "fbtype": "abuse"}, M.COMPLAINT),
        "complaint": ({"type": "spam_complaint"}, M.COMPLAINT),
        "not spam": ({"type": "spam_complaint", "fbtype": "not-spam"}, M.ACCEPTED),
        "opt-out": ({"type": "spam_complaint", "fbtype": "opt-out"}, M.UNSUBSCRIBED),
        "virus": ({"type": "spam_complaint", "fbtype": "virus"}, M.BLOCKED),
        "list": ({"type": "list_unsubscribe"}, M.UNSUBSCRIBED),
        "link": ({"type": "link_unsubscribe", "user_agent": "A"}, M.UNSUBSCRIBED),
        **{
            kind: ({"type": kind, "user_agent": "A", "ip_address": "192.0.2.9"}, READING)
            for kind in ("open", "initial_open", "click", "amp_open", "amp_initial_open", "amp_click")
        },
    },
    "unisender_go": {
        "sent": ({"status": "sent"}, M.ACCEPTED),
        "delivered": (_uni("delivered", "ok", "250 OK"), M.DELIVERED),
        "soft": (_uni("soft_bounced", "err_mailbox_full", FULL), M.SOFT),
        "again": (_uni("soft_bounced", "err_will_retry"), M.ACCEPTED),
        "unknown for now": (_uni("soft_bounced", "err_user_unknown"), M.SOFT),
        "hard": (_uni("hard_bounced", "err_user_unknown", DEAD), M.HARD),
        "dead domain": (_uni("hard_bounced", "err_domain_inactive"), M.HARD),
        "filtered": (_uni("hard_bounced", "err_spam_rejected", BARE), M.BLOCKED),
        "blacklisted": (_uni("hard_bounced", "err_blacklisted", BARE), M.BLOCKED),
        "full for good": (_uni("hard_bounced", "err_mailbox_full", BARE), M.SOFT),
        "left before": (_uni("hard_bounced", "err_unsubscribed"), M.UNSUBSCRIBED),
        "spam": ({"status": "spam"}, M.COMPLAINT),
        "unsubscribed": ({"status": "unsubscribed", "comment": "too many"}, M.UNSUBSCRIBED),
        "subscribed": ({"status": "subscribed"}, M.NOTHING),
        "opened": ({"status": "opened"}, READING),
        "clicked": ({"status": "clicked", "url": "https://example.org/x"}, READING),
    },
}


def samples() -> Iterator[Sample]:
    for provider, kinds in KINDS.items():
        for name, (fields, meaning) in kinds.items():
            yield Sample(provider, name, fields, meaning)
