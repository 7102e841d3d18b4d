#!/usr/bin/env bash
# huggingface_hub's list of the daily papers loses what the service does say. `upvotes` 0 becomes None, because it is read
# by `or`; code, stars, project page and AI summary stand inside "paper" in the answer, but are looked for beside it, and
# are None for every paper; `submitted_at` is the paper's own date, not the day on which it was put on the list.
# Why it matters: "not counted" and "nobody yet" are opposite evidence for a trend, and None for stars says that a paper
# has no code. Nothing fails; the columns just stay empty.
# What to do: read the JSON of /api/daily_papers itself, take a count only from the key that holds it, keep 0 apart from
# absent, and take submittedOnDailyAt for the day.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check huggingface-hub==2.4.0
cd "$folder"
HF_HOME="$folder/home" venv/bin/python -I - <<'PYTHON'
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from threading import Thread

from huggingface_hub import HfApi

PAPER = {"id": "2401.00001", "title": "On maps", "summary": "Maps.", "authors": [], "publishedAt": "2024-01-01T18:00:00.000Z"}
PAPER |= {"upvotes": 0, "githubRepo": "https://code.example.org/maps", "githubStars": 41, "ai_summary": "About maps."}
PAPER |= {"projectPage": "https://maps.example.org", "submittedOnDailyAt": "2024-01-04T09:00:00.000Z"}
ANSWER = json.dumps([{"paper": PAPER, "title": "On maps", "publishedAt": "2024-01-01T13:00:00.000Z", "numComments": 2}])


class Service(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER.encode())

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Service)
Thread(target=server.serve_forever, daemon=True).start()
api = HfApi(endpoint=f"http://127.0.0.1:{server.server_port}", token=False)
(paper,) = api.list_daily_papers(date="2024-01-04")
seen = {"upvotes": paper.upvotes, "stars": paper.github_stars, "code": paper.github_repo, "day": f"{paper.submitted_at:%F}"}
print("huggingface_hub", version("huggingface_hub"))
print("expected:", {"upvotes": 0, "stars": 41, "code": PAPER["githubRepo"], "day": "2024-01-04"})
print("seen:    ", seen)
raise SystemExit(seen != {"upvotes": None, "stars": None, "code": None, "day": "2024-01-01"})
PYTHON
