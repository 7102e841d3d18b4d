import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from papers.models import Paper, Topic
from subscriptions import lifecycle
from subscriptions.models import Consent, Digest, Interest, SignUp, Subscriber, SubscriberStatus
from subscriptions.people import tokens
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import preferences

pytestmark = pytest.mark.django_db


def post(client: Client, **fields: object) -> object:
    return client.post(reverse("subscribe"), {"email": "ada@example.org", "text": "whales", **fields})


@pytest.fixture
def consent(topics: list[Topic]) -> Consent:
    wishes = lifecycle.Wishes(topics=(topics[0].pk,))
    lifecycle.sign_up("ada@example.org", wishes, form_text_hash="hash", now=now())
    return Consent.objects.get()


def checked(page: str, field: str) -> list[str]:
    """Return the values of a field's boxes that are ticked."""
    return re.findall(rf'name="{field}" value="([^"]*)" checked', page)


def confirm_url(consent: Consent) -> str:
    return reverse("confirm", args=[tokens.make(Purpose.CONFIRM, consent.handle)])


def unsubscribe_url(subscriber: Subscriber) -> str:
    return reverse("unsubscribe", args=[tokens.make(Purpose.UNSUBSCRIBE, subscriber.handle)])


def test_signing_up_keeps_the_wishes_for_the_worker(client: Client, topics: list[Topic]) -> None:
    answer = post(
        client,
        topics=[topics[2].pk],
        text="whale song\n\nsonar",
        papers="see arxiv.org/abs/2606.01234v2",
        timezone="Europe/Paris",
        send_hour="7",
    )
    assert answer.status_code == 302  # type: ignore[attr-defined]
    wishes = SignUp.objects.get().wishes
    assert wishes["topics"] == [topics[2].pk]
    assert wishes["texts"] == ["whale song", "sonar"]
    assert wishes["arxiv_ids"] == ["2606.01234"]
    assert (wishes["timezone"], wishes["send_hour"]) == ("Europe/Paris", 7)


def test_an_address_and_one_wish_are_enough(client: Client) -> None:
    post(client)
    assert SignUp.objects.get().wishes["frequency"] == "daily"


@pytest.mark.parametrize("wish", ["", " \n "])
def test_without_a_wish_nobody_is_signed_up_and_the_first_field_says_what_to_do(client: Client, wish: str) -> None:
    answer = post(client, text=wish)
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert page.count("We cannot choose papers yet") == 2  # at the top of the page, and at the field
    assert 'id="id_text_error"' in page
    assert not SignUp.objects.exists()
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("wish", ["topics", "papers", "authors", "labs"])
def test_any_one_kind_of_wish_is_enough(client: Client, topics: list[Topic], wish: str) -> None:
    typed = {"topics": topics[0].pk, "papers": "2606.01234", "authors": "Ada Lovelace", "labs": "NVIDIA"}
    post(client, text="", **{wish: typed[wish]})
    assert SignUp.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "remedy"),
    [
        ({"email": ""}, "Please enter your e-mail address"),
        ({"email": "no address"}, "@"),
        ({"papers": "some paper about whales"}, "Ids look like 2406.01234"),
        ({"text": "\n".join(f"subject {n}" for n in range(9))}, "Please keep to 8 subjects"),
        ({"text": "x" * 5000}, "at most 4000 characters"),
        ({"text": "???"}, "“???” holds no letter. Say in words"),
        ({"text": "whales\n123"}, "“123” holds no letter. Say in words"),
        ({"text": "🙂"}, "“🙂” holds no letter. Say in words"),
        ({"authors": "123"}, "“123” holds no letter. Write names"),
        ({"labs": "…"}, "“…” holds no letter or digit. Write names"),
    ],
)
def test_bad_input_gets_one_clear_error_and_stores_nothing(client: Client, fields: dict[str, str], remedy: str) -> None:
    answer = post(client, **fields)
    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert remedy in answer.content.decode()  # type: ignore[attr-defined]
    assert not SignUp.objects.exists()


def test_a_time_zone_that_we_do_not_know_is_no_reason_to_refuse_a_person(client: Client) -> None:
    post(client, timezone="Mars/Olympus_Mons")
    assert SignUp.objects.get().wishes["timezone"] == "UTC"


def test_a_robot_is_answered_like_anybody_and_forgotten(client: Client) -> None:
    assert post(client, website="https://spam.example").status_code == 302  # type: ignore[attr-defined]
    assert not SignUp.objects.exists()


