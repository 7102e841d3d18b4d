"""Links that fill the page of sign-up in: from a topic, a search, a paper, a person."""

import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from papers.models import Paper

pytestmark = pytest.mark.django_db


def opened(client: Client, *pairs: tuple[str, str]) -> str:
    answer = client.get(f"{reverse('subscribe')}?{urlencode(pairs)}")
    assert answer.status_code == 200
    return answer.content.decode()


def typed(page: str, name: str) -> str:
    return str(re.search(rf'<textarea name="{name}"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)[1])  # type: ignore[index]


def test_a_topic_is_ticked_and_its_digest_is_there(client: Client, morning: list[Paper]) -> None:
    page = opened(client, ("topic", "topic-4"), ("topic", "none-such"))
    assert re.search(r'id="topic-topic-4"[^>]* checked', page)
    assert not re.search(r'id="topic-topic-0"[^>]* checked', page)
    assert "Paper 3" in page


def test_searches_stand_one_a_line(client: Client, morning: list[Paper]) -> None:
    page = opened(client, ("text", "the song\nof <whales>"), ("text", "speech"))
    assert typed(page, "text") == "the song of &lt;whales&gt;\nspeech"


def test_people_and_labs_are_filled_in_and_seen(client: Client, morning: list[Paper]) -> None:
    page = opened(client, ("author", "Grace Hopper"), ("lab", "CERN"))
    assert (typed(page, "authors"), typed(page, "labs")) == ("Grace Hopper", "CERN")
    assert re.search(r"<details[^>]* open>\s*<summary>People and labs", page)


def test_more_like_a_paper_names_it_stored_or_not_and_one_that_is_not_at_arxiv_by_its_title(
    client: Client, morning: list[Paper]
) -> None:
    Paper.objects.filter(pk=morning[1].pk).update(identifier="doi:10.1101/1")
    page = opened(client, ("like", "2606.00000"), ("like", "doi:10.1101/1"), ("like", "2606.99999"), ("like", "x"))
    assert (typed(page, "papers"), typed(page, "text")) == ("2606.00000\n2606.99999", "Paper 1")


def test_less_like_a_paper_is_ticked_in_the_preview(client: Client, morning: list[Paper]) -> None:
    page = opened(client, ("topic", "topic-4"), ("unlike", "2606.00003"), ("unlike", "2606.99999"))
    assert re.search(r'name="less" value="2606.00003" checked', page)
    assert "2606.99999" not in page


def test_the_rest_of_the_form_is_as_usual(client: Client, morning: list[Paper]) -> None:
    page = opened(client, ("text", "whales"))
    assert re.search(r'<option value="8" selected', page)
    assert "data-guess-zone" in page
    assert 'role="alert"' not in page


@pytest.mark.parametrize("value", ["", " ", "x" * 9000, "’\u202e"])
@pytest.mark.parametrize("name", ["topic", "text", "like", "author", "lab", "other"])
def test_nonsense_in_a_link_opens_the_page_nevertheless(
    client: Client, morning: list[Paper], name: str, value: str
) -> None:
    assert "Your daily digest" in opened(client, (name, value))
