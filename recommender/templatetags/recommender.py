from datetime import date
from itertools import groupby

from django import template
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual

from papers.models import Paper, Topic
from papers.text.words import field_label
from recommender.models import PaperTopic
from recommender.search import finding
from recommender.search.hits import Hit

register = template.Library()
# The papers of a topic differ by about 0.3 in similarity: trend moves one up among its like, not past them all.
TREND_COUNTS = 0.1


@register.inclusion_tag("recommender/_similar.html")
def similar_papers(paper: Paper, n: int = 5) -> dict[str, object]:
    return {"paper": paper, "papers": [hit.paper for hit in finding.similar(paper, n)]}


@register.inclusion_tag("recommender/_paper_topics.html")
def paper_topics(paper: Paper) -> dict[str, object]:
    near = PaperTopic.objects.filter(paper=paper, topic__is_active=True)
    return {"topics": [row.topic for row in near.select_related("topic")]}


@register.inclusion_tag("recommender/_topic_papers.html")
def topic_papers(topic: Topic, since: date, limit: int = 30) -> dict[str, object]:
    hits = finding.topic_papers(topic, since, limit)
    return {"topic": topic, "papers": [hit.paper for hit in sorted(hits, key=_nearness_and_trend, reverse=True)]}


def _nearness_and_trend(hit: Hit) -> float:
    trend = 0.5 if hit.paper.trend is None else hit.paper.trend
    return (hit.similarity or 0.0) + TREND_COUNTS * trend


@register.inclusion_tag("recommender/_topic_index.html")
def topic_index(since: date) -> dict[str, object]:
    """List all topics by field, each with the number of its papers since that day."""
    paper = "paper_topics__paper__"
    day = Coalesce(f"{paper}announced_on", f"{paper}listed_on", f"{paper}published_on")
    recent = Count("paper_topics", filter=Q(GreaterThanOrEqual(day, since)))
    topics = Topic.objects.filter(is_active=True).annotate(recent=recent).order_by("position", "name")
    ordered = sorted(topics, key=lambda topic: field_label(topic.field))
    return {"groups": [(label, list(group)) for label, group in groupby(ordered, lambda t: field_label(t.field))]}
