#!/usr/bin/env bash
# One send() through Anymail's backend for Amazon SES can post the mail three times and report one success: botocore, the
# library below it, asks again by itself when an answer is lost, and SendEmail has no key by which SES would know a second
# copy. Anymail's own time limit (REQUESTS_TIMEOUT) does not reach botocore: it waits for sixty seconds each time.
# Why it matters: a reader gets the same mail up to three times, and the sender's record knows of one, with one id.
# What to do: hand botocore total_max_attempts=1 and time limits of its own, and take a lost answer for what it is.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check django==5.2.19 django-anymail==15.2 boto3==1.44.5 requests==2.34.2
cd "$folder"
venv/bin/python -I - <<'PYTHON'
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from threading import Thread

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

taken = []


class Amazon(BaseHTTPRequestHandler):
    """Takes every message, and loses its first two answers."""

    def do_POST(self):
        taken.append(self.rfile.read(int(self.headers["Content-Length"])))
        if len(taken) < 3:
            self.close_connection = True
            return
        data = json.dumps({"MessageId": f"m-{len(taken)}"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def tried(**config):
    """Send one message; how many copies SES holds, and what the sender learns."""
    taken.clear()
    client = {"endpoint_url": url, "region_name": "eu-west-1", **({"config": config} if config else {})}
    backend = get_connection(
        "anymail.backends.amazon_ses.EmailBackend", session_params=access, client_params=client
    )
    message = EmailMessage("Three papers", "Here.", "digest@example.com", ["ada@example.org"], connection=backend)
    try:
        message.send()
    except Exception as error:
        return len(taken), type(error).__name__
    return len(taken), message.anymail_status.message_id


api = ThreadingHTTPServer(("127.0.0.1", 0), Amazon)
Thread(target=api.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{api.server_port}/"
access = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}
settings.configure(ANYMAIL={"REQUESTS_TIMEOUT": (3, 15)})
print("django-anymail", version("django-anymail"), "boto3", version("boto3"))
print("expected:", expected := tried(retries={"total_max_attempts": 1}))
print("seen:    ", seen := tried())
raise SystemExit((expected, seen) != ((1, "AnymailAPIError"), (3, "m-3")))
PYTHON
