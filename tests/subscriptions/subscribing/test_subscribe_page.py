"""What the page of sign-up shows before there is an address, what it keeps (what was typed) and stores (nothing)."""

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import Settings

from papers.models import Paper, Topic
from recommender.models import EmbeddingModel
from subscriptions import lifecycle
from subscriptions.builder import allowance
from subscriptions.models import Consent, RateBucket, SignUp
from subscriptions.people import links
from subscriptions.people.tokens import Purpose
from subscriptions.people.wishes import Wishes
from tests.subscriptions.conftest import axis

pytestmark = pytest.mark.django_db
TYPED = "the song of zyzzyva whales"


def topic(number: int = 0) -> dict[str, Any]:
    return {"topics": [Topic.objects.get(slug=f"topic-{number}").pk], "digest_size": "10", "trend_weight": "0.5"}


def shown(client: Client, url: str = "subscribe", /, **fields: Any) -> str:
    """The page after a button that only shows it, or the answer to what is typed."""
    answer = client.post(reverse(url), {"show": "1"} | fields)
    assert answer.status_code == 200
    return answer.content.decode()


def titles(page: str) -> list[str]:
    return re.findall(r"<h3>.*?<bdi>(.*?)</bdi>", page)


def state(page: str) -> str:
    """What the page sends back with the next question."""
    return str(re.search(r'name="shown" value="([^"]*)"', page)[1])  # type: ignore[index]


def rows() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in apps.get_models() if model is not RateBucket}


@pytest.mark.parametrize("url", ["subscribe", "subscribe_preview"])
def test_the_digest_of_what_was_ticked_is_shown_and_each_paper_says_why(
    client: Client, morning: list[Paper], url: str
) -> None:
    page = shown(client, url, **topic(4))
    assert titles(page) == ["Paper 3"]
    assert "to the topic you follow: Topic 4" in page


def test_before_anything_is_said_the_page_offers_examples_that_fill_it_in(client: Client, morning: list[Paper]) -> None:
    page = client.get(reverse("subscribe")).content.decode()
    link = str(re.search(r'Only looking\?.*?href="(\?topic=[^"]+)"', page)[1])  # type: ignore[index]
    assert titles(page) == []
    assert "Topic 0" in client.get(reverse("subscribe") + link).content.decode()


def test_showing_it_stores_nothing_and_leaves_everything_filled_in(client: Client, morning: list[Paper]) -> None:
    before = rows()
    fields = {"email": "ada@example", "text": TYPED, "papers": "2606.00003", "authors": "Grace Hopper", "labs": "CERN"}
    fields |= {"excluded_terms": "survey", "send_hour": "17", "timezone": "Europe/Berlin", "frequency": "weekly"}
    page = shown(client, **fields, **topic())
    assert rows() == before
    for value in ("ada@example", TYPED, "2606.00003", "Grace Hopper", "CERN", "survey"):
        assert re.search(rf'(?:value="|>\s*){value}(?:"|\s*<)', page), value
    assert re.search(r'value="17" selected', page)
    assert "<option selected>Europe/Berlin" in page
    assert re.search(r'value="weekly"[^>]* checked', page)
    assert re.search(r'id="topic-topic-0"[^>]* checked', page)


@pytest.mark.parametrize("url", ["subscribe", "subscribe_preview", "subscribe_library"])
def test_no_word_that_is_typed_before_sign_up_stands_in_a_log(
    client: Client, morning: list[Paper], caplog: pytest.LogCaptureFixture, url: str
) -> None:
    caplog.set_level(logging.DEBUG)
    names = {"authors": "Zyzzyva Hopper", "email": "zyzzyva@example.org", "own_name": "Z. Zyzzyva", "find": "1"}
    shown(client, url, text=TYPED, **names)
    ours = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert "zyzzyva" not in " ".join(ours).lower()


def test_papers_that_came_are_marked_and_those_that_went_are_told_in_words(
    client: Client, morning: list[Paper]
) -> None:
    first = shown(client, "subscribe_preview", **topic(0))
    page = shown(client, "subscribe_preview", **topic(4), shown=state(first))
    assert titles(page) == ["Paper 3"]
    assert page.count('class="card came"') == 1
    assert f": 1 came in, {len(titles(first))} went out" in page
    assert "Paper 0" in page.partition('class="gone"')[2].partition("</details>")[0]


def test_nothing_is_marked_while_the_digest_stays_the_same(client: Client, morning: list[Paper]) -> None:
    page = shown(client, "subscribe_preview", **topic(0), shown=state(shown(client, "subscribe_preview", **topic(0))))
    assert "came" not in page
    assert "as before" in page


def test_less_like_this_is_listed_shapes_the_digest_and_is_signed_up_with(client: Client, morning: list[Paper]) -> None:
    page = shown(client, **topic(0), **{"not": "2606.00000"})
    assert re.search(r'name="less" value="2606.00000" checked', page)
    assert "Paper 0" not in titles(page)
    client.post(reverse("subscribe"), {"email": "ada@example.org", "less": "2606.00000"} | topic(0))
    assert SignUp.objects.get().wishes["less"] == ["2606.00000"]


