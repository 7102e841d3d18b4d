"""Topics in the admin: a curator writes one and sees at once which papers that wins and loses; merges and retires."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from papers.admin_lists import ShortChangeList
from papers.admin_rights import GuardedAdmin, confirmed, page
from papers.editions import topics
from papers.models import Topic
from papers.pages.scripted import wants_part
from papers.shared_clock import now
from subscriptions.curating import topic_effects, topic_files_pages, topic_merging
from subscriptions.curating.topic_desks import Desk, desks
from subscriptions.curating.topic_form import TopicForm

WORDS = ("name", "description", "examples", "counterexamples")
PLACE = ("slug", "field", "categories", "position")
READ_AND_WRITE = ("GET", "HEAD", "POST")


class TopicList(ShortChangeList):
    """The topics of a page, each with how it stands: in as many queries for many as for few."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        found = desks(now())
        for topic in self.result_list:
            topic.desk = found.of(topic)


class TopicAdmin(GuardedAdmin):
    form = TopicForm
    list_display = ["name", "field", "state", "followers", "papers", "overlap", "newest"]
    list_filter = ["is_active", "field"]
    list_per_page = 200
    search_fields = ["name", "description"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = ((None, {"fields": WORDS}), ("Where it stands", {"fields": PLACE}))
    actions = ["retire", "offer_again"]

    class Media:
        css = {"all": ["topics.css"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Topic | None = None) -> list[str]:
        """Lock the slug of a stored topic: it is its address."""
        return ["slug"] if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Topic | None = None) -> Any:
        return {} if obj else self.prepopulated_fields

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ShortChangeList]:
        return TopicList

    def save_model(self, request: HttpRequest, obj: Topic, form: Any, change: bool) -> None:
        """Write what was changed and no more: somebody may have merged or retired it meanwhile."""
        obj.save(update_fields=form.changed_data if change else None)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context |= topic_effects.context(
            context["adminform"].form, None if wants_part(request) else kwargs.get("obj"), now()
        )
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="followers")
    def followers(self, topic: Topic) -> int:
        return _desk(topic).followers

    @admin.display(description="papers, 14 days")
    def papers(self, topic: Topic) -> int:
        return _desk(topic).standing.papers

    @admin.display(description="shares most with")
    def overlap(self, topic: Topic) -> str:
        return next((str(one) for one in _desk(topic).overlaps), "–")

    @admin.display(description="last papers")
    def newest(self, topic: Topic) -> SafeString:
        rows = ((paper.get_absolute_url(), paper.shown_title) for paper in _desk(topic).standing.last)
        return format_html_join("", '<a class="one-line" href="{}"><bdi>{}</bdi></a>', rows) or SafeString("–")

    @admin.display(description="state", ordering="is_active")
    def state(self, topic: Topic) -> str:
        return _desk(topic).state

    @page("<int:pk>/merge/", "topic-merge", permissions=["change"], methods=READ_AND_WRITE)
    def merge(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make this topic part of another, which its followers follow from then on."""
        return topic_merging.show(self, request, get_object_or_404(Topic, pk=pk, merged_into=None))

    @page("export/", "topic-export", permissions=["view"])
    def export(self, request: HttpRequest) -> HttpResponse:
        """Give all topics as a file, to be kept or edited and read again."""
        return topic_files_pages.export()

    @page("import/", "topic-import", permissions=["add", "change"], methods=READ_AND_WRITE)
    def read(self, request: HttpRequest) -> HttpResponse:
        """Read a file of topics, once the curator has seen what it changes."""
        return topic_files_pages.read(self, request)

    @admin.action(description="Retire: offer these topics no longer", permissions=["change"])
    @confirmed(
        "Offer these topics no longer? Whoever follows one keeps getting its papers. You can offer them again.",
        "Retire",
        only=lambda rows: rows.filter(is_active=True),
    )
    def retire(self, request: HttpRequest, queryset: QuerySet[Topic]) -> None:
        count = self.do_each(request, queryset, lambda topic: topics.retire([topic.pk]), "Retired.")
        self.message_user(request, f"{count} retired.", messages.SUCCESS)

    @admin.action(description="Offer retired topics again", permissions=["change"])
    def offer_again(self, request: HttpRequest, queryset: QuerySet[Topic]) -> None:
        count = self.do_each(request, queryset, lambda topic: topics.offer_again([topic.pk]), "Offered again.")
        left = queryset.count() - count
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(request, f"{count} offered again." + (f" {left} were not retired." if left else ""), level)


def _desk(topic: Topic) -> Desk:
    desk: Desk = topic.desk  # type: ignore[attr-defined]  # hung on by TopicList
    return desk
