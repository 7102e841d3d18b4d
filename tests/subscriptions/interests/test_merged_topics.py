"""Followers of a merged or retired topic lose nothing, not a digest, and they follow nothing twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from papers.editions import topics as curated
from papers.models import Paper, Topic
from subscriptions import lifecycle, tasks
from subscriptions.mails.emails import Writer
from subscriptions.models import Digest, DigestItem, Interest, InterestKind, Role, Subscriber
from subscriptions.people import followers
from subscriptions.people.wishes import Wishes, replace_interests, wishes_of
from tests.racing import output, race
from tests.services import PostgresServer, migrated_database
from tests.subscriptions.conftest import MORNING, deliver_due, preferences

pytestmark = pytest.mark.django_db
Make = Callable[..., Subscriber]


def followed(subscriber: Subscriber) -> list[int | None]:
    return list(subscriber.interests.order_by("topic").values_list("topic", flat=True))


def test_followers_follow_the_other(make_subscriber: Make, topics: list[Topic]) -> None:
    ada, bob = make_subscriber(), make_subscriber("bob@example.org", follows=(2,))
    followers.merge(topics[0].pk, topics[1].pk)
    assert followers.settle() == 1
    assert (followed(ada), followed(bob)) == ([topics[1].pk], [topics[2].pk])
    assert followers.counts() == {topics[1].pk: 1, topics[2].pk: 1}
    assert followers.settle() == 0


def test_the_workers_move_them(make_subscriber: Make, topics: list[Topic]) -> None:
    ada = make_subscriber()
    followers.merge(topics[0].pk, topics[1].pk)
    tasks.embed_interests()
    assert followed(ada) == [topics[1].pk]


def test_who_followed_both_follows_it_once(make_subscriber: Make, topics: list[Topic]) -> None:
    ada = make_subscriber(follows=(0, 1, 2))
    followers.merge(topics[0].pk, topics[1].pk)
    followers.merge(topics[2].pk, topics[1].pk)
    followers.settle()
    assert followed(ada) == [topics[1].pk]


def test_two_that_are_merged_into_a_third_become_one(make_subscriber: Make, topics: list[Topic]) -> None:
    ada = make_subscriber(follows=(0, 2))
    for number in (0, 2):
        followers.merge(topics[number].pk, topics[1].pk)
    followers.settle()
    assert followed(ada) == [topics[1].pk]


@pytest.mark.parametrize(("muted", "stays"), [((True, True), True), ((False, True), False), ((True, False), False)])
def test_what_somebody_wants_to_hear_of_is_not_silenced(
    make_subscriber: Make, topics: list[Topic], muted: tuple[bool, bool], stays: bool
) -> None:
    ada = make_subscriber(follows=(0, 1))
    for topic, silent in zip(topics[:2], muted, strict=True):
        ada.interests.filter(topic=topic).update(muted=silent)
    followers.merge(topics[0].pk, topics[1].pk)
    followers.settle()
    assert ada.interests.get().muted is stays


def test_what_was_picked_by_it_is_counted_with_the_other(
    make_subscriber: Make, topics: list[Topic], some_papers: list[Paper]
) -> None:
    ada = make_subscriber(follows=(0, 1))
    deliver_due()
    assert DigestItem.objects.filter(interest__topic=topics[0], role=Role.PICK).exists()
    followers.merge(topics[0].pk, topics[1].pk)
    followers.settle()
    assert not DigestItem.objects.filter(digest__subscriber=ada, role=Role.PICK).exclude(interest__topic=topics[1])


@pytest.mark.parametrize("is_settled", [True, False])
def test_the_next_digest_comes_by_the_other_and_before_that_by_the_old(
    make_subscriber: Make, topics: list[Topic], some_papers: list[Paper], is_settled: bool
) -> None:
    ada = make_subscriber(follows=(0,))
    followers.merge(topics[0].pk, topics[4].pk)
    if is_settled:
        followers.settle()
    assert deliver_due() == 1
    picks = Digest.objects.get(subscriber=ada).items.filter(role=Role.PICK, interest__isnull=False)
    on_topic = [some_papers[3]] if is_settled else some_papers[:3]
    assert {item.paper for item in picks} == set(on_topic)


def test_a_wish_that_waited_for_its_confirmation_goes_along(topics: list[Topic], make_subscriber: Make) -> None:
    wishes = Wishes(topics=(topics[0].pk, topics[1].pk))
    lifecycle.sign_up("eve@example.org", wishes, form_text_hash="hash", now=MORNING)
    followers.merge(topics[0].pk, topics[1].pk)
    eve = Subscriber.objects.get(email="eve@example.org")
    lifecycle.confirm(eve.consents.get(), MORNING + timedelta(hours=1))
    assert followed(eve) == [topics[1].pk]


def test_a_page_that_was_open_meanwhile_can_be_saved(
    client: Client, make_subscriber: Make, topics: list[Topic]
) -> None:
    ada = make_subscriber()
    followers.merge(topics[0].pk, topics[1].pk)
    followers.settle()
    replace_interests(ada, Wishes(topics=(topics[0].pk, topics[2].pk)), MORNING)
    assert followed(ada) == [topics[1].pk, topics[2].pk]


class TestRetired:
    def test_a_follower_keeps_it_and_can_save_their_page(
        self, client: Client, make_subscriber: Make, topics: list[Topic], some_papers: list[Paper]
    ) -> None:
        ada = make_subscriber()
        curated.retire([topics[0].pk])
        assert deliver_due() == 1
        page = client.get(preferences(ada)).content.decode()
        assert "Topic 0 (no longer offered)" in page
        fields = {"topics": [topics[0].pk, topics[1].pk], "digest_size": "5", "trend_weight": "0.5", "weekly_day": "0"}
        assert client.post(preferences(ada), fields).status_code == 302
        assert followed(ada) == [topics[0].pk, topics[1].pk]

    def test_nobody_else_is_offered_it(self, client: Client, make_subscriber: Make, topics: list[Topic]) -> None:
        curated.retire([topics[0].pk])
        bob = make_subscriber("bob@example.org", follows=(1,))
        for path in (preferences(bob), "/subscribe/"):
            assert "no longer offered" not in client.get(path).content.decode()
        assert wishes_of(bob).topics == (topics[1].pk,)


def test_as_many_queries_for_many_followers(
    make_subscriber: Make, topics: list[Topic], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        make_subscriber(f"reader{number}@example.org")
    followers.merge(topics[0].pk, topics[1].pk)
    with django_assert_num_queries(8):
        assert followers.settle() == 5


PREPARE = """
from papers.models import Topic
from subscriptions.models import Interest, Subscriber
from subscriptions.people.addresses import address_hash
from tests.subscriptions.conftest import MORNING
one, other = (Topic.objects.create(slug=f"t{n}", name=f"T{n}", field="cs", description="x") for n in range(2))
people = Subscriber.objects.bulk_create(
    Subscriber(email=f"r{n}@example.org", address_hash=address_hash(f"r{n}@example.org"), status="active",
               confirmed_at=MORNING, next_digest_at=MORNING)
    for n in range(300))
