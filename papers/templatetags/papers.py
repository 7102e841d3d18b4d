from collections.abc import Iterable, Mapping

from django import template

from papers.models import Paper
from papers.pages.card_html import written
from papers.pages.cards import cards, moved
from papers.text import words
from papers.text.directions import straight
from papers.trends.trend_facts import facts

register = template.Library()
register.filter("straight", straight)
register.filter("plain", words.plain)
register.filter("web_url", words.web_url)
register.filter("excerpt", words.excerpt)
register.filter("names", words.names)
register.filter("followable", words.followable)
register.filter("short_count", words.short_count)
register.filter("grouped", words.grouped)
register.filter("trend_words", words.trend_words)
register.filter("field_label", words.field_label)
register.filter("field_in_words", words.field_in_words)
register.filter("percent", words.percent)
register.filter("signed", words.signed)


@register.inclusion_tag("papers/_cards.html")
def paper_cards(
    papers: Iterable[Paper],
    start: int | None = 1,
    label: str = "Papers",
    before: Mapping[int, int] | None = None,
    all_ranked: bool = False,
) -> dict[str, object]:
    """Render a list of papers; with a start it is numbered from there, with None it has no numbers.

    before maps the key of each paper to its place of yesterday, where that is known; all_ranked: each had one.
    """
    shown = cards(papers)
    if start is not None and before is not None:
        shown = moved(shown, start, before, all_ranked=all_ranked)
    return {"cards": [written(card) for card in shown], "start": start, "label": label}


register.simple_tag(facts, name="trend_facts")
