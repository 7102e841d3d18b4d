"""Pages of OAI-PMH as arXiv serves them, with papers that nobody wrote."""

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from tests.papers.sources.feed_server import Answer

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
FORMAT = "http://arxiv.org/OAI/arXiv/"
AUTHORS = "<author><keyname>Lee</keyname><forenames>Ann</forenames></author>"


def record(arxiv_id: str = "2606.00001", datestamp: str = "2026-06-29", **changes: str) -> str:
    """One paper of Friday, 26 June, announced on Monday; a part that is changed to '' is left out."""
    parts = {
        "id": arxiv_id,
        "created": "2026-06-26",
        "authors": AUTHORS,
        "title": f"On {arxiv_id}",
        "categories": "cs.LG stat.ML",
        "abstract": f"  What {arxiv_id} says.\n",
    }
    parts |= {name.replace("_", "-"): text for name, text in changes.items()}
    written = {name: text if name == "authors" else escape(text) for name, text in parts.items() if text}
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in written.items())
    return f'{header(arxiv_id, datestamp)}<metadata><arXiv xmlns="{FORMAT}">{inside}</arXiv></metadata></record>'


def deleted(arxiv_id: str) -> str:
    return header(arxiv_id, "2026-06-29").replace("<header>", '<header status="deleted">') + "</record>"


def header(arxiv_id: str, datestamp: str) -> str:
    name = f"<identifier>oai:arXiv.org:{arxiv_id}</identifier>"
    return f"<record><header>{name}<datestamp>{datestamp}</datestamp></header>"


def page(records: Sequence[str], token: str | None = None, total: int | None = None) -> bytes:
    """Without a token there is no element for it, with '' an empty one: both end a list."""
    counted = f' completeListSize="{total}" cursor="0"' if total is not None else ""
    end = f"<resumptionToken{counted}>{escape(token)}</resumptionToken>" if token is not None else ""
    return f"{HEAD}<ListRecords>{''.join(records)}{end}</ListRecords></OAI-PMH>".encode()


def error(code: str, text: str = "No.") -> bytes:
    return f"{HEAD}<error code='{code}'>{text}</error></OAI-PMH>".encode()


class Listing:
    """Answers for a FeedServer: a list on several pages; every first page asked for is remembered."""

    def __init__(self, *pages: Sequence[str]) -> None:
        self.pages = pages
        self.asked: list[dict[str, str]] = []

    def __call__(self, path: str, headers: dict[str, str]) -> Answer:
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        self.asked.append(query)
        return Answer(self.page(number_of(query)))

    def page(self, number: int) -> bytes:
        is_last = number == len(self.pages)
        return page(self.pages[number - 1], "" if is_last else token_of(number + 1))


def token_of(number: int) -> str:
    """As opaque as arXiv's own, which is an encoded query."""
    return f"verb%3DListRecords%26set%3Dcs%253Acs%26skip%3D{number}"


def number_of(query: dict[str, str]) -> int:
    """Of the page that is asked for."""
    return int(query["resumptionToken"].rpartition("%3D")[2]) if "resumptionToken" in query else 1
