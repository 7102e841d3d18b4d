from datetime import date
from itertools import groupby

from django import template
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual

from papers.editions.lists import Span
from papers.models import Paper, Topic
from papers.pages.paging import Pages
from papers.shared_clock import now
from papers.text.words import field_label
from recommender.models import PaperTopic
from recommender.search import finding, topics
from recommender.search.topics import TopicListing

register = template.Library()


@register.inclusion_tag("recommender/_similar.html")
def similar_papers(paper: Paper, n: int = 5) -> dict[str, object]:
    return {"paper": paper, "papers": [hit.paper for hit in finding.similar(paper, n)]}


@register.inclusion_tag("recommender/_paper_topics.html")
def paper_topics(paper: Paper) -> dict[str, object]:
    near = PaperTopic.objects.filter(paper=paper, topic__is_active=True)
    return {"topics": [row.topic for row in near.select_related("topic")]}


@register.inclusion_tag("recommender/_topic_papers.html")
def topic_papers(topic: Topic, since: date, page: str, span: str) -> dict[str, object]:
    """List a page of the papers of a topic since a day; page is what was asked for, a number or not."""
    shown, beyond = Pages(TopicListing(topic, since)).asked(page)
    before = topics.before(topic, Span(span), since, now())
    return {"topic": topic, "page": shown, "beyond": beyond, "span": span, "before": before}


@register.inclusion_tag("recommender/_topic_index.html")
def topic_index(since: date) -> dict[str, object]:
    """List all topics by field, each with the number of its papers since that day."""
    paper = "paper_topics__paper__"
    day = Coalesce(f"{paper}announced_on", f"{paper}listed_on", f"{paper}published_on")
    recent = Count("paper_topics", filter=Q(GreaterThanOrEqual(day, since)))
    active = Topic.objects.filter(is_active=True).annotate(recent=recent).order_by("position", "name")
    ordered = sorted(active, key=lambda topic: field_label(topic.field))
    return {"groups": [(label, list(group)) for label, group in groupby(ordered, lambda t: field_label(t.field))]}
