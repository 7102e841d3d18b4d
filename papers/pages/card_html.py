"""A card of a list as HTML."""

from typing import NamedTuple

from django.utils.safestring import SafeString

from papers.models import Paper
from papers.pages.cards import Card
from papers.pages.curves import Curve
from papers.pages.shapes import Words, filled
from papers.text.words import excerpt, names, short_count, trend_words, web_url

HIGH = 0.75  # a trend that is shown as such
CATEGORIES = 3


class Passage(NamedTuple):
    """What a card quotes of an abstract: the sentence that answers a search stands out where there is one."""

    before: str
    sentence: str = ""
    after: str = ""


def written(card: Card, passage: Passage | None = None) -> SafeString:
    """Return a card as HTML, with the beginning of the abstract or with a passage of it."""
    quoted = passage or Passage(excerpt(card.paper.shown_abstract))
    said = _of_paper(card.paper) | _of_list(card) | _attention(card)
    return filled("papers/_paper.html", **said, before=quoted.before, sentence=quoted.sentence, after=quoted.after)


def _of_paper(paper: Paper) -> dict[str, Words]:
    return {
        "url": paper.get_absolute_url(),
        "title": paper.shown_title,
        "identifier": paper.identifier,
        "authors": names(paper.shown_authors),
        "withdrawn": "yes" if paper.withdrawn_on else "",
        "categories": paper.categories[:CATEGORIES],
        "source": web_url(paper.source_url),
        "source_name": "arXiv" if paper.arxiv_id else "paper",
        "code": web_url(paper.github_repo),
    }


def _of_list(card: Card) -> dict[str, Words]:
    rise, day = card.rise or 0, card.first_seen
    return {
        "came": str(int(card.paper.created_at.timestamp())),  # in seconds since 1970
        "up": str(rise) if rise > 0 else "",
        "down": str(-rise) if rise < 0 else "",
        "is_new": "yes" if card.is_new and not rise else "",
        "featured": "yes" if card.featured else "",
        "note": card.note,
        "day": day.isoformat(),
        "day_in_words": f"{day.day} {day:%b} {day.year}",
    }


def _attention(card: Card) -> dict[str, Words]:
    trend, field = card.paper.trend, card.paper.field
    is_counted = card.upvotes is not None or card.stars is not None
    return {
        "rank": "" if trend is None else trend_words(trend, field),
        "high": "yes" if trend is not None and trend >= HIGH else "",
        "unknown": trend_words(None) if trend is None and not is_counted else "",
        **_counted("upvote", card.upvotes, card.curve),
        **_counted("star", card.stars, card.curve),
    }


def _counted(what: str, count: int | None, curve: Curve | None) -> dict[str, Words]:
    drawn = curve if curve and curve.kind == f"{what}s" and count is not None else None
    return {
        f"{what}s": "" if count is None else f"{short_count(count)} {what}{'' if count == 1 else 's'}",
        f"{what}s_points": drawn.points if drawn else "",
        f"{what}s_words": drawn.words if drawn else "",
    }
