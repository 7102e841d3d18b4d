"""People and labs that a reader follows, muted interests, and the paper from outside: on the pages and stored."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from papers.models import Topic
from subscriptions import lifecycle
from subscriptions.models import Consent, Interest, InterestKind, Subscriber
from subscriptions.people import tokens, wishes
from subscriptions.people.library import Matched
from subscriptions.people.tokens import Purpose
from subscriptions.people.wishes import Wishes
from subscriptions.signup import admission
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.terms.test_terms import preferences, save

pytestmark = pytest.mark.django_db


def names(subscriber: Subscriber, kind: InterestKind = InterestKind.AUTHOR) -> list[str]:
    return [interest.text for interest in subscriber.interests.filter(kind=kind)]


def set_muted(client: Client, subscriber: Subscriber, **fields: str) -> str:
    token = tokens.make(Purpose.PREFERENCES, subscriber.handle)
    return client.post(reverse("mute", args=[token]), fields, follow=True).content.decode()


def test_people_and_labs_are_saved_as_typed_once_each_and_shown_again(
    client: Client, make_subscriber: Callable[..., Subscriber]
) -> None:
    ada = make_subscriber()
    save(client, ada, authors="Yann  LeCun\n\nLeCun, Yann; Y. Bengio", labs="DeepMind\ndeepmind\nUC, Berkeley")
    assert names(ada) == ["Yann LeCun", "Y. Bengio"]
    assert names(ada, InterestKind.LAB) == ["DeepMind", "UC, Berkeley"]
    page = client.get(preferences(ada)).content.decode()
    assert "Yann LeCun\nY. Bengio</textarea>" in page
    assert "DeepMind\nUC, Berkeley</textarea>" in page


def test_a_name_that_stays_keeps_its_row_and_one_that_is_deleted_is_gone(
    client: Client, make_subscriber: Callable[..., Subscriber]
) -> None:
    ada = make_subscriber()
    save(client, ada, authors="Yann LeCun\nMary Somerville")
    before = ada.interests.get(text="Mary Somerville").pk
    save(client, ada, authors="Mary Somerville\nGrace Hopper")
    assert names(ada) == ["Mary Somerville", "Grace Hopper"]
    assert ada.interests.get(text="Mary Somerville").pk == before


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("!!!", "“!!!” holds no letter. Write names"),
        ("LeCun", "“LeCun” is one word. Write a first name"),
        ("Ada Lovelace, Mary Somerville", "Write each on a line of its own"),
        ("Ada Lovelace and Mary Somerville", "Write each on a line of its own"),
        ("ada lovelace, mary somerville", "Write each on a line of its own"),
        ("LeCun, Y., Bengio, Y.", "Write each on a line of its own"),
        ("Ada " + "B. " * 40 + "Lovelace", "Write each on a line of its own"),
        ("\n".join(f"Ada Lovelace {number}" for number in range(51)), "Please keep to 50 people; you gave 51"),
        ("x" * 6000, "at most 5000 characters"),
    ],
    ids=[
        "signs",
        "a surname",
        "a list",
        "two",
        "small letters",
        "surnames first",
        "too long a name",
        "too many",
        "too long",
    ],
)
def test_what_is_no_name_gets_one_clear_error_and_saves_nothing(
    client: Client, make_subscriber: Callable[..., Subscriber], typed: str, remedy: str
) -> None:
    ada = make_subscriber()
    answer = save(client, ada, authors=typed)
    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert remedy in answer.content.decode()  # type: ignore[attr-defined]
    assert names(ada) == []


@pytest.mark.parametrize(
    "typed",
    [
        "van der Schaar, Mihaela",
        "van der schaar, mihaela",
        "Schaar, Mihaela van der",
        "Smith, John, Jr.",
        "J.-P. Serre",
        "García Márquez, Gabriel",
        "DeepSeek-AI",
        "李飞飞",
    ],
)
def test_names_of_many_forms_are_taken(client: Client, make_subscriber: Callable[..., Subscriber], typed: str) -> None:
    ada = make_subscriber()
    save(client, ada, authors=typed)
    assert names(ada) == [typed]


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("???", "“???” holds no letter or digit"),
        ("Institute " * 11, "at most 100 characters"),
        ("\n".join(f"lab {number}" for number in range(51)), "Please keep to 50 labs; you gave 51"),
    ],
    ids=["signs", "too long", "too many"],
)
def test_what_is_no_lab_gets_one_clear_error(
    client: Client, make_subscriber: Callable[..., Subscriber], typed: str, remedy: str
) -> None:
    answer = save(client, make_subscriber(), labs=typed)
    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert remedy in answer.content.decode()  # type: ignore[attr-defined]


def test_names_given_at_sign_up_are_followed_from_the_confirmation_on(client: Client, db: None) -> None:
    client.post(reverse("subscribe"), {"email": "ada@example.org", "authors": "Yann LeCun", "labs": "NVIDIA"})
    admission.admit(now())
    consent = Consent.objects.get()
    assert lifecycle.confirm(consent, now())
    assert names(consent.subscriber) == ["Yann LeCun"]
    assert names(consent.subscriber, InterestKind.LAB) == ["NVIDIA"]


def test_a_sign_up_from_before_there_were_names_is_confirmed_all_the_same(
    topics: list[Topic], make_subscriber: Callable[..., Subscriber]
) -> None:
    stored = {"topics": [topics[1].pk], "texts": [], "arxiv_ids": [], "timezone": "UTC", "send_hour": 8}
    assert Wishes.from_json(stored) == Wishes(topics=(topics[1].pk,))


def test_a_name_is_stored_once_even_if_two_forms_arrive_at_a_time(make_subscriber: Callable[..., Subscriber]) -> None:
    ada = make_subscriber()
    ada.interests.create(kind=InterestKind.AUTHOR, text="Yann LeCun")
    with pytest.raises(IntegrityError), transaction.atomic():
        ada.interests.create(kind=InterestKind.AUTHOR, text="Yann LeCun")
    ada.interests.create(kind=InterestKind.LAB, text="Yann LeCun")


def test_muting_is_one_press_and_unmuting_another(client: Client, make_subscriber: Callable[..., Subscriber]) -> None:
    ada = make_subscriber(follows=(0, 1))
    topic = ada.interests.first()
    page = set_muted(client, ada, mute=topic.handle)
    assert "Muted: Topic 0" in page
    assert "1 muted" in page
    assert f'name="unmute" value="{topic.handle}"' in page
    assert list(ada.interests.values_list("muted", flat=True)) == [True, False]
    assert "Unmuted: Topic 0" in set_muted(client, ada, unmute=topic.handle)
    assert not ada.interests.filter(muted=True).exists()


def test_looking_at_the_address_of_the_button_mutes_nothing(
    client: Client, make_subscriber: Callable[..., Subscriber]
) -> None:
    ada = make_subscriber()
    url = reverse("mute", args=[tokens.make(Purpose.PREFERENCES, ada.handle)])
    assert client.get(url, {"mute": ada.interests.get().handle}).status_code == 405
    assert not Interest.objects.filter(muted=True).exists()


@pytest.mark.parametrize("handle", ["", "abc", "\x00", "x" * 5000])
def test_a_handle_of_nothing_changes_nothing(
    client: Client, make_subscriber: Callable[..., Subscriber], handle: str
) -> None:
    ada = make_subscriber()
    assert "Muted:" not in set_muted(client, ada, mute=handle)
    assert not Interest.objects.filter(muted=True).exists()


def test_nobody_mutes_the_interest_of_another(client: Client, make_subscriber: Callable[..., Subscriber]) -> None:
    ada, bob = make_subscriber(), make_subscriber("bob@example.org")
    set_muted(client, bob, mute=ada.interests.get().handle)
    assert not ada.interests.filter(muted=True).exists()


def test_a_muted_interest_stays_muted_when_the_preferences_are_saved(
    client: Client, make_subscriber: Callable[..., Subscriber], topics: list[Topic]
) -> None:
    ada = make_subscriber(follows=())
    before = Wishes(topics=(topics[0].pk,), arxiv_ids=("2606.00001",), authors=("Ada Lovelace",))
    wishes.replace_interests(ada, before, MORNING)
    assert ada.interests.count() == 3
    for interest in ada.interests.all():
        assert wishes.mute(ada, interest.handle, MORNING) == interest
    after = Wishes(topics=(topics[0].pk, topics[1].pk), arxiv_ids=("2606.00001", "2606.00002"), authors=before.authors)
    wishes.replace_interests(ada, after, MORNING)
    muted = {str(interest) for interest in ada.interests.filter(muted=True)}
    assert muted == {"Topic 0", "papers 2606.00001, 2606.00002", "Ada Lovelace"}
    assert [str(interest) for interest in ada.interests.filter(muted=False)] == ["Topic 1"]


def test_a_muted_library_stays_muted_when_a_file_is_added(make_subscriber: Callable[..., Subscriber]) -> None:
    ada = make_subscriber(follows=())
    wishes.add_library(ada, Matched(("2606.00001",), (), 0), MORNING)
    wishes.mute(ada, ada.interests.get().handle, MORNING)
    wishes.add_library(ada, Matched(("2606.00002",), (), 0), MORNING)
    assert ada.interests.get().muted


def test_the_paper_from_outside_is_on_until_it_is_switched_off(
    client: Client, make_subscriber: Callable[..., Subscriber]
) -> None:
    ada = make_subscriber()
    assert ada.exploration
    assert 'name="exploration"' in client.get(preferences(ada)).content.decode()
    save(client, ada)
    ada.refresh_from_db()
    assert not ada.exploration
    save(client, ada, exploration="on")
    ada.refresh_from_db()
    assert ada.exploration


def test_the_preferences_page_asks_the_database_no_more_for_many_interests(
    client: Client, make_subscriber: Callable[..., Subscriber], django_assert_num_queries: Callable[..., object]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number, follows in enumerate([(0,), tuple(range(8))]):
        person = make_subscriber(f"person{number}@example.org", follows=follows)
        client.get(preferences(person))  # what a process reads once
        with CaptureQueriesContext(connection) as found:
            client.get(preferences(person))
        counts.append(len(found))
    assert counts[0] == counts[1]
