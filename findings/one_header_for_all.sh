#!/usr/bin/env bash
# esp_extra is where Anymail takes what a provider knows besides, and at each of these providers a header of one's own is
# written there as the provider documents it. At five the message's own headers stand beside it. At seven they are gone:
# Anymail puts the extra into the finished request in place of them, without an error or a warning.
# Why it matters: the mail leaves and counts as sent, without List-Unsubscribe, List-Id and the Message-ID that reports are
# tied by; at three of the seven the metadata are headers too, and gone with them. No test backend shows it.
# What to do: give headers to the message only, and refuse an extra that holds any at these seven.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check django==5.2.19 django-anymail==15.2 idna==3.20 requests==2.34.2
cd "$folder"
venv/bin/python -I -W ignore - <<'PYTHON'
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from threading import Thread

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

MINE = {"X-Mine": "1"}
PAIRS = [{"Name": "X-Mine", "Value": "1"}]
EXTRAS = {  # a header of one's own, in the words of each provider's API
    "brevo": {"headers": MINE}, "mailersend": {"headers": [{"name": "X-Mine", "value": "1"}]},
    "mailjet": {"Globals": {"Headers": MINE}}, "mailtrap": {"headers": MINE}, "mandrill": {"message": {"headers": MINE}},
    "postal": {"headers": MINE}, "postmark": {"Headers": PAIRS}, "resend": {"headers": MINE},
    "scaleway": {"additional_headers": [{"key": "X-Mine", "value": "1"}]}, "sendgrid": {"headers": MINE},
    "sparkpost": {"content": {"headers": MINE}}, "unisender_go": {"headers": MINE},
}
posted = []


class Api(BaseHTTPRequestHandler):
    def do_POST(self):
        posted.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


api = HTTPServer(("127.0.0.1", 0), Api)
Thread(target=api.serve_forever, daemon=True).start()
keys = ("API_KEY", "API_TOKEN", "SECRET_KEY", "SERVER_TOKEN", "PROJECT_ID")
ANYMAIL = {f"{name}_{key}".upper(): "key" for name in EXTRAS for key in keys}
ANYMAIL |= {f"{name}_API_URL".upper(): f"http://127.0.0.1:{api.server_port}/" for name in EXTRAS}
settings.configure(ANYMAIL=ANYMAIL)
print("django-anymail", version("django-anymail"), "Django", version("django"))
gone = []
for name, extra in EXTRAS.items():
    message = EmailMessage("Papers", "Three.", "digest@example.com", ["ada@example.com"])
    message.extra_headers = {"List-Unsubscribe": "<https://example.com/u/1>"}
    message.esp_extra = extra
    message.connection = get_connection(f"anymail.backends.{name}.EmailBackend")
    try:
        message.send()
    except AnymailError:
        pass  # the answer does not matter here
    assert "X-Mine" in posted[-1], name
    if "List-Unsubscribe" not in posted[-1]:
        gone.append(name)
print("expected: List-Unsubscribe is posted to all", len(EXTRAS))
print("seen:     it is missing at", ", ".join(gone))
assert gone == ["brevo", "mailersend", "mandrill", "postal", "postmark", "resend", "scaleway"], gone
PYTHON