def test_less_like_this_is_taken_back_by_taking_the_tick_away(client: Client, morning: list[Paper]) -> None:
    assert "Paper 0" in titles(shown(client, **topic(0)))


def test_what_was_tuned_is_signed_up_with(client: Client, morning: list[Paper]) -> None:
    tuned = {"digest_size": "3", "trend_weight": "1.0", "weekly_day": "4", "excluded_terms": "survey\nreview"}
    client.post(reverse("subscribe"), {"email": "ada@example.org"} | topic(0) | tuned)
    wishes = SignUp.objects.get().wishes
    assert (wishes["digest_size"], wishes["trend_weight"], wishes["weekly_day"]) == (3, 1.0, 4)
    assert (wishes["excluded_terms"], wishes["term_plurals"]) == (["survey", "review"], False)


def test_minutes_are_signed_up_with_too(client: Client, morning: list[Paper]) -> None:
    client.post(reverse("subscribe"), topic(0) | {"email": "ada@example.org", "digest_size": "10 minutes"})
    wishes = SignUp.objects.get().wishes
    assert (wishes["digest_size"], wishes["reading_minutes"]) == (None, 10)


def test_the_short_form_leaves_the_settings_of_somebody_who_comes_back_as_they_are(client: Client) -> None:
    client.post(reverse("subscribe"), {"email": "ada@example.org", "text": "whales"})
    wishes = SignUp.objects.get().wishes
    unsaid = ("digest_size", "reading_minutes", "trend_weight", "term_plurals", "exploration")
    assert {wishes[name] for name in unsaid} == {None}


def test_the_short_form_shown_at_length_has_the_usual_settings(client: Client, model: EmbeddingModel) -> None:
    page = shown(client, text="whales")
    for chosen in ("8", "10", "0.5"):  # hour, papers in a mail, weight of attention
        assert re.search(rf'<option value="{chosen}" selected', page), chosen
    assert re.search(r'name="term_plurals"[^>]* checked', page)
    assert re.search(r'name="exploration"[^>]* checked', page)


def test_enter_signs_up_once_there_is_an_address_and_shows_the_digest_before(
    client: Client, morning: list[Paper]
) -> None:
    enter = {"enter": "1"} | topic(4)
    assert titles(client.post(reverse("subscribe"), enter).content.decode()) == ["Paper 3"]
    assert client.post(reverse("subscribe"), enter | {"email": "ada@example.org"}).status_code == 302


def test_a_form_with_a_fault_keeps_its_digest_beside_it(client: Client, morning: list[Paper]) -> None:
    answer = client.post(reverse("subscribe"), topic(4) | {"email": "nobody"})
    assert answer.status_code == 400
    assert '<a href="#id_email">' in answer.content.decode()
    assert titles(answer.content.decode()) == ["Paper 3"]


def test_what_is_wrong_stands_at_the_top_of_the_page_too(client: Client, morning: list[Paper]) -> None:
    answer = client.post(reverse("subscribe"), {"text": "whales", "email": "ada.example.org"})
    summary = answer.content.decode().partition('class="errors"')[2].partition("</div>")[0]
    assert "You are not signed up yet." in summary
    assert '<a href="#id_email">An email address must have an @-sign.</a>' in summary


def test_who_comes_by_a_link_is_told_that_it_filled_the_page_in(client: Client, morning: list[Paper]) -> None:
    words = "What you came from is filled in"
    assert words in client.get(reverse("subscribe"), {"text": "whales"}).content.decode()
    assert words not in client.get(reverse("subscribe")).content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"papers": "2606."}, "No arXiv id is in"),
        ({"text": "???"}, "holds no letter"),
        ({"authors": "LeCun"}, "is one word"),
        ({"excluded_terms": "a b c d e f g h i j k l"}, "is too long"),
    ],
)
def test_a_fault_is_told_at_its_field_and_the_others_still_choose(
    client: Client, morning: list[Paper], fields: dict[str, str], words: str
) -> None:
    page = shown(client, "subscribe_preview", **topic(4), **fields)
    note = page.partition(f'id="note-{next(iter(fields))}"')[2].partition("</div>")[0]
    assert words in note
    assert titles(page) == ["Paper 3"]


def test_each_interest_tells_its_papers_a_week_beside_its_field(client: Client, morning: list[Paper]) -> None:
    page = shown(client, "subscribe_preview", **topic(4), authors="Ada Lovelace")
    assert re.search(r'id="note-topics"[^>]*>.*?Topic 4</bdi>: \d+ papers? a week', page)
    assert re.search(r'id="note-authors"[^>]*>.*?Ada Lovelace</bdi>: \d+ papers? a week', page)


