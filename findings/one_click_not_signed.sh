#!/usr/bin/env bash
# RFC 8058 wants a DKIM signature that covers List-Unsubscribe and List-Unsubscribe-Post. dkimpy signs the headers that
# RFC 6376 recommends, and that list is older than the second of them: a digest is signed, the signature is valid, and
# List-Unsubscribe-Post is not covered.
# Why it matters: a mailbox provider that goes by the RFC shows no button for unsubscribing, however right both headers
# are, and readers press "spam" instead. No check of DKIM or DMARC alone tells.
# What to do: name the headers when signing (include_headers), and look into h= of a mail that arrived, not at "dkim=pass".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check dkimpy==1.1.8 dnspython==2.9.2 cryptography==50.0.2
cd "$folder"
venv/bin/python -I - <<'PYTHON'
import base64
import re
from importlib.metadata import version

import dkim
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import rsa

MAIL = b"\r\n".join([
    b"From: Papers <digest@example.org>", b"To: ada@example.com", b"Subject: Today", b"Date: Mon, 30 Nov 2026 08:00:00 +0000",
    b"Message-ID: <1@example.org>", b"List-Id: Papers <digest.example.org>",
    b"List-Unsubscribe: <https://papers.example.org/u/abc>", b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    b"", b"Three papers.", b"",
])
key = rsa.generate_private_key(65537, 2048)
private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, form.NoEncryption())
public = key.public_key().public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def covered(**choice):
    signature = dkim.sign(MAIL, b"s", b"example.org", private, **choice)
    assert dkim.verify(signature + MAIL, dnsfunc=lambda *_, **__: record)
    return set(re.sub(rb"\s", b"", re.search(rb"h=([^;]+)", signature)[1]).lower().decode().split(":"))


plain = covered()
print("dkimpy", version("dkimpy"))
print("expected: list-unsubscribe and list-unsubscribe-post in h=, as RFC 8058 section 4 says")
print("seen, a valid signature over:", sorted(plain))
raise SystemExit(not ("list-unsubscribe" in plain and "list-unsubscribe-post" not in plain))
PYTHON
