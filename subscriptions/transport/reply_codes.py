"""The codes of RFC 3463, such as 5.1.1, in a mail server's words; the one place that reads them."""

import re
from collections.abc import Iterator

# Three numbers with points are a code only where a server puts one: at the beginning of a line, behind the three
# digits of its reply, behind a sign or a word that leads to it. Elsewhere they are a version or a date; and what goes
# on with a point and a digit is a network address, which says nothing about the reader. A subject of 0 tells no cause.
_LEADS = r"(?:^[ \t]*|\b[245]\d\d[ -][ \t]?#?|[#:;=(\[\"'][ \t]?|\b(?:status|code|error|dsn|said|smtp)[ \t])"
_CODE = re.compile(_LEADS + r"([45])\.([1-7])\.(\d{1,3})(?!\.?[\w@])", re.IGNORECASE | re.MULTILINE | re.ASCII)


def codes_in(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield the class, subject and detail of each code, in their order: "550-5.1.1 No such user" has 5, 1 and 1."""
    for match in _CODE.finditer(text):
        yield match[1], match[2], match[3]


def first_code(text: str) -> str:
    """Return the first code as it is written, or an empty text."""
    return ".".join(next(codes_in(text), ()))
