"""Every kind of mail as it leaves: digests of one paper, of ten and of twenty hostile ones, and the account mails."""

import re
from html import unescape
from typing import NamedTuple

from papers.records import PaperRecord
from tests.mail_gallery import kinds, written
from tests.mail_gallery.written import Pick
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.mails.letters import NASTY, parsed, part

HEADING = re.compile(r"<(h[1-6])\b[^>]*>(.*?)</\1>", re.S)
HOSTILE = [text.encode(errors="replace").decode() for text in NASTY]  # what sources give can always be encoded
LINK = re.compile(r'href="([^"]+)"')


class Letter(NamedTuple):
    """A mail by its name."""

    name: str
    raw: bytes

    @property
    def html(self) -> str:
        return part(parsed(self.raw), "html")

    @property
    def text(self) -> str:
        return part(parsed(self.raw), "plain")

    @property
    def links(self) -> list[str]:
        """Where the links of the HTML lead, in their order."""
        return [unescape(link) for link in LINK.findall(self.html)]

    @property
    def headings(self) -> list[str]:
        """Their texts, in one line each."""
        return [_one_line(unescape(re.sub(r"<[^>]+>", "", text))) for _, text in HEADING.findall(self.html)]

    @property
    def unsubscribe(self) -> str:
        """The link of the header line, or nothing."""
        return str(parsed(self.raw)["List-Unsubscribe"] or "").strip("<>")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def write_all() -> list[Letter]:
    """Store what the mails need, and return them."""
    hostile = [Pick(paper, {"sentence": written.answering(paper)}) for paper in written.stored(_hostile_records())]
    usual = [Pick(paper, {"sentence": written.answering(paper)}) for paper in kinds.of_the_sample()]
    hostile[0].reason["folded"] = [usual[-1].paper.pk]
    mails = {
        "digest-of-one": written.digest(usual[:1]),
        "digest-of-ten": written.digest(usual[:10]),
        "digest-of-twenty": written.digest(usual[:20]),
        "digest-of-hostile-papers": written.digest(hostile),
        **written.account_mails(),
    }
    return [Letter(name, bytes(mail.message().as_bytes())) for name, mail in mails.items()]


def _hostile_records() -> list[PaperRecord]:
    """Twenty papers whose words want to be more than text, each in another place than in the paper before."""
    day = MORNING.date()
    return [
        PaperRecord(
            f"2606.6{number:04}",
            HOSTILE[number % len(HOSTILE)],
            HOSTILE[number * 5 % len(HOSTILE)],
            authors=(HOSTILE[number * 7 % len(HOSTILE)], "Emmy Noether"),
            announced_on=day,
        )
        for number in range(20)
    ]
