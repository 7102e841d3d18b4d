"""Answers of arXiv's API, written for the tests."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from tests.papers.sources.feed_server import Answer


def entry(identifier: str = "2606.00001", version: int = 2, **changes: str) -> str:
    values = {
        "id": f"http://arxiv.org/abs/{identifier}v{version}",
        "title": f"On the paper\n  {identifier}",
        "summary": f"  What it says\nof $p<q$ in {identifier}.\n",
        "published": "2026-06-01T17:57:34Z",
        "updated": "2026-06-20T17:57:34Z",
    }
    parts = [f"<{name}>{escape(text)}</{name}>" for name, text in (values | changes).items()]
    parts += ['<category term="cs.LG"/><category term="stat.ML"/><arxiv:primary_category term="stat.ML"/>']
    return f"<entry>{''.join(parts)}<author><name>Ann Lee</name></author></entry>"


def error(text: str = "incorrect id format for abc") -> str:
    link = f"https://arxiv.org/api/errors#{text.replace(' ', '_')}"
    return f"<entry><id>{link}</id><title>Error</title><summary>{text}</summary></entry>"


def feed(*entries: str) -> bytes:
    spaces = 'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom"'
    return f"<feed {spaces}><title>arXiv Query</title>{''.join(entries)}</feed>".encode()


def asked(path: str) -> list[str]:
    """The identifiers in a request."""
    return parse_qs(urlsplit(path).query)["id_list"][0].split(",")


def arxiv(*, unknown: tuple[str, ...] = (), bad: tuple[str, ...] = ()) -> Callable[[str, dict[str, str]], Answer]:
    """An arXiv that knows every paper but those unknown, and refuses a question with a bad one in it."""

    def respond(path: str, headers: dict[str, str]) -> Answer:
        identifiers = asked(path)
        if not set(identifiers).isdisjoint(bad):
            return Answer(feed(error()))
        return Answer(feed(*(entry(one) for one in identifiers if one not in unknown)))

    return respond
