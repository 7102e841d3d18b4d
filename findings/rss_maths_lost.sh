#!/usr/bin/env bash
# feedparser takes an RSS description for HTML as soon as something in it looks like a tag, and its sanitiser then takes
# out "tags": of the maths in an abstract, "$p<q$ and $q>r$", whole words go, without a warning and without `bozo`. The
# same abstract in an Atom feed says type="text" by not saying anything, and comes through untouched.
# Why it matters: arXiv serves both; by its RSS the abstracts of a mathematician arrive with holes, are embedded with
# holes and are mailed with holes, while most computer science looks perfect, so that nobody notices.
# What to do: read the description with an XML parser as the plain text that arXiv means, and escape it when showing it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check feedparser==6.0.14 feedparser-sgmllib==2.1.0
cd "$folder"
venv/bin/python -I - <<'PYTHON'
from html import escape

import feedparser

ABSTRACT = r"For all $p<q$ and $q>r$ the map $<x,y>$ is bounded in $L_p$, so that $a<b$ implies \emph{compactness}."
RSS = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>math.FA</title><item>
<title>On maps</title><description>{escape(ABSTRACT)}</description></item></channel></rss>"""
ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>math.FA</title><entry>
<title>On maps</title><summary>{escape(ABSTRACT)}</summary></entry></feed>"""

seen = {}
print("feedparser", feedparser.__version__)
print("expected, from both:", ABSTRACT)
for name, feed in (("RSS", RSS), ("Atom", ATOM)):
    parsed = feedparser.parse(feed)
    seen[name] = parsed.entries[0].summary
    print(f"seen, {name:4} bozo={parsed.bozo}:", seen[name])
raise SystemExit(not (seen["Atom"] == ABSTRACT and "and $q" not in seen["RSS"]))
PYTHON
