#!/usr/bin/env bash
# One address whose domain holds ß or ς: email-validator and Anymail's API backends write it by
# the standard of 2010 (IDNA 2008, xn--fa-hia), Django's own mail code by that of 2003, for which ß is ss (fass).
# So the same message object goes to a reader by a provider's API and to somebody else's domain by SMTP.
# Why it matters: what was checked is not where the mail goes. The confirm mail and its links reach a stranger, and after a
# change from SMTP to a provider, or back, the bounces of a domain that nobody signed up with.
# What to do: turn the domain to ASCII once, with the package idna (uts46=True), before Django sees the address.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check \
  django==5.2.19 django-anymail==15.2 email-validator==2.4.0 idna==3.20 aiosmtpd==1.4.6
cd "$folder"
venv/bin/python -I - <<'PYTHON'
import json
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from threading import Thread

from aiosmtpd.controller import Controller
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from email_validator import validate_email

went_to = {}


class MailServer:
    async def handle_DATA(self, _server, _session, envelope):
        went_to["Django, SMTP"] = envelope.rcpt_tos[0].rpartition("@")[2]
        return "250 taken"


class Provider(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        went_to["Anymail, API"] = asked["To"].rpartition("@")[2]
        answer = json.dumps({"To": asked["To"], "MessageID": "m-1", "ErrorCode": 0, "Message": "OK"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
smtp = Controller(MailServer(), hostname="127.0.0.1", port=port)
smtp.start()
api = HTTPServer(("127.0.0.1", 0), Provider)
Thread(target=api.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{api.server_port}/"
settings.configure(ANYMAIL={"POSTMARK_SERVER_TOKEN": "t", "POSTMARK_API_URL": url}, EMAIL_HOST="127.0.0.1")

checked = validate_email("ada@faß.example.org", check_deliverability=False)
went_to["email-validator"] = checked.ascii_domain
for backend, more in (("django.core.mail.backends.smtp", {"port": port}), ("anymail.backends.postmark", {})):
    connection = get_connection(f"{backend}.EmailBackend", **more)
    EmailMessage("Today", "Three papers.", "digest@example.org", [checked.normalized], connection=connection).send()
smtp.stop()

print(*(f"{name} {version(name)}" for name in ("django", "django-anymail", "email-validator", "idna")))
print("expected: ada@faß.example.org is at one domain, xn--fa-hia.example.org")
print("seen:    ", went_to)
raise SystemExit(went_to["Django, SMTP"] != "fass.example.org" or {*went_to.values()} != {"fass.example.org", "xn--fa-hia.example.org"})
PYTHON
