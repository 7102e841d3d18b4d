"""Feeds as arXiv serves them, written for the tests."""

from datetime import date

from tests.papers.sources.feed_server import Answer

MONDAY = date(2026, 4, 27)


def written(day: date) -> str:
    return f"{day:%a, %d %b %Y} 00:00:00 -0400"


def item(number: int = 1, kind: str = "new", day: date = MONDAY, **changes: str) -> str:
    """changes are elements by name; several categories are parted by spaces."""
    values = {
        "title": "On feeds",
        "description": f"arXiv:2604.{number:05}v2 Announce Type: {kind} \nAbstract: Where $p&lt;q$.",
        "guid": f"oai:arXiv.org:2604.{number:05}v2",
        "pubDate": written(day),
        "arxiv:announce_type": kind,
        "dc:creator": "Ann Lee, Bo Ek",
    }
    elements = values | changes
    categories = "".join(f"<category>{name}</category>" for name in elements.pop("category", "cs.LG").split())
    parts = "".join(f"<{name}>{text}</{name}>" for name, text in elements.items())
    return f"<item>{categories}{parts}</item>"


def feed(*items: str, day: date = MONDAY) -> bytes:
    spaces = 'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    date_line = f"<pubDate>{written(day)}</pubDate>"
    return f'<rss {spaces} version="2.0"><channel>{date_line}{"".join(items)}</channel></rss>'.encode()


def batch(day: date, kind: str = "new", **numbers: range) -> Answer:
    """A feed of a day; numbers are those of the papers by category, such as cs_LG=range(3)."""
    items = [
        item(number, kind, day, category=category.replace("_", "."))
        for category, papers in numbers.items()
        for number in papers
    ]
    return Answer(feed(*items, day=day))
