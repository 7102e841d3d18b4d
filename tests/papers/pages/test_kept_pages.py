"""Pages that say the same to everybody are kept for some seconds, and nothing of a person with them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from papers.models import EditionEntry, Paper, Topic
from papers.pages import kept
from papers.pages.card_html import written
from papers.pages.cards import Said, card
from papers.remembered import KeptAWhile
from recommender.models import PaperTopic
from tests.papers.pages.conftest import Make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
SECONDS = 60
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@pytest.fixture(autouse=True)
def keeping(settings: LazySettings) -> Iterator[None]:
    settings.PAGES_KEPT_SECONDS = SECONDS
    kept.forget()
    yield
    kept.forget()


@pytest.fixture
def topics() -> list[Topic]:
    return [Topic.objects.create(slug="graphs", name="Graphs", field="cs", description="Nodes and edges.")]


@pytest.fixture
def paper(make: Make, topics: list[Topic]) -> Paper:
    paper = make(1, trend=0.4, title="The old title", plain_title="The old title")
    PaperTopic.objects.create(paper=paper, topic=topics[0], similarity=0.9)
    return paper


@pytest.fixture
def addresses(paper: Paper, topics: list[Topic]) -> list[str]:
    return [
        "/",
        "/?span=week",
        f"{reverse('field', args=['cs'])}?span=month",
        topics[0].get_absolute_url(),
        paper.get_absolute_url(),
    ]


def rename(paper: Paper) -> None:
    Paper.objects.filter(pk=paper.pk).update(title="The new title", plain_title="The new title")


def page(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers or None)
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_page_is_made_anew_after_the_seconds_that_are_set(
    client: Client, paper: Paper, addresses: list[str], noon: Any
) -> None:
    Paper.objects.filter(pk=paper.pk).update(field="cs", primary_category="cs.LG")
    before = [page(client, address) for address in addresses]
    assert all("The old title" in text for text in before)
    rename(paper)
    noon.shift(timedelta(seconds=SECONDS - 1))
    assert all("The old title" in page(client, address) for address in addresses)
    noon.shift(timedelta(seconds=2))
    assert all("The new title" in page(client, address) for address in addresses)


def test_nothing_is_kept_where_no_seconds_are_set(
    client: Client, paper: Paper, addresses: list[str], settings: LazySettings
) -> None:
    settings.PAGES_KEPT_SECONDS = 0
    assert "The old title" in page(client, addresses[0])
    rename(paper)
    assert "The new title" in page(client, addresses[0])


def test_a_curator_sees_at_once_what_they_change_and_shows_it_to_nobody_else(
    client: Client, admin_user: User, paper: Paper, addresses: list[str]
) -> None:
    curator = Client()
    curator.force_login(admin_user)
    assert "The old title" in page(client, addresses[-1])
    rename(paper)
    assert "The new title" in page(curator, addresses[-1])
    EditionEntry.objects.filter(paper=paper).update(hidden=True)
    assert "The new title" not in page(curator, "/?span=week")
    assert "The old title" in page(client, addresses[-1])


def test_each_visitor_has_a_form_of_their_own(paper: Paper) -> None:
    forms = [TOKEN.findall(page(Client(enforce_csrf_checks=True), "/")) for _ in range(2)]
    assert len(forms[0]) == len(forms[1]) == 1
    assert forms[0] != forms[1]


def test_no_kept_page_holds_a_form_or_sets_a_cookie(client: Client, paper: Paper, addresses: list[str]) -> None:
    for address in [*addresses[3:], "/topics/"]:
        for _ in range(2):
            response = client.get(address)
            assert not response.cookies
            assert not TOKEN.search(response.content.decode())
    assert kept._pages._made._values, "they were kept"


def test_a_part_is_not_taken_for_its_page(client: Client, paper: Paper) -> None:
    assert "<html" in page(client, "/?span=week")
    assert "<html" not in page(client, "/?span=week", **{"HX-Request": "true"})
    assert "<html" in page(client, "/?span=week")


def test_a_page_that_is_not_there_is_looked_for_again(client: Client, topics: list[Topic], make: Make) -> None:
    assert client.get("/papers/2606.00009/").status_code == 404
    make(9)
    assert client.get("/papers/2606.00009/").status_code == 200


def test_whoever_was_told_something_sees_it_on_the_next_page_and_nobody_else_does(
    client: Client, topics: list[Topic], settings: LazySettings
) -> None:
    client.cookies[f"{settings.COOKIE_PREFIX}messages"] = "anything"
    page(client, topics[0].get_absolute_url())
    assert not kept._pages._made._values


def test_others_get_the_old_value_while_one_makes_it_anew(noon: Any) -> None:
    values: KeptAWhile[int] = KeptAWhile(10)
    begun, may_end = Event(), Event()

    def slowly() -> int:
        begun.set()
        assert may_end.wait(60)
        return 2

    assert values.get("a", 1, lambda: 1) == 1
    noon.shift(1.5)
    maker = Thread(target=values.get, args=("a", 1, slowly))
    maker.start()
    assert begun.wait(60)
    assert values.get("a", 1, lambda: 3) == 1
    may_end.set()
    maker.join()
    assert values.get("a", 1, lambda: 3) == 2


def test_what_fails_to_be_made_anew_is_tried_by_the_next(noon: Any) -> None:
    values: KeptAWhile[int] = KeptAWhile(10)
    values.get("a", 1, lambda: 1)
    noon.shift(1.5)
    with pytest.raises(ZeroDivisionError):
        values.get("a", 1, lambda: 1 // 0)
    assert values.get("a", 1, lambda: 4) == 4


def test_a_card_is_written_anew_for_each_value_that_it_shows(paper: Paper) -> None:
    plain = written(card(paper, {}, None))
    assert written(card(Paper.objects.get(pk=paper.pk), {}, None)) == plain
    changes = {"plain_title": "Another", "plain_abstract": "Lost.", "plain_authors": ["Bo Li"], "trend": 0.99}
    for name, value in changes.items():
        changed = Paper.objects.get(pk=paper.pk)
        setattr(changed, name, value)
        assert written(card(changed, {}, None)) != plain, name
    assert written(card(paper, {}, Said("Look at the proof"))) != plain
