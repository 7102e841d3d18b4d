"""The meaning of a provider's report: from its many words and codes to the few meanings that we act upon.

There are three sources: the provider's own word for it, the code of RFC 3463 that the other mail server gave, and
Anymail's reason. Where they differ the mildest meaning wins, since a reader who is dropped by mistake never learns why.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason

from subscriptions.models import Meaning
from subscriptions.transport.reply_codes import codes_in

UNREADABLE = "unreadable"  # the type that we give an event that cannot be read
# Anymail's event types that need no second look.
PLAIN = {
    EventType.QUEUED: Meaning.ACCEPTED,
    EventType.SENT: Meaning.ACCEPTED,
    EventType.DEFERRED: Meaning.ACCEPTED,
    EventType.AUTORESPONDED: Meaning.DELIVERED,
    EventType.DELIVERED: Meaning.DELIVERED,
    EventType.UNSUBSCRIBED: Meaning.UNSUBSCRIBED,
}

# Under these names providers say what kind of bounce it is: other fields hold free text, or tags of ours.
NAMES = {
    *("type", "event", "severity", "reason", "error", "subtype", "bouncetype", "bouncesubtype", "suppressionreason"),
    *("bounce_class", "bounce_category", "bounce_description", "hard_bounce", "delivery_status"),
}
HARD_WORDS = (
    "bounce hardbounce hard_bounce hard-bounce hard_bounced hard permanent noemail bademailaddress invalid_email"
    " bad_mailbox invalid_domain bounce_class=10 bounce_class=30 hard_bounce=true err_user_unknown err_user_inactive"
    " err_domain_inactive err_mailbox_discarded"
)
SOFT_WORDS = (
    "softbounce soft_bounce soft-bounce soft_bounced soft temporary transient undetermined mailboxfull mailbox_full"
    " old hard_bounce=false bounce_class=1 bounce_class=20 bounce_class=22 bounce_class=24 bounce_class=40"
    " bounce_class=70 err_mailbox_full err_unreachable err_delivery_failed"
)
BLOCKED_WORDS = (
    "spamnotification virusnotification dmarcpolicy blocked espblock messagetoolarge contentrejected"
    " attachmentrejected bounce_class=21 bounce_class=23 bounce_class=25 bounce_class=50 bounce_class=51"
    " bounce_class=52 bounce_class=53 bounce_class=54 err_spam_rejected err_spam_skipped err_blacklisted"
    " err_too_large err_destination_misconfigured err_lost err_skip_letter"
)
REFUSED_WORDS = "suppressed onaccountsuppressionlist suppress-bounce suppress-complaint manuallydeactivated"
UNSUBSCRIBED_WORDS = "suppress-unsubscribe unsub err_unsubscribed"
PHRASES = {
    "hard bounce": Meaning.HARD,
    "user unknown": Meaning.HARD,
    "mailbox inactive": Meaning.HARD,
    "invalid domain": Meaning.HARD,
    "soft bounce": Meaning.SOFT,
    "quota exceeded": Meaning.SOFT,
    "no mail host": Meaning.BLOCKED,
    "relay/access denied": Meaning.BLOCKED,
    "sender blocked": Meaning.BLOCKED,
    "content blocked": Meaning.BLOCKED,
    "policy issue": Meaning.BLOCKED,
    "bounced address": Meaning.REFUSED,
    "spam reporting address": Meaning.REFUSED,
    "unsubscribed address": Meaning.UNSUBSCRIBED,
}
WORDS: dict[str, Meaning] = {
    **dict.fromkeys(HARD_WORDS.split(), Meaning.HARD),
    **dict.fromkeys(SOFT_WORDS.split(), Meaning.SOFT),
    **dict.fromkeys(BLOCKED_WORDS.split(), Meaning.BLOCKED),
    **dict.fromkeys(REFUSED_WORDS.split(), Meaning.REFUSED),
    **dict.fromkeys(UNSUBSCRIBED_WORDS.split(), Meaning.UNSUBSCRIBED),
    **PHRASES,
}

# RFC 3463, from the whole code to its class. 5.1.7 and 5.1.8 are about the sender; 5.4.4 is a broken route (DNS).
CODES = {
    **dict.fromkeys(["5.1.7", "5.1.8", "5.2.3", "5.3.4", "5.4.3", "5.4.4", "5.4.6"], Meaning.BLOCKED),
    **dict.fromkeys(["5.5", "5.6", "5.7", "4.4.3", "4.4.4", "4.7"], Meaning.BLOCKED),
    **dict.fromkeys([*(f"5.1.{detail}" for detail in (0, 1, 2, 3, 4, 6, 9, 10)), "5.2.1"], Meaning.HARD),
    **dict.fromkeys(["5.5.0", "5", "4"], Meaning.SOFT),
}

BOUNCES = {
    RejectReason.INVALID: Meaning.HARD,
    RejectReason.BOUNCED: Meaning.SOFT,  # a full mailbox and one that does not exist alike
    RejectReason.TIMED_OUT: Meaning.SOFT,
    RejectReason.BLOCKED: Meaning.BLOCKED,
    RejectReason.SPAM: Meaning.BLOCKED,
    RejectReason.UNSUBSCRIBED: Meaning.UNSUBSCRIBED,
}
REJECTIONS = {
    RejectReason.INVALID: Meaning.REFUSED,
    RejectReason.BOUNCED: Meaning.REFUSED,
    RejectReason.SPAM: Meaning.REFUSED,
    RejectReason.UNSUBSCRIBED: Meaning.UNSUBSCRIBED,
}
MILDEST_FIRST = [Meaning.UNSUBSCRIBED, Meaning.REFUSED, Meaning.BLOCKED, Meaning.SOFT, Meaning.HARD]
ANSWERS = {
    **dict.fromkeys(["invalid", "inactive", "rejected", "bounced"], Meaning.REFUSED),
    **dict.fromkeys(["550", "551", "552", "553"], Meaning.SOFT),
    "unsubscribed": Meaning.UNSUBSCRIBED,
}
_LOCAL = r"[^\s<>\"'(),;:=\[\]]"
# Tried at the first letter of a word alone, or the time taken would grow with the square of its length.
ADDRESS = re.compile(rf"(?:\"[^\"\n]*\"|(?<!{_LOCAL}){_LOCAL}+)@[^\s<>\"'(),;:\[\]]+")


def meaning(event: AnymailTrackingEvent) -> Meaning:
    if event.event_type in PLAIN:
        return PLAIN[event.event_type]
    return BY_TYPE.get(event.event_type, _nothing)(event)


def meaning_of_answer(answer: str) -> Meaning:
    """Return the meaning of a refusal at hand-over: by a code of RFC 3463 in it, or a word such as "rejected"."""
    word = answer.strip().lower()
    return next(_codes([answer]), None) or WORDS.get(word) or ANSWERS.get(word, Meaning.NOTHING)


def without_addresses(text: str) -> str:
    return ADDRESS.sub("…@…", text)


def _bounce(event: AnymailTrackingEvent) -> Meaning:
    """Judge by the provider's word before Anymail's reason; the mail server's code can only make it milder."""
    words, codes = _words(event), list(_codes(_answers(event)))
    meaning_of_words = _mildest(words) or _mildest(codes) or BOUNCES.get(event.reject_reason, Meaning.SOFT)
    return _mildest([meaning_of_words, *codes]) or meaning_of_words