Interest.objects.bulk_create(Interest(subscriber=person, kind="topic", topic=one) for person in people)
Interest.objects.bulk_create(Interest(subscriber=person, kind="topic", topic=other) for person in people[::3])
"""
# The first merges, the second does the reverse, two move followers, two save readers' pages that were open before.
RACE = """
import sys
from django.utils.timezone import now
from papers.editions.topics import CannotMerge
from papers.models import Topic
from subscriptions.models import Subscriber
from subscriptions.people import followers
from subscriptions.people.wishes import Wishes, replace_interests
followers.AT_ONCE = 20
number = int(sys.argv[1])
one, other = Topic.objects.order_by("slug").values_list("pk", flat=True)
people = list(Subscriber.objects.order_by("pk")[number::6])
print("ready", flush=True)
sys.stdin.readline()
done = 0
if number < 2:
    try:
        followers.merge(*((one, other) if number else (other, one)))
        done = 1
    except CannotMerge:
        pass
elif number < 4:
    for _ in range(20):
        followers.settle()
else:
    for person in people:
        replace_interests(person, Wishes(topics=(one,)), now())
print(done, flush=True)
"""
COUNT = """
from subscriptions.people import followers
from subscriptions.models import Interest, Subscriber
followers.settle()
print(Subscriber.objects.filter(interests__topic__is_active=True).distinct().count(), Interest.objects.count())
"""


def test_two_curators_and_readers_at_once_lose_nobody(postgres_server: PostgresServer) -> None:
    url = migrated_database(postgres_server, "merging")
    output(PREPARE, DATABASE_URL=url)
    assert sum(race(RACE, 6, DATABASE_URL=url)) == 1
    assert output(COUNT, DATABASE_URL=url).split() == ["300", "300"]


def test_a_topic_with_followers_is_not_deleted(make_subscriber: Make, topics: list[Topic]) -> None:
    from django.db.models import ProtectedError

    make_subscriber()
    with pytest.raises(ProtectedError):
        topics[0].delete()
    assert Interest.objects.filter(kind=InterestKind.TOPIC).count() == 1


@pytest.mark.time_machine(MORNING)
@pytest.mark.parametrize("follows", [(0,), (0, 1)])
def test_the_next_mail_says_so_once(
    make_subscriber: Make,
    topics: list[Topic],
    some_papers: list[Paper],
    mailoutbox: list[Any],
    follows: tuple[int, ...],
) -> None:
    ada = make_subscriber(follows=(*follows, 4))
    followers.merge(topics[0].pk, topics[1].pk)
    followers.settle()
    said = "“Topic 0”, which you followed, became part of “Topic 1”."
    digest = Digest(subscriber=ada, local_date=MORNING.date(), handle=b"h" * 16)
    words = Writer([digest], {}, MORNING).words(digest, [])
    assert words["merged_line"] == said
    assert deliver_due(MORNING + timedelta(hours=1)) == 1
    mail = mailoutbox[-1]
    assert said in " ".join(mail.body.split())
    assert "Change what you follow" in str(mail.alternatives[0][0])
    assert Writer([digest], {}, MORNING).words(digest, [])["merged_line"] == ""
