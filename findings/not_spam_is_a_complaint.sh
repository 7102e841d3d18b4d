#!/usr/bin/env bash
# Mailbox providers also report what is no complaint (RFC 5965): "not-spam", when a reader takes a mail out of the spam
# folder, and "opt-out", when one asks to be left alone. Amazon SES and SparkPost pass the kind on. Anymail makes each of
# them "complained" with the reason "spam", as it does the button that says spam.
# Why it matters: who drops complainers for good drops readers who said that they want the mail.
# What to do: look at complaintFeedbackType or fbtype in esp_event before acting on "complained".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check \
    django-anymail==15.2 django==5.2.19 requests==2.34.2 boto3==1.44.8
cd "$folder"
venv/bin/python -I - <<'PYTHON'
import json
from importlib.metadata import version

from django.conf import settings

settings.configure(ANYMAIL={"WEBHOOK_SECRET": "a:b"})
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.test import RequestFactory

READER = "ada@example.org"


def of_amazon(kind):
    complaint = {"complainedRecipients": [{"emailAddress": READER}], "complaintFeedbackType": kind}
    told = {"eventType": "Complaint", "mail": {"messageId": "m", "destination": [READER]}, "complaint": complaint}
    return AmazonSESTrackingWebhookView().esp_to_anymail_events(told, {"MessageId": "1"})[0].event_type


def of_sparkpost(kind):
    event = {"type": "spam_complaint", "event_id": "1", "raw_rcpt_to": READER, "fbtype": kind}
    post = json.dumps([{"msys": {"message_event": event}}])
    request = RequestFactory().post("/", post, content_type="application/json")
    return SparkPostTrackingWebhookView().parse_events(request)[0].event_type


print("django-anymail", version("django-anymail"))
print('expected: "complained" for abuse alone')
seen = {kind: (of_amazon(kind), of_sparkpost(kind)) for kind in ("abuse", "not-spam", "opt-out")}
for kind, types in seen.items():
    print(f"seen, {kind}: {types[0]} (Amazon SES), {types[1]} (SparkPost)")
raise SystemExit(set(seen.values()) != {("complained", "complained")})
PYTHON
