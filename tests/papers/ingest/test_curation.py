from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from papers.editions import curation, topics
from papers.feeds import feed_states
from papers.ingest.saving import save
from papers.models import Decision, EditionEntry, Paper
from papers.records import PaperRecord

Make = Callable[..., PaperRecord]
MODELS = ["paper", "signal", "topic", "edition", "editionentry", "feedstate"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stored(announced: Make, listed: Make, now: datetime) -> None:
    """Two papers in two editions."""
    save([make(number) for number in ("2606.00001", "2606.00002") for make in (announced, listed)], now)
    feed_states.note_success("arxiv", now, 2)
    topics.load()


def act(client: Client, model: str, action: str, *keys: int) -> None:
    answer = client.post(
        reverse(f"admin:papers_{model}_changelist"), {"action": action, "_selected_action": keys}, follow=True
    )
    assert answer.status_code == 200


def entry(arxiv_id: str = "2606.00001", day: int = 30) -> EditionEntry:
    return EditionEntry.objects.get(paper__identifier=arxiv_id, edition__date=date(2026, 6, day))


@pytest.mark.parametrize("model", MODELS)
def test_every_list_can_be_seen_and_searched(admin_client: Client, model: str) -> None:
    address = reverse(f"admin:papers_{model}_changelist")
    assert admin_client.get(address).status_code == 200
    assert admin_client.get(address, {"q": "2606.00001"}).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_every_row_can_be_looked_at(admin_client: Client, model: str) -> None:
    first = apps.get_model("papers", model).objects.first().pk
    assert admin_client.get(reverse(f"admin:papers_{model}_change", args=[first])).status_code == 200


@pytest.mark.parametrize("model", ["paper", "editionentry", "signal"])
def test_the_number_of_queries_of_a_list_does_not_grow_with_its_rows(
    admin_client: Client, announced: Make, listed: Make, now: datetime, model: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(reverse(f"admin:papers_{model}_changelist"))
        return len(captured)

    queries()
    before = queries()
    save([make(f"2606.0001{n}") for n in range(8) for make in (announced, listed)], now)
    assert queries() == before


@pytest.mark.parametrize("model", ["signal", "feedstate"])
def test_what_was_observed_cannot_be_edited(admin_client: Client, model: str) -> None:
    assert admin_client.get(reverse(f"admin:papers_{model}_add")).status_code == 403


def test_entries_are_hidden_and_shown_featured_and_not(admin_client: Client) -> None:
    pk = entry().pk
    for action, hidden, featured in [
        ("hide", True, False),
        ("feature", False, True),
        ("hide", True, False),
        ("unhide", False, False),
        ("feature", False, True),
        ("unfeature", False, False),
    ]:
        act(admin_client, "editionentry", action, pk)
        assert (entry().hidden, entry().featured) == (hidden, featured)


def test_the_list_shows_titles_and_notes_whole(admin_client: Client) -> None:
    note = "Read this, " * 30
    Paper.objects.filter(pk=entry().paper_id).update(plain_title="A title " * 30)
    EditionEntry.objects.filter(pk=entry().pk).update(note=note)
    text = admin_client.get(reverse("admin:papers_editionentry_changelist")).content.decode()
    assert note in text
    assert "A title " * 30 in text


def test_a_form_that_shows_a_merged_paper_again_separates_it(admin_client: Client) -> None:
    EditionEntry.objects.filter(pk=entry().pk).update(hidden=True, merged_into=entry("2606.00002").paper)
    address = reverse("admin:papers_editionentry_change", args=[entry().pk])
    fields = {"edition": entry().edition_id, "paper": entry().paper_id, "reason": "announced", "note": ""}
    assert admin_client.post(address, fields | {"hidden": "on"}).status_code == 302
    assert entry().merged_into_id
    assert admin_client.post(address, fields).status_code == 302
    assert (entry().hidden, entry().merged_into_id) == (False, None)


def test_a_paper_is_hidden_or_featured_in_its_newest_edition_only(admin_client: Client) -> None:
    pk = Paper.objects.get(identifier="2606.00001").pk
    act(admin_client, "paper", "hide_in_newest_edition", pk)
    assert (entry(day=30).hidden, entry(day=29).hidden, entry("2606.00002").hidden) == (True, False, False)
    act(admin_client, "paper", "feature_in_newest_edition", pk)
    assert (entry().hidden, entry().featured) == (False, True)


def test_an_editions_page_shows_what_was_decided_and_takes_a_note(admin_client: Client) -> None:
    EditionEntry.objects.filter(pk=entry().pk).update(featured=True)
    edition = entry().edition
    page = admin_client.get(reverse("admin:papers_edition_change", args=[edition.pk]))
    inline = page.context["inline_admin_formsets"][0].formset
    assert [form.instance.paper.identifier for form in inline.initial_forms] == ["2606.00001"]
    fields = {"entries-TOTAL_FORMS": 0, "entries-INITIAL_FORMS": 0, "date": edition.date, "note": "Good day."}
    assert admin_client.post(page.request["PATH_INFO"], fields).status_code == 302
    edition.refresh_from_db()
    assert edition.note == "Good day."


def test_what_a_form_decides_is_kept_and_can_be_undone(admin_client: Client, now: datetime) -> None:
    address = reverse("admin:papers_editionentry_change", args=[entry().pk])
    fields = {"edition": entry().edition_id, "paper": entry().paper_id, "reason": "announced", "note": ""}
    admin_client.post(address, fields)
    assert not Decision.objects.exists()  # nothing was changed
    admin_client.post(address, fields | {"featured": "on", "note": "Read this."})
    [featured] = Decision.objects.all()
    assert (featured.verb, featured.by.username if featured.by else "") == ("feature", "admin")
    page = reverse("admin:papers_edition_change", args=[entry().edition_id])
    rows = {
        "entries-TOTAL_FORMS": 1,
        "entries-INITIAL_FORMS": 1,
        "entries-0-id": entry().pk,
        "entries-0-note": "Or not.",
    }
    rows |= {"entries-0-edition": entry().edition_id, "entries-0-paper": entry().paper_id, "entries-0-featured": "on"}
    rows |= {"entries-0-reason": "announced", "date": entry().edition.date, "note": ""}
    assert admin_client.post(page, rows).status_code == 302
    noted = Decision.objects.exclude(pk=featured.pk).get()
    assert (noted.verb, entry().note) == ("note", "Or not.")
    for decision in (noted, featured):
        curation.undo(decision, by=None, now=now)
    assert (entry().featured, entry().note) == (False, "")


def test_hidden_and_featured_at_once_is_refused_in_words(admin_client: Client) -> None:
    address = reverse("admin:papers_editionentry_change", args=[entry().pk])
    both = {"edition": entry().edition_id, "paper": entry().paper_id, "reason": "announced", "hidden": 1, "featured": 1}
    page = admin_client.post(address, both)
    assert page.status_code == 200
    assert "hidden_is_not_featured" in page.content.decode()
