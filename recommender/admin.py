from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from papers.admin_lists import TEXTS_OF_ITS_PAPER, Long
from papers.admin_rights import GuardedAdmin, ReadOnly
from recommender.models import (
    Background,
    EmbeddingModel,
    PaperSentences,
    PaperTopic,
    PaperVector,
    TopicOrder,
    TopicVector,
)


def _count(model: type[PaperVector] | type[TopicVector]) -> Coalesce:
    rows = model._default_manager.filter(model=OuterRef("pk")).order_by().values("model")
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)


@admin.register(EmbeddingModel)
class EmbeddingModelAdmin(ReadOnly, GuardedAdmin):
    list_display = ["name", "serving", "dimension", "papers", "topics"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EmbeddingModel]:
        return EmbeddingModel.objects.annotate(papers=_count(PaperVector), topics=_count(TopicVector))

    @admin.display(ordering="papers")
    def papers(self, row: Any) -> int:
        return int(row.papers)

    @admin.display(ordering="topics")
    def topics(self, row: Any) -> int:
        return int(row.topics)


@admin.register(Background)
class BackgroundAdmin(ReadOnly, GuardedAdmin):
    list_display = ["learned_at", "papers"]
    fields = ["learned_at", "papers"]


@admin.register(PaperTopic)
class PaperTopicAdmin(Long, ReadOnly, GuardedAdmin):
    list_display = ["paper", "topic", "similarity"]
    list_filter = ["topic"]
    list_select_related = ["paper", "topic"]
    unlisted = TEXTS_OF_ITS_PAPER
    search_fields = ["paper__title", "=paper__identifier"]


@admin.register(PaperVector)
class PaperVectorAdmin(ReadOnly, GuardedAdmin):
    list_display = ["paper", "model", "paper_updated_at"]
    list_filter = ["model"]
    list_select_related = ["paper", "model"]
    unlisted = [*TEXTS_OF_ITS_PAPER, "vector"]
    search_fields = ["paper__title", "=paper__identifier"]
    fields = ["paper", "model", "paper_updated_at"]


@admin.register(PaperSentences)
class PaperSentencesAdmin(ReadOnly, GuardedAdmin):
    list_display = ["paper", "model"]
    list_select_related = ["paper", "model"]
    unlisted = [*TEXTS_OF_ITS_PAPER, "texts", "vectors"]
    search_fields = ["=paper__identifier"]
    fields = ["paper", "model", "texts"]


@admin.register(TopicVector)
class TopicVectorAdmin(ReadOnly, GuardedAdmin):
    list_display = ["topic", "model"]
    unlisted = ["vector"]
    list_filter = ["model"]
    list_select_related = ["topic", "model"]
    fields = ["topic", "model"]


@admin.register(TopicOrder)
class TopicOrderAdmin(ReadOnly, GuardedAdmin):
    list_display = ["day", "span", "topic", "began_on"]
    list_filter = ["span"]
    list_select_related = ["topic"]