def _rejection(event: AnymailTrackingEvent) -> Meaning:
    """Judge a mail that the provider did not even try: it is about the address if that bounced or complained before."""
    words = _mildest(_words(event))
    if words in (Meaning.BLOCKED, Meaning.UNSUBSCRIBED, Meaning.REFUSED):
        return words
    about_the_address = Meaning.REFUSED if words == Meaning.HARD else Meaning.NOTHING
    return REJECTIONS.get(event.reject_reason, about_the_address)


def _complaint(event: AnymailTrackingEvent) -> Meaning:
    """Judge a complaint: if a mailbox provider's filter calls it spam, no reader did, and the content is refused."""
    return Meaning.BLOCKED if Meaning.BLOCKED in _words(event) else Meaning.COMPLAINT


def _failure(event: AnymailTrackingEvent) -> Meaning:
    """Judge by the code alone: some providers call any final failure so, and one that is no bounce has no code."""
    return _mildest(_codes(_answers(event))) or Meaning.NOTHING


def _nothing(event: AnymailTrackingEvent) -> Meaning:
    return Meaning.NOTHING


BY_TYPE: dict[str, Callable[[AnymailTrackingEvent], Meaning]] = {
    EventType.BOUNCED: _bounce,
    EventType.REJECTED: _rejection,
    EventType.COMPLAINED: _complaint,
    EventType.FAILED: _failure,
}


def _mildest(meanings: Iterable[Meaning]) -> Meaning | None:
    present = set(meanings)
    return next((each for each in MILDEST_FIRST if each in present), None)


def _words(event: AnymailTrackingEvent) -> list[Meaning]:
    return [WORDS[word] for word in _values(event.esp_event, "") if word in WORDS]


def _values(report: Any, name: str) -> Iterator[str]:
    """Yield what a report says under the names that matter, in lower case; also as name=value, for a bare number."""
    if isinstance(report, Mapping):
        for key, value in report.items():
            yield from _values(value, str(key).lower())
    elif isinstance(report, list):
        for value in report:
            yield from _values(value, name)
    elif name in NAMES:
        yield str(report).lower()
        yield f"{name}={report}".lower()


def _answers(event: AnymailTrackingEvent) -> list[str]:
    """Return the texts where the other mail server's answer may be; for SES and SendGrid a field of its own."""
    statuses = _fields(event.esp_event, "status")
    return [str(text) for text in (event.mta_response, event.description, *statuses) if text]


def _fields(report: Any, name: str) -> Iterator[str]:
    if isinstance(report, Mapping):
        for key, value in report.items():
            if str(key).lower() == name and isinstance(value, str):
                yield value
            else:
                yield from _fields(value, name)
    elif isinstance(report, list):
        for value in report:
            yield from _fields(value, name)


def _codes(texts: Iterable[str]) -> Iterator[Meaning]:
    for text in texts:
        for kind, subject, detail in codes_in(text):
            wholes = (f"{kind}.{subject}.{detail}", f"{kind}.{subject}", kind)
            yield next(CODES[code] for code in wholes if code in CODES)
