#!/usr/bin/env bash
# For a reader at a domain of other letters Anymail asks the provider in ASCII (xn--…), and looks for the answer under the
# Unicode address: one recipient becomes two. A message that was taken is "sent" and "unknown" at once and its id a set
# that holds None; a message that was refused is "rejected" and "unknown", so that AnymailRecipientsRefused, raised when
# all were refused, is not raised, and send() returns 1.
# Why it matters: a refused reader is counted as sent and tried again every day, and the id that is stored finds no event.
# What to do: give such addresses to Anymail with the domain already in ASCII, and never take str() of message_id.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check django==5.2.19 django-anymail==15.2 idna==3.20 requests==2.34.2
cd "$folder"
venv/bin/python -I - <<'PYTHON'
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from threading import Thread

from anymail.exceptions import AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

INACTIVE = "Found inactive addresses: {}. Inactive recipients are ones that have generated a hard bounce."


class Postmark(BaseHTTPRequestHandler):
    """Answers as it documents, with the address as it was asked."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = {"To": asked["To"], "MessageID": "m-1", "ErrorCode": 0, "Message": "OK"}
        if asked["Subject"] == "to refuse":
            answer = {"ErrorCode": 406, "Message": INACTIVE.format(asked["To"])}
        data = json.dumps(answer).encode()
        self.send_response(422 if answer["ErrorCode"] else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def sent(subject, to):
    message = EmailMessage(subject, "Three papers.", "digest@example.com", [to], connection=connection)
    try:
        message.send()
    except AnymailRecipientsRefused:
        return "raises AnymailRecipientsRefused"
    return sorted(message.anymail_status.status), message.anymail_status.message_id


api = HTTPServer(("127.0.0.1", 0), Postmark)
Thread(target=api.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{api.server_port}/"
settings.configure(ANYMAIL={"POSTMARK_SERVER_TOKEN": "t", "POSTMARK_API_URL": url})
connection = get_connection("anymail.backends.postmark.EmailBackend")
print("django-anymail", version("django-anymail"), "Django", version("django"))
seen = {}
for subject in ("to take", "to refuse"):
    print(f"expected, {subject:9}:", expected := sent(subject, "ada@xn--bcher-kva.example.org"))
    print(f"seen,     {subject:9}:", seen.setdefault(subject, sent(subject, "ada@bücher.example.org")))
    assert seen[subject] != expected
raise SystemExit(seen != {"to take": (["sent", "unknown"], {None, "m-1"}), "to refuse": (["rejected", "unknown"], None)})
PYTHON
