#!/usr/bin/env bash
# What most services use to show the TeX of titles gives two different formulas the same text, without a word: a fraction
# has no brackets, so a over (b+c) and (a over b) plus c both read "a/b+c"; a line over two letters is left out, so the mean of
# fg reads as fg; an exponent's braces are left out, so x to the 2n and x squared times n are both "x^2n"; n choose k is "nk".
# Why it matters: a title or abstract that is shown, embedded or searched so says something else than its authors did,
# and nothing in the result tells that anything is missing.
# What to do: put brackets where an argument ends, spell what has no sign, and compare formulas of one text pairwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check pylatexenc==2.11 2>"$folder/warnings" ||
  { cat "$folder/warnings" >&2 && exit 1; }
cd "$folder"
venv/bin/python -I - <<'PYTHON'
from importlib.metadata import version

from pylatexenc.latex2text import LatexNodes2Text

PAIRS = [
    (r"$\frac{a}{b+c}$", r"$\frac{a}{b}+c$"),
    (r"$\frac{a+b}{c}$", r"$a+\frac{b}{c}$"),
    (r"$\overline{fg}$", r"$fg$"),
    (r"$x^{2n}$", r"$x^2n$"),
    (r"$\binom{n}{k}$", r"$nk$"),
]
print(f"pylatexenc {version('pylatexenc')}: expected two texts for two formulas")
same = 0
for pair in PAIRS:
    first, second = (LatexNodes2Text().latex_to_text(source) for source in pair)
    same += first == second
    print(f"  {pair[0]:<20} {first!r:<12} {pair[1]:<20} {second!r:<12} {'the same' if first == second else 'told apart'}")
if same < len(PAIRS):
    raise SystemExit(f"changed: only {same} of {len(PAIRS)} pairs read alike")
print(f"seen: all {same} pairs read alike")
PYTHON
