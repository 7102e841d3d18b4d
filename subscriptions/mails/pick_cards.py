"""What a mail and its web copy show of each pick, made from the paper and the stored reason."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings

from papers.among import among
from papers.models import EditionEntry, Paper
from papers.text.pages import pages
from papers.text.reading_time import in_minutes, reading_seconds
from papers.text.words import names, web_url
from papers.trends.attention_lines import AttentionLine, attention_lines
from subscriptions.mails.passages import Passage, passage
from subscriptions.mails.reason_words import attention, named_papers, why
from subscriptions.models import DigestItem


@dataclass(frozen=True, slots=True)
class Shown:
    """What every card says of a paper, whoever the reader is; a link is empty where there is none to show."""

    title: str
    url: str
    source_url: str
    source: str
    pdf_url: str
    categories: list[str]
    code_url: str
    reading: str


class Folded(NamedTuple):
    """A paper that gave way to a pick, and is named under it."""

    title: str
    url: str
    is_withdrawn: bool = False  # since then: a mail never names such a paper


class Authors(NamedTuple):
    known: str  # those whom the reader follows, or whose papers they named or kept
    others: str


@dataclass(frozen=True, slots=True)
class PickCard(Shown):
    paper_id: int
    identifier: str
    rank: int
    authors: Authors
    passage: Passage
    why: str
    attention: str
    note: str
    also: list[Folded]
    withdrawn_on: date | None  # when we learnt of it, mostly after the mail
    short_by: int = 0  # hundredths of likeness that a near miss lacks
    word: str = ""  # the reader's feedback


def cards(items: Sequence[DigestItem], told: Collection[int] = ()) -> list[PickCard]:
    """Return cards in the order of the items; a constant number of queries for all of them.

    told: the papers whose interest a heading names already.
    """
    folded = {pk for item in items for pk in item.reason.get("folded", [])}
    papers = Paper.objects.in_bulk({item.paper_id for item in items} | folded)
    notes, named = notes_on(papers), named_titles(items)
    counts = attention_lines(item.paper_id for item in items)
    made = _Made(papers, notes, named, counts, told)
    return [_card(item, made) for item in items if item.paper_id in papers]


class _Made(NamedTuple):
    """What cards are made from."""

    papers: Mapping[int, Paper]
    notes: Mapping[int, str]
    named: Mapping[str, str]
    counts: Mapping[int, AttentionLine]
    told: Collection[int]


def named_titles(items: Iterable[DigestItem]) -> dict[str, str]:
    """Return titles of the papers that readers named and that led to these picks."""
    ids = {identifier for item in items for identifier in named_papers(item.reason)}
    named = Paper.objects.filter(identifier__in=ids).only("identifier", "title", "plain_title") if ids else []
    return {paper.identifier: paper.shown_title for paper in named}


def notes_on(papers: Iterable[int]) -> dict[int, str]:
    """Return the curator's newest note on each paper that has one."""
    noted = among(EditionEntry.objects.filter(hidden=False).exclude(note=""), "paper_id", papers)
    return dict(noted.order_by("edition__date").values_list("paper_id", "note"))


def _card(item: DigestItem, made: _Made) -> PickCard:
    paper, reason = made.papers[item.paper_id], item.reason
    return PickCard(
        **asdict(shown_of(paper, settings.SITE_URL)),
        paper_id=paper.pk,
        identifier=paper.identifier,
        rank=item.rank,
        authors=author_line(paper.shown_authors, reason.get("people") or ()),
        passage=passage(paper.shown_abstract, str(reason.get("sentence", ""))),
        why=why(reason, made.named, told=item.paper_id in made.told),
        attention=attention(reason, paper.field, counted(made.counts.get(paper.pk))),
        note=made.notes.get(item.paper_id, ""),
        also=[_folded(made.papers[pk]) for pk in reason.get("folded", []) if pk in made.papers],
        withdrawn_on=paper.withdrawn_on,
        short_by=_short_by(item),
    )


def _short_by(item: DigestItem) -> int:
    return max(0, round(100 * (settings.RELEVANCE_FLOOR - item.relevance)))


def _folded(paper: Paper) -> Folded:
    url = settings.SITE_URL + paper.get_absolute_url()
    return Folded(paper.shown_title, url, is_withdrawn=paper.withdrawn_on is not None)


def shown_of(paper: Paper, site_url: str) -> Shown:
    return Shown(
        title=paper.shown_title,
        url=site_url + paper.get_absolute_url(),
        source_url=web_url(paper.source_url),
        source="abstract" if paper.arxiv_id else "paper",
        pdf_url=f"https://arxiv.org/pdf/{paper.arxiv_id}" if paper.arxiv_id else "",
        categories=paper.categories[:4],
        code_url=web_url(paper.github_repo),
        reading=reading(paper),
    )


def reading(paper: Paper) -> str:
    """Say how long the abstract takes to read, and how many pages the paper has where its authors told."""
    abstract, told = paper.shown_abstract, pages(paper.comment)
    minutes = f"{in_minutes(reading_seconds(paper.shown_title, abstract))} min" if abstract else ""
    return ", ".join(filter(None, (minutes, f"{told} page{'' if told == 1 else 's'}" if told else "")))


def author_line(authors: Sequence[str], known: Collection[Any]) -> Authors:
    """Put those first whom the reader knows."""
    mine = [author for author in authors if author in known]
    return Authors(names(mine), names([author for author in authors if author not in known]))


def counted(line: AttentionLine | None) -> str:
    """Return the drawing and the words of what was counted."""
    return f"{line.spark} {line.words}".strip() if line else ""
