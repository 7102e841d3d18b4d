"""A curator's topics: how they stand, what an edit does, merging, retiring, and files."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from papers.editions import topic_files
from papers.models import Paper, Topic
from recommender.models import EmbeddingModel, PaperTopic
from subscriptions.models import Subscriber
from tests.subscriptions.conftest import axis
from tests.subscriptions.staff.conftest import signed_in, staff

pytestmark = pytest.mark.django_db
LIST = "/admin/papers/topic/"
Make = Callable[..., Subscriber]


@pytest.fixture
def clara() -> Client:
    return signed_in(staff("clara", group="curator"))


def page_of(topic: Topic) -> str:
    return reverse("admin:papers_topic_change", args=[topic.pk])


def fields_of(topic: Topic, **changes: str) -> dict[str, object]:
    fields = {"name": topic.name, "description": topic.description, "examples": "", "counterexamples": ""}
    return fields | {"field": "cs", "categories": "", "position": topic.position} | changes


def log() -> list[str]:
    return [f"{entry.object_repr}: {entry.get_change_message()}" for entry in LogEntry.objects.order_by("pk")]


class TestList:
    def test_it_says_how_each_topic_stands(
        self, clara: Client, make_subscriber: Make, topics: list[Topic], some_papers: list[Paper]
    ) -> None:
        make_subscriber(follows=(0, 1))
        for topic, papers in ((topics[0], some_papers[:2]), (topics[1], some_papers[1:2])):
            for paper in papers:
                PaperTopic.objects.create(topic=topic, paper=paper, similarity=0.6)
        topics[2].is_active = False
        topics[2].save()
        page = clara.get(LIST).content.decode()
        assert "Topic 1: 50% of its papers, cosine 0.00" in page
        assert "Topic 0: 100% of its papers, cosine 0.00" in page
        assert "<bdi>Paper 1</bdi>" in page
        assert "retired" in page
        assert '<td class="field-followers">1</td>' in page

    def test_it_costs_as_many_queries_for_many(
        self, clara: Client, make_subscriber: Make, topics: list[Topic], make_paper: Callable[..., Paper]
    ) -> None:
        hidden = topics[3:]
        Topic.objects.filter(pk__in=[topic.pk for topic in hidden]).update(merged_into=topics[0], is_active=False)
        make_subscriber(follows=(0,))
        PaperTopic.objects.create(topic=topics[0], paper=make_paper(1, axis(0)), similarity=0.5)
        clara.get(LIST)
        with CaptureQueriesContext(connection) as few_queries:
            clara.get(LIST)
        for number in range(5):
            make_subscriber(f"reader{number}@example.org", follows=(0, 1, 2))
            paper = make_paper(10 + number, axis(number))
            for topic in topics[:3]:
                PaperTopic.objects.create(topic=topic, paper=paper, similarity=0.5)
        Topic.objects.filter(pk__in=[topic.pk for topic in hidden]).update(merged_into=None, is_active=True)
        with CaptureQueriesContext(connection) as many_queries:
            clara.get(LIST)
        assert len(many_queries) == len(few_queries)


class TestEditing:
    def test_what_changes_is_written_and_logged(
        self, clara: Client, topics: list[Topic], some_papers: list[Paper]
    ) -> None:
        one, other = some_papers[:2]
        fields = fields_of(topics[0], description="They walk.", examples=f"https://arxiv.org/abs/{one.identifier}v2")
        assert clara.post(page_of(topics[0]), fields | {"counterexamples": other.identifier}).status_code == 302
        topics[0].refresh_from_db()
        assert (topics[0].description, topics[0].slug) == ("They walk.", "topic-0")
        assert (topics[0].examples, topics[0].counterexamples) == ([one.identifier], [other.identifier])
        assert log() == ["Topic 0: Changed description, Papers that belong and Papers that do not."]

    def test_a_topic_can_be_added(self, clara: Client, topics: list[Topic]) -> None:
        fields = fields_of(Topic(name="Robots", description="They move."), slug="robots", position="3")
        assert clara.post("/admin/papers/topic/add/", fields).status_code == 302
        assert Topic.objects.called("robots")

    @pytest.mark.parametrize(
        ("typed", "why"),
        [
            ("2401.99999", "2401.99999 is not stored here: only papers that have come in can be examples."),
            ("nonsense", "“nonsense” names no paper: write identifiers, one a line."),
            ("\n".join(["2606.00001"] * 300), "Please keep to 20 papers"),
        ],
    )
    def test_an_example_that_is_none_is_named(
        self, clara: Client, topics: list[Topic], some_papers: list[Paper], typed: str, why: str
    ) -> None:
        answer = clara.post(page_of(topics[0]), fields_of(topics[0], examples=typed))
        assert why in answer.content.decode()
        assert log() == []

    def test_a_paper_cannot_be_both(self, clara: Client, topics: list[Topic], some_papers: list[Paper]) -> None:
        named = some_papers[0].identifier
        answer = clara.post(page_of(topics[0]), fields_of(topics[0], examples=named, counterexamples=named))
        assert "belongs, too, by what stands above" in answer.content.decode()

    def test_the_button_that_shows_saves_nothing(self, clara: Client, topics: list[Topic]) -> None:
        answer = clara.post(page_of(topics[0]), fields_of(topics[0], description="They walk.", _show="1"))
        assert answer.status_code == 200
        assert "They walk." in answer.content.decode()
        topics[0].refresh_from_db()
        assert topics[0].description == "…"
        assert log() == []

    def test_a_paper_is_named_by_a_button_and_moved_from_list_to_list(
        self, clara: Client, topics: list[Topic], some_papers: list[Paper]
    ) -> None:
        named = some_papers[0].identifier
        page = self.typed(clara.post(page_of(topics[0]), fields_of(topics[0], _belongs=named)))
        assert page == (named, "")
        page = self.typed(clara.post(page_of(topics[0]), fields_of(topics[0], examples=named, _foreign=named)))
        assert page == ("", named)

    def typed(self, answer: HttpResponse) -> tuple[str, str]:
        form = answer.context["adminform"].form  # type: ignore[attr-defined]
        return form["examples"].value().strip(), form["counterexamples"].value().strip()

    def test_without_the_query_encoder_it_says_so_and_saves_as_ever(
        self, clara: Client, topics: list[Topic], settings: Settings, tmp_path: Path
    ) -> None:
        settings.QUERY_ENCODER_SOCKET = tmp_path / "none.sock"
        assert "The query encoder cannot be reached" in clara.get(page_of(topics[0])).content.decode()
        assert clara.post(page_of(topics[0]), fields_of(topics[0], name="Robots")).status_code == 302

    def test_before_anything_is_embedded_it_says_so(
        self, clara: Client, topics: list[Topic], model: EmbeddingModel
    ) -> None:
        EmbeddingModel.objects.update(serving=False)
        assert "No paper has a vector yet" in clara.get(page_of(topics[0])).content.decode()

    def test_a_save_takes_back_no_merging(self, clara: Client, topics: list[Topic]) -> None:
        """The form was opened before another curator merged the topic."""
        clara.post(reverse("admin:topic-merge", args=[topics[0].pk]), {"into": topics[1].pk})
        clara.post(page_of(topics[0]), fields_of(topics[0], name="Robots"))
        topics[0].refresh_from_db()
        assert (topics[0].name, topics[0].merged_into, topics[0].is_active) == ("Robots", topics[1], False)


class TestMerging:
    def test_it_says_what_it_does_and_then_does_it(
        self, clara: Client, make_subscriber: Make, topics: list[Topic]
    ) -> None:
        ada, bob = make_subscriber(), make_subscriber("bob@example.org", follows=(0, 1))
        url = reverse("admin:topic-merge", args=[topics[0].pk])
        assert "Into which topic?" in clara.get(url).content.decode()
        page = clara.get(url, {"into": topics[1].pk}).content.decode()
        assert "This cannot be undone" in page
        assert (
            "Its <strong>2</strong> followers follow “Topic 1” from the next digest on; 1 of them does already" in page
        )
        assert log() == []
        answer = clara.post(url, {"into": topics[1].pk}, follow=True)
        assert "“Topic 0” is part of “Topic 1” now: 2 followers follow that." in answer.content.decode()
        assert [one.interests.get().topic for one in (ada, bob)] == [topics[1]] * 2
        assert log() == ["Topic 0: Merged into “Topic 1”.", "Topic 1: Took in “Topic 0”."]

    def test_what_another_curator_did_first_is_told(self, clara: Client, topics: list[Topic]) -> None:
        url = reverse("admin:topic-merge", args=[topics[0].pk])
        clara.get(url, {"into": topics[1].pk})
        Topic.objects.filter(pk=topics[1].pk).update(is_active=False)
        answer = clara.post(url, {"into": topics[1].pk}, follow=True)
        assert "“Topic 1” is not offered" in answer.content.decode()
        assert log() == []

    @pytest.mark.parametrize("into", ["", "x", "99999999999999999999", "999999"])
    def test_a_topic_that_is_none_is_asked_for_again(self, clara: Client, topics: list[Topic], into: str) -> None:
        answer = clara.post(reverse("admin:topic-merge", args=[topics[0].pk]), {"into": into})
        assert "Into which topic?" in answer.content.decode()


class TestRetiring:
    def test_it_is_asked_first_logged_and_taken_back(self, clara: Client, topics: list[Topic]) -> None:
        chosen = {"action": "retire", "_selected_action": [topics[0].pk, topics[1].pk]}
        assert "Whoever follows one keeps getting its papers" in clara.post(LIST, chosen).content.decode()
        assert Topic.objects.offered().count() == 8
        clara.post(LIST, chosen | {"confirm": "yes"})
        assert Topic.objects.offered().count() == 6
        clara.post(LIST, {"action": "offer_again", "_selected_action": [topics[0].pk, topics[3].pk]})
        assert Topic.objects.offered().count() == 7
        assert log() == ["Topic 0: Retired.", "Topic 1: Retired.", "Topic 0: Offered again."]


class TestFiles:
    URL = "/admin/papers/topic/import/"

    def upload(self, client: Client, entries: object) -> HttpResponse:
        data = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
        return client.post(self.URL, {"file": SimpleUploadedFile("topics.json", data)})  # type: ignore[return-value]

    def entries(self, **changes: object) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = json.loads(topic_files.write())
        return [rows[0] | changes, *rows[1:]]

    def test_an_export_is_a_file(self, clara: Client, topics: list[Topic]) -> None:
        answer = clara.get("/admin/papers/topic/export/")
        assert answer.content.decode() == topic_files.write()
        assert answer["Content-Disposition"] == 'attachment; filename="topics.json"'

    def test_what_would_change_is_shown_and_then_written(self, clara: Client, topics: list[Topic]) -> None:
        new = {"slug": "robots", "name": "Robots <b>", "field": "cs", "description": "They move.", "categories": []}
        answer = self.upload(clara, [*self.entries(name="Machines", examples=["2401.99999"]), new])
        page = answer.content.decode()
        assert "2 topics would be written, 7 are as they are in the file" in page
        assert "<del>Topic 0</del> <ins>Machines</ins>" in page
        assert "Robots &lt;b&gt; (new)" in page
        assert "Not stored here: <bdi>2401.99999</bdi>. It counts" in page
        assert log() == []
        form = answer.context["confirm"]  # type: ignore[attr-defined]
        assert clara.post(self.URL, form.initial).status_code == 302
        assert sorted(log()) == ["Machines: Changed name, examples by a file.", "Robots <b>: Added by a file."]
        assert Topic.objects.called("robots")

    def test_where_somebody_changed_topics_meanwhile_it_is_shown_again(
        self, clara: Client, topics: list[Topic]
    ) -> None:
        form = self.upload(clara, self.entries(name="Machines")).context["confirm"]  # type: ignore[attr-defined]
        Topic.objects.filter(pk=topics[1].pk).update(name="Somebody’s")
        page = clara.post(self.URL, form.initial).content.decode()
        assert "Somebody changed topics while you looked" in page
        assert "<del>Somebody’s</del> <ins>Topic 1</ins>" in page
        assert log() == []

    def test_a_bad_file_says_why_and_changes_nothing(self, clara: Client, topics: list[Topic]) -> None:
        answer = self.upload(clara, self.entries(field="alchemy"))
        assert answer.status_code == 400
        assert "Entry 1 (“topic-0”): field “alchemy” is none of arXiv&#x27;s" in answer.content.decode()
        assert "Nothing was changed." in answer.content.decode()
        assert self.upload(clara, b"").status_code == 400

    def test_whoever_may_only_look_may_export(self, topics: list[Topic]) -> None:
        client = signed_in(staff("vera", "papers.view_topic"))
        assert client.get("/admin/papers/topic/export/").status_code == 200
        assert client.get(self.URL).status_code == 403
        assert "topic/import/" not in client.get(LIST).content.decode()
        assert 'name="_show"' not in client.get(page_of(topics[0])).content.decode()