def test_following_a_topic_from_its_page_ticks_it(client: Client, topics: list[Topic]) -> None:
    page = client.get(reverse("subscribe"), {"topic": "topic-3"}).content.decode()
    assert checked(page, "topics") == [str(topics[3].pk)]


def test_opening_a_confirm_link_changes_nothing_and_pressing_the_button_confirms(
    client: Client, consent: Consent
) -> None:
    for method in (client.get, client.head, client.get):
        assert method(confirm_url(consent)).status_code == 200
    assert Subscriber.objects.get().status == SubscriberStatus.PENDING
    answer = client.post(confirm_url(consent), follow=True)
    assert Subscriber.objects.get().status == SubscriberStatus.ACTIVE
    assert answer.redirect_chain[-1][0] == preferences(Subscriber.objects.get()) + "#main"


def test_the_confirm_page_shows_a_first_look_at_the_digest(
    client: Client, consent: Consent, some_papers: list[Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    import time_machine

    with time_machine.travel("2026-06-30T08:00Z"):
        Consent.objects.update(requested_at=now())
        page = client.get(confirm_url(consent)).content.decode()
    assert "Paper 0" in page


def test_a_used_confirm_link_says_so_without_an_error(client: Client, consent: Consent) -> None:
    client.post(confirm_url(consent))
    answer = Client().get(confirm_url(consent))
    assert answer.status_code == 200
    assert "Already confirmed" in answer.content.decode()


def test_an_old_confirm_link_says_that_it_expired(client: Client, consent: Consent) -> None:
    Consent.objects.update(requested_at=now() - timedelta(days=8))
    assert "This link is too old" in client.get(confirm_url(consent)).content.decode()
    client.post(confirm_url(consent))
    assert Subscriber.objects.get().status == SubscriberStatus.PENDING


def test_a_made_up_confirm_link_is_not_found(client: Client) -> None:
    assert client.get(reverse("confirm", args=["a" * 22])).status_code == 404


@pytest.mark.parametrize("name", ["preferences", "digest"])
def test_a_token_of_another_purpose_opens_no_page(
    client: Client, make_subscriber: Callable[..., Subscriber], name: str
) -> None:
    token = tokens.make(Purpose.UNSUBSCRIBE, make_subscriber().handle)
    assert client.get(reverse(name, args=[token])).status_code == 404


def test_preferences_are_saved(client: Client, make_subscriber: Callable[..., Subscriber], topics: list[Topic]) -> None:
    subscriber = make_subscriber(follows=(0,))
    fields = {
        "topics": [topics[1].pk],
        "text": "whales",
        "papers": "2606.01234",
        "timezone": "Asia/Tokyo",
        "send_hour": "6",
        "frequency": "weekly",
        "weekly_day": "4",
        "digest_size": "5",
        "trend_weight": "0.25",
    }
    assert client.post(preferences(subscriber), fields).status_code == 302
    subscriber.refresh_from_db()
    assert (subscriber.timezone, subscriber.send_hour, subscriber.frequency) == ("Asia/Tokyo", 6, "weekly")
    assert (subscriber.weekly_day, subscriber.digest_size, subscriber.trend_weight) == (4, 5, 0.25)
    assert {str(interest) for interest in subscriber.interests.all()} == {"Topic 1", "whales", "papers 2606.01234"}
    assert subscriber.next_digest_at is not None
    assert subscriber.next_digest_at.astimezone().utctimetuple().tm_hour == 21


SETTINGS = {"digest_size": "5", "trend_weight": "0.5", "weekly_day": "0"}


def saved(client: Client, subscriber: Subscriber, **fields: str) -> Subscriber:
    assert client.post(preferences(subscriber), SETTINGS | fields).status_code == 302
    return Subscriber.objects.get(pk=subscriber.pk)


def test_the_length_is_a_number_of_papers_or_minutes(
    client: Client, make_subscriber: Callable[..., Subscriber]
) -> None:
    reader = saved(client, make_subscriber(), digest_size="10 minutes")
    assert (reader.reading_minutes, reader.digest_size, reader.most_papers) == (10, 10, 20)
    assert '<option value="10 minutes" selected>about 10 minutes' in client.get(preferences(reader)).content.decode()
    reader = saved(client, reader, digest_size="3")
    assert (reader.reading_minutes, reader.digest_size, reader.most_papers) == (0, 3, 3)


@pytest.mark.parametrize("length", ["11 minutes", "7", "10 hours", "minutes", "", "1e1"])
def test_a_length_that_is_not_offered_changes_nothing(
    client: Client, make_subscriber: Callable[..., Subscriber], length: str
) -> None:
    subscriber = make_subscriber()
    assert client.post(preferences(subscriber), SETTINGS | {"digest_size": length}).status_code == 400
    subscriber.refresh_from_db()
    assert (subscriber.reading_minutes, subscriber.digest_size) == (0, 10)


def test_a_digest_of_many_minutes_has_no_more_than_thirty_papers() -> None:
    assert [Subscriber(reading_minutes=minutes).most_papers for minutes in (3, 15, 20)] == [6, 30, 30]


def test_catch_ups_and_slowing_down_are_switched_off_and_on(
    client: Client, make_subscriber: Callable[..., Subscriber]
) -> None:
    reader = saved(client, make_subscriber())
    assert (reader.catch_up, reader.slow_down) == (False, False)
    reader = saved(client, reader, catch_up="on", slow_down="on")
    assert (reader.catch_up, reader.slow_down) == (True, True)


def test_slowing_down_is_not_offered_where_nothing_slows_down(
    client: Client, make_subscriber: Callable[..., Subscriber], settings: Any
) -> None:
    settings.SLOW_DOWN_AFTER_DAYS = 0
    subscriber = make_subscriber()
    assert 'name="slow_down"' not in client.get(preferences(subscriber)).content.decode()
    assert saved(client, subscriber).slow_down


def test_fields_that_are_not_on_the_form_have_no_effect(
    client: Client, make_subscriber: Callable[..., Subscriber]
) -> None:
    subscriber = make_subscriber()
    fields = {"digest_size": "5", "trend_weight": "0.5", "weekly_day": "0", "email": "evil@example.org", "status": "x"}
    client.post(preferences(subscriber), fields)
    assert Subscriber.objects.get().email == "ada@example.org"
    assert Subscriber.objects.get().status == SubscriberStatus.ACTIVE


def test_preferences_show_the_present_choice(client: Client, make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber(follows=(2,))
    Interest.objects.create(subscriber=subscriber, kind="text", text="whale song")
    page = client.get(preferences(subscriber)).content.decode()
    [text] = re.findall(r'<textarea name="text"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
    assert text == "whale song"
    assert checked(page, "topics") == [str(subscriber.interests.get(kind="topic").topic_id)]


def test_pausing_and_resuming(client: Client, make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber()
    token = tokens.make(Purpose.PREFERENCES, subscriber.handle)
    client.get(reverse("pause", args=[token]))
    assert Subscriber.objects.get().status == SubscriberStatus.ACTIVE
    until = now().date() + timedelta(days=30)
    client.post(reverse("pause", args=[token]), {"until": str(until)})
    assert Subscriber.objects.get().status == SubscriberStatus.PAUSED
    assert f"paused until {until:%A %d %B}" in client.get(preferences(subscriber)).content.decode()
    client.post(reverse("resume", args=[token]))
    assert Subscriber.objects.get().status == SubscriberStatus.ACTIVE


@pytest.mark.parametrize("until", ["tomorrow", "2026-13-45", "1999-01-01"])
def test_a_pause_until_a_date_that_makes_no_sense_is_refused(
    client: Client, make_subscriber: Callable[..., Subscriber], until: str
) -> None:
    token = tokens.make(Purpose.PREFERENCES, make_subscriber().handle)
    answer = client.post(reverse("pause", args=[token]), {"until": until}, follow=True)
    assert Subscriber.objects.get().status == SubscriberStatus.ACTIVE
    assert "date in the future" in answer.content.decode()


def test_opening_an_unsubscribe_link_changes_nothing_and_pressing_the_button_does(
    client: Client, make_subscriber: Callable[..., Subscriber]
) -> None:
    subscriber = make_subscriber()
    for method in (client.get, client.head):
        assert method(unsubscribe_url(subscriber)).status_code == 200
    assert Subscriber.objects.get().status == SubscriberStatus.ACTIVE
    client.post(unsubscribe_url(subscriber))
    assert Subscriber.objects.get().status == SubscriberStatus.UNSUBSCRIBED


@pytest.mark.parametrize("content_type", ["multipart/form-data", "application/x-www-form-urlencoded"])
def test_one_click_needs_no_cookie_no_token_and_no_redirect(
    make_subscriber: Callable[..., Subscriber], content_type: str
) -> None:
    url = unsubscribe_url(make_subscriber())
    client = Client(enforce_csrf_checks=True)
    for _ in range(2):
        if content_type.startswith("multipart"):
            answer = client.post(url, {"List-Unsubscribe": "One-Click"})
        else:
            answer = client.post(url, "List-Unsubscribe=One-Click", content_type=content_type)
        assert (answer.status_code, answer.content) == (200, b"Unsubscribed.")
    assert Subscriber.objects.get().status == SubscriberStatus.UNSUBSCRIBED


def test_one_click_with_an_unknown_token_is_answered_all_the_same(client: Client) -> None:
    answer = client.post(reverse("unsubscribe", args=["a" * 22]), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200


def test_the_web_copy_shows_what_the_mail_showed(
    client: Client, make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    from subscriptions.delivery import batches
    from tests.subscriptions.conftest import MORNING, plan

    make_subscriber(follows=(4,))
    batches.deliver(plan(), lambda: MORNING)
    page = client.get(reverse("digest", args=[tokens.make(Purpose.DIGEST, Digest.objects.get().handle)]))
    assert "Paper 3" in page.content.decode()
    assert "<h2>For you: Topic 4</h2>" in page.content.decode()


def test_the_web_copy_and_the_list_of_ratings_say_which_papers_were_withdrawn_since(
    client: Client, make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    from subscriptions.delivery import batches
    from tests.subscriptions.conftest import MORNING, plan

    subscriber = make_subscriber(follows=(0,))
    batches.deliver(plan(), lambda: MORNING)
    copy = reverse("digest", args=[tokens.make(Purpose.DIGEST, Digest.objects.get().handle)])
    assert "withdrawn" not in client.get(copy).content.decode().lower()
    gone = some_papers[1]
    client.post(copy, {gone.identifier: "save"})
    Paper.objects.filter(pk=gone.pk).update(withdrawn_on=date(2026, 7, 2))
    page = client.get(copy).content.decode()
    assert re.search(
        rf"1 of these papers was withdrawn after this mail was made: <a [^>]*><bdi>{gone.shown_title}<", page
    )
    assert page.count("we learnt of it on 2 July 2026") == 1
    assert "(withdrawn)" not in page
    Digest.objects.get().items.filter(rank=1).update(reason={"folded": [gone.pk]})
    assert f"<bdi>{gone.shown_title}</bdi></a> (withdrawn)</p>" in client.get(copy).content.decode()
    rated = client.get(preferences(subscriber, "taught")).content.decode()
    assert re.search(rf'{gone.shown_title}</bdi></a> <span class="chip">withdrawn</span>', rated)
    Paper.objects.filter(pk=gone.pk).update(withdrawn_on=None)
    assert "withdrawn" not in client.get(copy).content.decode().lower()


@pytest.mark.parametrize(
    ("status", "reason", "sentence"),
    [
        ("skipped", "empty", "No mail today: no paper came close enough to your interests."),
        ("skipped", "no papers", "No mail today: no new papers had arrived."),
        ("planned", "", "being prepared"),
        ("failed", "TypeError: secret", "No mail today: it could not be sent."),
    ],
)
def test_the_preferences_page_says_why_there_was_no_mail_today(
    client: Client, make_subscriber: Callable[..., Subscriber], status: str, reason: str, sentence: str
) -> None:
    subscriber = make_subscriber()
    moment = now()
    subscriber.digests.create(
        local_date=moment.date(), due_at=moment, next_attempt_at=moment, status=status, reason=reason
    )
    page = client.get(preferences(subscriber)).content.decode()
    assert sentence in page
    assert "TypeError" not in page


def test_pages_behind_a_token_are_kept_by_nobody(client: Client, make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber()
    for url in (preferences(subscriber), unsubscribe_url(subscriber)):
        answer = client.get(url)
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"


def test_sign_up_works_while_the_broker_is_away(client: Client, settings: object) -> None:
    from celery import current_app

    before = current_app.conf.broker_url
    current_app.conf.broker_url = "redis://127.0.0.1:1/0"
    try:
        assert post(client).status_code == 302  # type: ignore[attr-defined]
    finally:
        current_app.conf.broker_url = before
    assert SignUp.objects.count() == 1
