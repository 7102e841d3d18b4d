"""The HTML of a mail as a page: its own styles are allowed by their hashes, and nothing else is."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

from django.http import HttpResponse

HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)


def mail_page(html: str, framed_by: str = "'none'") -> HttpResponse:
    """Answer with a mail that styles itself as in a mail program, runs nothing, and loads nothing.

    Within a frame its links open beside it, as from a mail program: no page of ours may stand in a frame.
    """
    styles = " ".join(sorted({_hash(style) for style in _styles_in(html)}))
    policy = f"default-src 'none'; style-src 'unsafe-hashes' {styles}; base-uri 'none'; form-action 'none'"
    headers = {"Content-Security-Policy": f"{policy}; frame-ancestors {framed_by}", "Cache-Control": "no-store"}
    return HttpResponse(html if framed_by == "'none'" else _opening_beside(html), headers=headers)


def _opening_beside(html: str) -> str:
    return HEAD.sub(r'\g<0><base target="_blank">', html, count=1)


def _hash(style: str) -> str:
    return f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"


def _styles_in(html: str) -> list[str]:
    reader = _Reader(convert_charrefs=True)
    reader.feed(html.replace("\r\n", "\n").replace("\r", "\n"))  # as browsers read it, whose hashes are compared
    reader.close()
    return reader.styles


class _Reader(HTMLParser):
    """Collects style attributes, and the contents of style elements."""

    def __init__(self, *, convert_charrefs: bool) -> None:
        super().__init__(convert_charrefs=convert_charrefs)
        self.styles: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.styles += [value for name, value in attrs if name == "style" and value]
        if tag == "style":
            self.inside = True
            self.styles.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "style"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.styles[-1] += data
