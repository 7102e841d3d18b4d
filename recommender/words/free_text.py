"""The text that a reader writes, cut into the subjects that it names."""

import re

MOST_SUBJECTS = 8
_BREAKS = re.compile(r"[\n;]+")


def split_text(text: str) -> list[str]:
    """Return the subjects that a free text names, one a line or between semicolons; at most 8, in order, none twice."""
    subjects = (" ".join(part.split()).strip("-*• ") for part in _BREAKS.split(text))
    return list(dict.fromkeys(filter(None, subjects)))[:MOST_SUBJECTS]
