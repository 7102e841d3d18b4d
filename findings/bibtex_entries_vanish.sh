#!/usr/bin/env bash
# BibTeX allows blanks and line ends between "@", an entry's type and its brace, and a hyphen in the type. bibtexparser 2
# takes such an entry for a comment between entries: it stands neither in entries nor in failed_blocks. pybtex reads it, as
# BibTeX 0.99d itself does.
# Why it matters: somebody uploads their library, some papers are not known from it, and no count of what could not be read
# tells; the check that is at hand, "no failed blocks", is passed.
# What to do: count the heads of entries by a search of one's own, and read what the parser left out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check bibtexparser==2.1.0 pybtex==0.26.1 pylatexenc==2.11
cd "$folder"
venv/bin/python -I - <<'PYTHON'
import logging
from importlib.metadata import version

import bibtexparser
from pybtex.database import parse_string

LIBRARY = """
@misc{plain, title = {A plain head}}
@ misc{spaced, title = {A blank before the type}}
@article
{below, title = {The brace in the next line}}
@mv-book{hyphen, title = {A hyphen in the type}}
@misc{last, title = {Another plain head}}
"""
logging.disable()
ours = bibtexparser.parse_string(LIBRARY)
theirs = parse_string(LIBRARY, "bibtex")
seen = [entry.key for entry in ours.entries]
print(*(f"{name} {version(name)}" for name in ("bibtexparser", "pybtex")))
print("expected:", list(theirs.entries), "as pybtex reads, or failed blocks that tell of the rest")
print("seen:    ", seen, "with", len(ours.failed_blocks), "failed blocks")
raise SystemExit(seen != ["plain", "last"] or bool(ours.failed_blocks) or len(theirs.entries) != 5)
PYTHON
