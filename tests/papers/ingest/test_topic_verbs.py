"""What a curator decides about topics: merged, retired, offered again."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError

from papers.editions import topics
from papers.editions.topics import CannotMerge
from papers.models import Topic

pytestmark = pytest.mark.django_db
Make = Callable[[str], Topic]


def made(slug: str, **fields: object) -> Topic:
    return Topic.objects.create(slug=slug, name=slug.title(), field="cs", description="x", **fields)


def test_a_merged_topic_is_found_where_it_went() -> None:
    one, other = made("walkers"), made("robots")
    assert topics.merge(one.pk, other.pk) == other
    assert Topic.objects.called("walkers") == other
    assert list(Topic.objects.offered()) == [other]


def test_what_was_merged_before_goes_along() -> None:
    first, second, third = made("first"), made("second"), made("third")
    topics.merge(first.pk, second.pk)
    topics.merge(second.pk, third.pk)
    assert Topic.objects.called("first") == third
    assert Topic.objects.filter(pk=first.pk).current() == [third]


def test_of_several_merged_into_one_that_one_comes_once() -> None:
    first, second, third = made("first"), made("second"), made("third")
    topics.merge(first.pk, third.pk)
    topics.merge(second.pk, third.pk)
    assert Topic.objects.all().current() == [third]


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("a", "a", "“A” cannot be merged into itself."),
        ("gone", "a", "“Gone” is part of “A” already."),
        ("a", "gone", "“Gone” is not offered: offer it again first, or choose another."),
        ("a", "retired", "“Retired” is not offered: offer it again first, or choose another."),
    ],
)
def test_what_makes_no_sense_is_refused(one: str, other: str, why: str) -> None:
    keys = {slug: made(slug).pk for slug in ("a", "gone")} | {"retired": made("retired", is_active=False).pk}
    topics.merge(keys["gone"], keys["a"])
    before = list(Topic.objects.order_by("pk").values())
    with pytest.raises(CannotMerge, match=why):
        topics.merge(keys[one], keys[other])
    assert list(Topic.objects.order_by("pk").values()) == before


def test_of_two_who_merge_in_a_circle_the_second_is_refused() -> None:
    one, other = made("one"), made("other")
    topics.merge(one.pk, other.pk)
    with pytest.raises(CannotMerge, match="One"):
        topics.merge(other.pk, one.pk)


def test_a_topic_that_is_not_there_any_more_is_refused() -> None:
    one = made("one")
    with pytest.raises(CannotMerge, match="not there any more"):
        topics.merge(one.pk, one.pk + 1)


def test_a_retired_topic_is_offered_again() -> None:
    one = made("one")
    assert topics.retire([one.pk]) == 1
    assert topics.retire([one.pk]) == 0
    assert Topic.objects.called("one") is None
    assert topics.offer_again([one.pk]) == 1
    assert Topic.objects.called("one") == one


def test_a_merged_topic_is_not_offered_again() -> None:
    one, other = made("one"), made("other")
    topics.merge(one.pk, other.pk)
    assert topics.offer_again([one.pk]) == 0
    with pytest.raises(IntegrityError):
        Topic.objects.filter(pk=one.pk).update(is_active=True)


def test_topics_that_come_with_the_project_do_not_come_back() -> None:
    topics.load()
    one, other = Topic.objects.all()[:2]
    topics.merge(one.pk, other.pk)
    assert topics.load() == 0
    assert Topic.objects.called(one.slug) == other
