#!/usr/bin/env bash
# Sickle hands out an OAI-PMH record as a flat dictionary: each element's texts in a list of their own. In arXiv's own
# format (metadataPrefix=arXiv) an author holds keyname and, mostly, forenames; a collaboration and a person with one name
# have no forenames, so the two lists differ in length and everybody after them gets the forenames of the next person.
# Why it matters: who follows an author is told of papers by somebody who does not exist, and misses the real ones.
# What to do: read the authors from record.xml, one element at a time; never pair lists of such a dictionary.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check sickle==0.7.0 lxml==6.1.3 requests==2.34.2
cd "$folder"
venv/bin/python -I - <<'PYTHON'
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from threading import Thread

from sickle import Sickle

PAGE = b"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record>
<header><identifier>oai:arXiv.org:2401.00001</identifier><datestamp>2024-01-02</datestamp></header>
<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2401.00001</id><authors>
<author><keyname>Vector Boson Collaboration</keyname></author>
<author><keyname>Kovalevskaya</keyname><forenames>Sofia</forenames></author>
<author><keyname>Noether</keyname><forenames>Emmy</forenames></author>
</authors><title>A measurement</title></arXiv></metadata></record></ListRecords></OAI-PMH>"""


class Repository(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Repository)
Thread(target=server.serve_forever, daemon=True).start()
sickle = Sickle(f"http://127.0.0.1:{server.server_port}/oai")
found = next(iter(sickle.ListRecords(metadataPrefix="arXiv"))).metadata
pairs = [f"{first} {last}" for first, last in zip(found["forenames"], found["keyname"])]

print("sickle", version("sickle"))
print("expected: three authors; Sofia belongs to Kovalevskaya and Emmy to Noether")
print("seen:    ", found["keyname"], found["forenames"], "so that one pairs", pairs)
raise SystemExit(pairs != ["Sofia Vector Boson Collaboration", "Emmy Kovalevskaya"])
PYTHON
