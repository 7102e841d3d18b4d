"""What the API answers, and how rows become it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from django.conf import settings
from ninja import Field, Schema

from papers import models
from papers.pages.cards import Card, cards
from papers.text.words import web_url
from recommender.search.finding import Results

NEXT = Field(description="The cursor of the next page; null on the last one.")


class Paper(Schema):
    """A paper. What is not known is null, which never means none or zero."""

    id: str = Field(description="arXiv's identifier without a version; else a namespace and a name: doi:10.1101/12.")
    version: int | None = Field(description="The newest version that is known.")
    title: str = Field(description="In Unicode; TeX is turned into it as far as that goes.")
    abstract: str
    authors: list[str]
    categories: list[str] = Field(description="arXiv's, the primary one first.")
    field: str | None = Field(description="The archive of the primary category, such as cs.")
    published_on: date | None = Field(description="First submitted.")
    announced_on: date | None = Field(description="Announced by arXiv, by its calendar (Eastern time).")
    listed_on: date | None = Field(description="First day on a list of trending papers.")
    withdrawn_on: date | None = Field(description="The day on which its withdrawal was noticed.")
    doi: str | None
    journal_ref: str | None
    source_url: str | None = Field(description="Where to read it.")
    page_url: str = Field(description="Its page on this site.")
    code_url: str | None
    trend: float | None = Field(
        description="Attention beside that of its field: the share (0 to 1) of the field's papers of the last 14 days"
        " whose attention grows less for their age, equal ones counted half. Null where nobody has counted."
    )
    trend_at: datetime | None = Field(description="When the trend was computed.")
    upvotes: int | None = Field(description="On Hugging Face, as last read.")
    stars: int | None = Field(description="Of its code on GitHub, as last read.")
    featured: bool = Field(description="Chosen by the curator of this site.")
    note: str | None = Field(description="The curator's word on it.")


class Papers(Schema):
    papers: list[Paper]
    next: str | None = NEXT


class Named(Schema):
    papers: list[Paper] = Field(description="In the order in which they were asked for, each once.")
    unknown: list[str] = Field(description="Identifiers of which no paper is here.")


class Hit(Schema):
    paper: Paper
    similarity: float | None = Field(
        description="Cosine of the paper and what was asked for; null where words alone found it."
    )
    sentence: str | None = Field(
        description="The sentence of its abstract that is nearest to the query, where one is known."
    )


class Found(Schema):
    hits: list[Hit] = Field(description="Best first.")
    how: Literal["meaning", "words", "id", "day"] = Field(
        description="By meaning and words, by words alone, by identifier, or the newest ones."
    )
    notes: list[str] = Field(description="What of the query was not understood, or why the search is less than usual.")
    next: str | None = NEXT


class Topic(Schema):
    slug: str
    name: str
    field: str = Field(description="The archive that it belongs to, such as cs.")
    description: str
    categories: list[str] = Field(description="arXiv's categories in which its papers mostly are.")
    recent_papers: int = Field(description="Papers of the last 30 days that are shown under it.")
    page_url: str


class Topics(Schema):
    topics: list[Topic]


class Edition(Schema):
    """What arXiv announced on a date, and what took off on it."""

    date: date
    note: str | None = Field(description="The curator's word on the day.")
    papers: int = Field(description="How many it shows.")


class Editions(Schema):
    editions: list[Edition] = Field(description="Newest first.")
    next: str | None = NEXT


class EditionPapers(Schema):
    edition: Edition
    papers: list[Paper] = Field(description="Featured ones first, then by trend.")
    next: str | None = NEXT


def papers(rows: Iterable[models.Paper]) -> list[Paper]:
    """Return papers as the API tells them, with two queries for however many."""
    return [_paper(card) for card in cards(rows)]


def _paper(card: Card) -> Paper:
    row = card.paper
    return Paper(
        id=row.identifier,
        version=row.version,
        title=row.shown_title,
        abstract=row.shown_abstract,
        authors=row.shown_authors,
        categories=row.categories,
        field=row.field or None,
        published_on=row.published_on,
        announced_on=row.announced_on,
        listed_on=row.listed_on,
        withdrawn_on=row.withdrawn_on,
        doi=row.doi or None,
        journal_ref=row.journal_ref or None,
        source_url=web_url(row.source_url) or None,
        page_url=absolute(row.get_absolute_url()),
        code_url=web_url(row.github_repo) or None,
        trend=row.trend,
        trend_at=row.trend_at,
        upvotes=card.upvotes,
        stars=card.stars,
        featured=card.featured,
        note=card.note or None,
    )


def found(results: Results, following: str | None) -> Found:
    rows = papers(hit.paper for hit in results.hits)
    hits = [
        Hit(paper=paper, similarity=hit.similarity, sentence=hit.sentence or None)
        for paper, hit in zip(rows, results.hits, strict=True)
    ]
    return Found(hits=hits, how=results.how, notes=results.notes, next=following)


def topic(row: models.Topic, recent: int) -> Topic:
    words = {"slug": row.slug, "name": row.name, "field": row.field, "description": row.description}
    return Topic(**words, categories=row.categories, recent_papers=recent, page_url=absolute(row.get_absolute_url()))


def edition(row: models.Edition, shown: int) -> Edition:
    return Edition(date=row.date, note=row.note or None, papers=shown)


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
