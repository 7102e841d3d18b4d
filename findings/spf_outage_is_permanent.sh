#!/usr/bin/env bash
# An SPF record includes another domain's. When that domain's name server is away for a moment, RFC 7208 (section 5.2) calls
# the outcome "temperror": mail waits and is tried again. checkdmarc says that the included domain has no record, which is a
# permanent error, and its exception is the one of a record that is not there.
# Why it matters: who lets it watch over a domain is told to mend a record that is right, or takes the include out, and then
# mail is refused in earnest. Only the exception at the bottom of the chain tells the two apart.
# What to do: look through __cause__ and __context__ for an error of dnspython that is neither NXDOMAIN nor NoAnswer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check checkdmarc==6.0.4 dnspython==2.9.2
cd "$folder"
venv/bin/python -I - <<'PYTHON'
import socketserver
import threading
from importlib.metadata import version

import dns.message
import dns.rcode
import dns.resolver
from checkdmarc.spf import SPFRecordNotFound, parse_spf_record

RECORD = "v=spf1 include:spf.example.net -all"


class Away(socketserver.BaseRequestHandler):
    """A resolver that cannot reach the servers of spf.example.net, and says so: SERVFAIL."""

    def handle(self):
        data, channel = self.request
        answer = dns.message.make_response(dns.message.from_wire(data))
        answer.set_rcode(dns.rcode.SERVFAIL)
        channel.sendto(answer.to_wire(), self.client_address)


with socketserver.UDPServer(("127.0.0.1", 0), Away) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
    try:
        seen = str(parse_spf_record(RECORD, "example.org", resolver=resolver)["warnings"])
        permanent = False
    except SPFRecordNotFound as error:
        seen, permanent = str(error), "permanent error" in str(error)
    server.shutdown()

print("checkdmarc", version("checkdmarc"))
print("expected: a temporary error, or the error of the DNS itself")
print("seen:", seen)
raise SystemExit(not permanent)
PYTHON
