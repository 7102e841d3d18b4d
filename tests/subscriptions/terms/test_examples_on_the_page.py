"""What the fields of interests and terms give as examples is true: it is taken from the page and tried."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from papers.arxiv.arxiv_ids import find_all
from recommender.words import names
from recommender.words.terms import Texts
from subscriptions.models import Subscriber
from subscriptions.pages.forms import PreferencesForm
from tests.subscriptions.conftest import preferences

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, make_subscriber: Callable[..., Subscriber]) -> str:
    return " ".join(unescape(client.get(preferences(make_subscriber())).content.decode()).split())


def said(pattern: str, page: str) -> tuple[str, ...]:
    found = re.search(pattern, page)
    assert found, f"The page no longer says {pattern}."
    return found.groups()


def meets(term: str, text: str, *, plurals: bool = True) -> bool:
    return bool(len(Texts([text]).holding(term, plurals=plurals)))


def test_a_compound_meets_its_other_spellings(page: str) -> None:
    term, joined, apart = said("“([^”]*)” also meets “([^”]*)” and “([^”]*)”", page)
    assert meets(term, joined)
    assert meets(term, apart)


def test_a_word_in_capitals_meets_only_capitals_and_any_other_word_both(page: str) -> None:
    capitals, small = said(r"meets only capitals \((\w+), not (\w+)\), any other word both", page)
    assert meets(capitals, capitals)
    assert not meets(capitals, small)
    assert meets(small, small)
    assert meets(small, capitals)


def test_a_word_meets_its_plural_where_that_is_ticked_and_only_there(page: str) -> None:
    one, many = said("Plurals count too: “([^”]*)” meets “([^”]*)”", page)
    assert meets(one, many)
    assert not meets(one, many, plurals=False)


def test_two_ways_to_write_a_name_are_one_and_an_initial_is_every_such_person(page: str) -> None:
    name, turned, initial = said("“([^”]*)” and “([^”]*)” are the same; “([^”]*)” is every LeCun with a Y", page)
    assert names.spellings(name) == names.spellings(turned)
    assert names.same(names.spellings(initial)[0], names.spellings(name)[0])
    assert not names.same(names.spellings(name)[0], names.spellings(initial)[0])


def test_the_identifiers_that_a_message_gives_as_examples_are_read() -> None:
    form = PreferencesForm({"papers": "some paper about whales"}, initial={})
    examples = re.findall(r"\S*\d{4}\.\d{4,5}", str(form.errors["papers"]))
    assert examples
    assert all(find_all(example) for example in examples)


def test_terms_stand_between_commas_or_lines_as_the_field_says(page: str) -> None:
    assert "Words or phrases, one a line or separated by commas." in page
    field = PreferencesForm.base_fields["excluded_terms"]
    assert field.clean("graph theory, chess\nsonar") == ["graph theory", "chess", "sonar"]
