"""What happened to a paper that a reader kept, as a digest and its web copy tell it."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.template.loader import render_to_string

from papers.models import ChangeKind, Paper
from papers.text.changes import ChangeWords, change_words
from papers.text.directions import LEFTWARDS, steady
from papers.text.words import shortened
from subscriptions.mails.templates import Block, block
from subscriptions.mails.typesetting import clean

TITLE, TOLD, MOST = 200, 330, 6  # characters of both, and changes of one paper


class KeptPaper(NamedTuple):
    title: str
    url: str
    turns: bool  # it may run from right to left
    changes: tuple[ChangeWords, ...]  # the newest first


def kept_paper(paper: Paper, reason: Mapping[str, Any], site_url: str) -> KeptPaper:
    """Return what the stored reason says happened to it."""
    title = _line(paper.shown_title, TITLE)
    told = [change_words(one["kind"], one["detail"], paper.arxiv_id) for one in _apart(reason["changes"])[:MOST]]
    changes = tuple(ChangeWords(_line(one.words, TOLD), one.link) for one in told)
    return KeptPaper(title, site_url + paper.get_absolute_url(), bool(LEFTWARDS.search(title)), changes)


def _apart(changes: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Leave out that a new version came where it is the withdrawal: on arXiv it is one."""
    withdrawals = {one["detail"] for one in changes if one["kind"] == ChangeKind.WITHDRAWN}
    return [one for one in changes if one["kind"] != ChangeKind.REVISED or one["detail"] not in withdrawals]


def _line(text: str, length: int) -> str:
    return shortened(steady(" ".join(clean(text).split())), length)


@lru_cache(maxsize=2048)
def drawn(kept: KeptPaper) -> Block:
    """Render both parts; readers who keep the same paper are told the same."""
    html, text = (render_to_string(f"emails/_digest_news.{part}", {"kept": kept}) for part in ("html", "txt"))
    return block(html, text)