def test_an_edition_before_is_shown_when_it_is_chosen_and_stays_chosen(client: Client, morning: list[Paper]) -> None:
    page = shown(client, "subscribe_preview", **topic(4))
    for day in re.findall(r'name="day" value="([^"]+)"', page):
        assert re.search(f'value="{day}" checked', shown(client, "subscribe_preview", **topic(4), day=day))
    assert titles(shown(client, "subscribe_preview", **topic(4), day="1999-12-31")) == ["Paper 3"]


def test_over_the_limit_the_page_says_so_and_one_can_still_sign_up(
    client: Client, morning: list[Paper], settings: Settings
) -> None:
    settings.PREVIEWS_PER_NETWORK = 1
    allowance.forget()
    shown(client, "subscribe_preview", **topic(4))
    page = shown(client, "subscribe_preview", **topic(4))
    assert titles(page) == []
    assert allowance.ENOUGH[:30] in page
    assert client.post(reverse("subscribe"), {"email": "ada@example.org"} | topic(4)).status_code == 302


NONSENSE = ["’; DROP", "9" * 400, "2606.00000 " * 500, "../../x", "\u202e\ufeff"]


@pytest.mark.parametrize("value", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_in_what_the_page_wrote_itself_is_left_out(client: Client, morning: list[Paper], value: str) -> None:
    names = ("less", "not", "own", "library", "shown", "day", "digest_size", "own_name", "find", "topics")
    fields = dict.fromkeys(names, value)
    assert client.post(reverse("subscribe_preview"), {"text": "", **fields}).status_code == 200
    assert client.post(reverse("subscribe"), {"show": "1", **fields}).status_code == 200


def test_the_preview_takes_no_more_questions_to_the_database_for_more_interests(
    client: Client, morning: list[Paper], make_paper: Callable[..., Paper]
) -> None:
    for number in range(10, 16):
        make_paper(number, axis(number % 8, 0.3))
    every = {"topics": list(Topic.objects.values_list("pk", flat=True)), "authors": "Grace Hopper\nMary Somerville"}
    asked = []
    for fields in (topic(0) | {"authors": "Grace Hopper"}, every):
        shown(client, "subscribe_preview", **fields)  # what a process keeps is there
        with CaptureQueriesContext(connection) as queries:
            shown(client, "subscribe_preview", **fields)
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_only_a_post_asks_for_a_preview(client: Client) -> None:
    assert client.get(reverse("subscribe_preview")).status_code == 405
    assert client.get(reverse("subscribe_library")).status_code == 405


def test_another_site_cannot_ask_in_a_visitors_name(morning: list[Paper]) -> None:
    assert Client(enforce_csrf_checks=True).post(reverse("subscribe_preview"), topic(4)).status_code == 403


@pytest.mark.parametrize(("number", "words"), [(4, "Paper 3"), (6, "Your first digest comes as soon as one is")])
def test_the_confirm_page_shows_the_first_digest_or_says_when_it_comes(
    client: Client, morning: list[Paper], number: int, words: str
) -> None:
    wishes = Wishes(topics=(Topic.objects.get(slug=f"topic-{number}").pk,), exploration=False)
    lifecycle.sign_up("ada@example.org", wishes, form_text_hash="hash", now=now())
    link = reverse("confirm", args=[links.token(Purpose.CONFIRM, Consent.objects.get())])
    assert words in client.get(link).content.decode()


def test_papers_that_are_ticked_as_ones_own_are_named_papers_and_stay_ticked(
    client: Client, morning: list[Paper]
) -> None:
    page = shown(client, own=["2606.00000", "2606.99999"])
    assert re.search(r'name="own" value="2606.00000" checked>(<bdi>)?Paper 0', page)
    assert "a paper you named: “Paper 0”" in page
    client.post(reverse("subscribe"), {"email": "ada@example.org", "own": "2606.00000", "papers": "2606.00003"})
    assert SignUp.objects.get().wishes["arxiv_ids"] == ["2606.00003", "2606.00000"]


@pytest.mark.parametrize(
    ("name", "words"), [("Nobody Anywhere", "is stored here"), ("Lovelace", "is one word"), ("???", "holds no letter")]
)
def test_a_name_that_finds_nothing_is_told_what_to_do(
    client: Client, morning: list[Paper], name: str, words: str
) -> None:
    page = shown(client, own_name=name, find="own")
    assert words in page.partition('id="own-papers"')[2].partition("</div>")[0]


def test_a_name_that_is_not_looked_for_keeps_nobody_from_signing_up(client: Client, morning: list[Paper]) -> None:
    fields = {"email": "ada@example.org", "own_name": "?" * 9000} | topic(4)
    assert client.post(reverse("subscribe"), fields).status_code == 302


def test_ones_own_papers_are_found_by_name_and_those_that_are_ticked_are_not_offered_twice(
    client: Client, morning: list[Paper]
) -> None:
    page = shown(client, own_name="lovelace, a.", find="own", own="2606.00001")
    offered = re.findall(r'name="own" value="([^"]+)"( checked)?', page)
    assert sorted(offered) == [("2606.00000", ""), ("2606.00001", " checked"), ("2606.00002", ""), ("2606.00003", "")]
