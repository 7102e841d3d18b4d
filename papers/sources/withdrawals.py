"""Withdrawn papers stay on arXiv: that they are withdrawn stands in the comment, in older ones in the abstract."""

import re

WORK = r"(?:paper|article|manuscript|submission|preprint|work|note|report|version)"
# At the beginning only: "replaces a withdrawn paper" and "withdrawn from a conference" are about something else.
SAID = re.compile(
    rf"""\W*(?:(?:this|the|our)\s+(?:arxiv\s+)?{WORK}\s+(?:(?:has|have)\s+been|is|was)\s+(?:now\s+|temporarily\s+)?withdrawn
        |(?:{WORK}\s+)?(?:has\s+been\s+)?withdrawn(?=\s*(?:$|[^\w\s])|\s+(?:by|due|because|as|since|for|from)\b))
        \b(?!\s+from\s+(?!(?:the\s+)?arxiv))""",
    re.IGNORECASE | re.VERBOSE,
)


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Tell whether arXiv's comment or abstract begins by saying so."""
    return bool(SAID.match(comment) or SAID.match(abstract))
