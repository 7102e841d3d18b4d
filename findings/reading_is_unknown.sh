#!/usr/bin/env bash
# Who must not store who reads drops Anymail's events "opened" and "clicked". Three providers tell of reading in further
# words, and Anymail calls these "unknown", with the reader's address, mail and browser in them: Postal's MessageLoaded,
# MailerSend's activity.opened_unique and clicked_unique, SparkPost's initial_open.
# Why it matters: a table of events without "opened" still says when each reader opened each mail.
# What to do: judge by the provider's own word (esp_event), and keep nothing of words that you do not know.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check \
    "django-anymail[postal]==15.2" django==5.2.19 requests==2.34.2 cryptography==50.0.2
cd "$folder"
venv/bin/python -I - <<'PYTHON'
import json
from importlib.metadata import version

from django.conf import settings

settings.configure(ANYMAIL={"MAILERSEND_SIGNING_SECRET": "k", "POSTAL_WEBHOOK_KEY": "k", "WEBHOOK_SECRET": "a:b"})
from anymail.signals import EventType
from anymail.webhooks.mailersend import MailerSendTrackingWebhookView
from anymail.webhooks.postal import PostalTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.test import RequestFactory

READER = "ada@example.org"
email = {"message": {"id": "1"}, "recipient": {"email": READER}}
about = {"id": 1, "direction": "outgoing", "to": READER}
loaded = {"message": about, "ip_address": "192.0.2.9", "user_agent": "A browser"}
POSTS = {
    "Postal, MessageLoaded": (
        PostalTrackingWebhookView,
        {"event": "MessageLoaded", "timestamp": 1782806400.0, "uuid": "u", "payload": loaded},
    ),
    "MailerSend, opened_unique": (
        MailerSendTrackingWebhookView,
        {"type": "activity.opened_unique", "data": {"type": "opened_unique", "id": "1", "email": email}},
    ),
    "MailerSend, clicked_unique": (
        MailerSendTrackingWebhookView,
        {"type": "activity.clicked_unique", "data": {"type": "clicked_unique", "id": "2", "email": email}},
    ),
    "SparkPost, initial_open": (
        SparkPostTrackingWebhookView,
        [{"msys": {"track_event": {"type": "initial_open", "event_id": "3", "raw_rcpt_to": READER}}}],
    ),
}
print("django-anymail", version("django-anymail"))
print("expected: opened, opened, clicked, opened")
seen = []
for name, (view, post) in POSTS.items():
    request = RequestFactory().post("/", json.dumps(post), content_type="application/json")
    (event,) = view().parse_events(request)
    seen.append((event.event_type, event.recipient))
    print(f"seen, {name}: {event.event_type}, of {event.recipient}")
raise SystemExit(seen != [(EventType.UNKNOWN, READER)] * 4)
PYTHON
