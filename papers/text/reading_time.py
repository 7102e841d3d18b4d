"""How long a text takes to read: an estimate, from its words and a pace that research has measured."""

from math import ceil

# Words a minute that adults read silently in English non-fiction: the mean of 190 studies with 18,573 people, in
# Brysbaert, "How many words do we read per minute?", Journal of Memory and Language 109 (2019).
WORDS_A_MINUTE = 238


def reading_seconds(title: str, abstract: str) -> int:
    """Return the seconds, at least 1, that a title and an abstract take at 238 words a minute (Brysbaert, 2019)."""
    words = len(title.split()) + len(abstract.split())
    return max(1, ceil(60 * words / WORDS_A_MINUTE))


def in_minutes(seconds: float) -> int:
    """Return whole minutes for people to read, at least 1: nobody asks for the seconds."""
    return max(1, round(seconds / 60))
