"""A digest and the account mails before it, as bytes on the wire, and the links that stand in them."""

import re
from datetime import datetime
from email.parser import BytesParser
from email.policy import default

from django.conf import settings

from subscriptions import lifecycle
from subscriptions.delivery import batches, outbox
from subscriptions.models import Consent, Subscriber
from tests.subscriptions.conftest import plan

ADDRESS = "ada@example.org"
LINK = re.compile(r"https?://[^\s\"'<>)]+")


def sent_to_a_new_reader(now: datetime, wishes: lifecycle.Wishes) -> None:
    """Confirm mail, welcome and the first digest, whose hour is now, through the mail server in the settings."""
    lifecycle.sign_up(ADDRESS, wishes, form_text_hash="hash", now=now)
    outbox.send_waiting(lambda: now)
    lifecycle.confirm(Consent.objects.get(), now)
    outbox.send_waiting(lambda: now)
    Subscriber.objects.update(next_digest_at=now)
    batches.deliver(plan(now), lambda: now)


def links_in(raw: bytes) -> list[str]:
    """Every link of a mail, from both parts and the headers, each once."""
    message = BytesParser(policy=default).parsebytes(raw)
    texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    texts += [str(value) for value in message.values()]
    found = [link.rstrip(".,;").replace("&amp;", "&") for text in texts for link in LINK.findall(text)]
    return list(dict.fromkeys(found))


def our_links_in(raw: bytes) -> list[str]:
    return [link for link in links_in(raw) if link.startswith(settings.SITE_URL)]


def tokens_in(raw: bytes) -> set[str]:
    return {token for link in our_links_in(raw) for token in re.findall(r"/([\w-]{22})(?=/|$)", link)}


def one_click_url(raw: bytes) -> str:
    """From the header line as it stands, folded or not."""
    [url] = re.findall(rb"(?im)^List-Unsubscribe: *(?:\r?\n[ \t])?<([^>]+)>\r?$", raw)
    return str(url.decode("ascii"))
