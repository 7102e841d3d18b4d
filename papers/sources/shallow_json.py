"""JSON that Python can read whatever is in it: one event that is nested too deeply must not lose those beside it."""

import re

DEEPEST = 64
# json.loads gives up at a depth near that of the interpreter's stack, and at whole numbers of more than 4,300 digits.
LONG_NUMBER = r"(?<![\d.eE+-])-?[0-9]{4000,}+(?![\d.eE])"
# A string is passed over as a whole, even one without an end, so that each character is looked at once.
TOKEN = re.compile(rf'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{{}}]|{LONG_NUMBER}', re.DOTALL)


def shallow(text: str) -> str:
    """Replace by null what is nested deeper than DEEPEST, and whole numbers that are too long."""
    kept, since, depth = [], 0, 0
    for token in TOKEN.finditer(text):
        kind = token[0][0]
        depth += kind in "[{"
        if depth > DEEPEST:
            if kind in "[{" and depth == DEEPEST + 1:
                kept.append(text[since : token.start()] + "null")
            since = token.end()
        elif kind not in '"[]{}':
            kept.append(text[since : token.start()] + "null")
            since = token.end()
        depth -= kind in "]}"
    return "".join([*kept, text[since:] if depth <= DEEPEST else ""])
