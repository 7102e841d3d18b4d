"""A link opens what it was made for, as long as it may, and the database alone opens nothing."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.timezone import now

from papers.models import Paper, Topic
from subscriptions import lifecycle
from subscriptions.delivery import batches
from subscriptions.development import pages
from subscriptions.lifecycle import Wishes
from subscriptions.models import AccountMail, Consent, Subscriber, SubscriberStatus
from subscriptions.people import links, private_feeds, tokens
from subscriptions.people.links import Row
from subscriptions.people.tokens import Purpose
from tests.database_dump import dump, text
from tests.subscriptions.conftest import MORNING, plan
from tests.subscriptions.mails.a_real_digest import sent_to_a_new_reader, tokens_in

pytestmark = pytest.mark.django_db
PREFERENCES = {Purpose.PREFERENCES}
ACCOUNT = {Purpose.ACCOUNT}
# Who may do what. A page that is not here has no link of its own, or must be thought about.
MAY_OPEN = {
    "confirm": {Purpose.CONFIRM},
    "unsubscribe": {Purpose.UNSUBSCRIBE},
    "digest": {Purpose.DIGEST},
    "send_link": {Purpose.DIGEST, Purpose.CONFIRM, Purpose.ACCOUNT, Purpose.OLD_PREFERENCES},
    "preferences": PREFERENCES,
    "preferences_preview": PREFERENCES,
    "pause": PREFERENCES,
    "keep_rhythm": PREFERENCES,
    "resume": PREFERENCES,
    "taught": PREFERENCES,
    "past_digests": PREFERENCES,
    "leave": PREFERENCES,
    "saved": PREFERENCES,
    "saved_file": PREFERENCES,
    "private_feed": PREFERENCES,
    "feed_of_digests": {Purpose.FEED},
    "feed_of_digests_json": {Purpose.FEED},
    "feed_of_saved": {Purpose.FEED},
    "feed_of_saved_json": {Purpose.FEED},
    "forget": PREFERENCES,
    "mute": PREFERENCES,
    "terms": PREFERENCES,
    "library": PREFERENCES,
    "library_state": PREFERENCES,
    "device": PREFERENCES,
    "account_link": PREFERENCES,
    "send_now": PREFERENCES,
    "account": ACCOUNT,
    "change_address": ACCOUNT,
    "export": ACCOUNT,
    "erase": ACCOUNT,
    "new_address": {Purpose.NEW_ADDRESS},
    "move_back": {Purpose.MOVE_BACK},
}
OF_EARLIER_VERSIONS = {
    Purpose.CONFIRM: "BCMw8w0m62r9iNvHh8lUBQ",
    Purpose.DIGEST: "MsZBjN4_l43piRsMVB2z-A",
    Purpose.UNSUBSCRIBE: "0KQNFxbDNB0cHIFHEW6pOQ",
    Purpose.NEW_ADDRESS: "JXlJ7EizsJ80L9KWQcUpHw",
    Purpose.OLD_PREFERENCES: "rEbkmB24hM4rATyPrDiC8Q",
}
READ_ONLY = {"account", "library_state", "taught", "past_digests", "leave", "saved_file"}
READ_ONLY |= {name for name, found in MAY_OPEN.items() if found == {Purpose.FEED}}
SHOWN = READ_ONLY | {"confirm", "digest", "send_link", "erase", "new_address", "move_back"}
SHOWN |= {"preferences", "library", "saved", "pause", "account_link", "device"}
PRESSED = sorted(set(MAY_OPEN) - {"send_now"})  # a page of development only


def pages_behind_tokens() -> dict[str, URLPattern]:
    patterns: list[URLPattern | URLResolver] = list(get_resolver().url_patterns)
    flat = [one for found in patterns for one in getattr(found, "url_patterns", [found])]
    return {str(one.name): one for one in flat if "<str:token>" in str(getattr(one, "pattern", ""))}


@pytest.fixture
def ada(some_papers: list[Paper], make_subscriber: Callable[..., Subscriber]) -> Subscriber:
    ada = make_subscriber()
    ada.consents.create(email=ada.email, form_text_hash="hash", requested_at=MORNING, confirmed_at=MORNING)
    batches.deliver(plan(MORNING), lambda: MORNING)
    return ada


@pytest.fixture
def made(ada: Subscriber) -> dict[Purpose, str]:
    """A token of each purpose, of one reader, who has moved once and asks to move again."""
    lifecycle.ask_for_address(ada, "ada.second@example.org", now())
    moved = ada.address_changes.get()
    assert lifecycle.apply_change(moved, form_text_hash="hash", now=now())
    ada.refresh_from_db()
    Subscriber.objects.update(link_epoch=0)  # so that links of earlier versions count as well
    lifecycle.ask_for_address(ada, "ada.third@example.org", now())
    reader = Subscriber.objects.get()
    rows: dict[Purpose, Row] = dict.fromkeys(Purpose, reader)
    rows |= {Purpose.DIGEST: reader.digests.get(), Purpose.CONFIRM: Consent.objects.earliest("pk")}
    rows |= {Purpose.FEED: private_feeds.make(reader, now())}
    rows |= {Purpose.NEW_ADDRESS: reader.address_changes.latest("pk"), Purpose.MOVE_BACK: moved}
    until = {Purpose.ACCOUNT: now() + links.ACCOUNT_FOR}
    return {purpose: links.token(purpose, row, until.get(purpose)) for purpose, row in rows.items()}


def opened(made: Mapping[Purpose, str], press: bool = True) -> dict[str, set[Purpose]]:
    """By page the links that open it, or that do what its button does; nothing is left of it."""
    found: dict[str, set[Purpose]] = {name: set() for name in PRESSED}
    for name in PRESSED:
        for purpose, token in made.items():
            with transaction.atomic():
                before = dump() if name == "unsubscribe" else {}
                ask = Client().post if press else Client().get
                answer = ask(reverse(name, args=[token]))
                is_open = dump() != before if name == "unsubscribe" else _is_open(name, answer)
                transaction.set_rollback(True)
            if is_open:
                found[name].add(purpose)
    return found


def _is_open(name: str, answer: Any) -> bool:
    sent_on = answer.status_code == 302 and answer["Location"].startswith("/link/")
    return answer.status_code not in {404, 405, 410} and (name == "send_link" or not sent_on)


def allowed(**other: set[Purpose]) -> dict[str, set[Purpose]]:
    """By page whose buttons are pressed as the table says, but for others."""
    return {name: set(MAY_OPEN[name]) for name in PRESSED} | {name: set() for name in READ_ONLY} | other


def test_every_page_behind_a_token_says_whose_links_open_it_as_it_stands_in_the_table() -> None:
    declared = {name: set(found.callback.purposes) for name, found in pages_behind_tokens().items()}
    declared["send_now"] = set(vars(pages.send_now)["purposes"])
    assert declared == MAY_OPEN


def test_each_link_presses_the_buttons_of_its_own_pages_and_of_no_other(made: dict[Purpose, str]) -> None:
    assert opened(made) == allowed()


def test_each_link_shows_its_own_pages_and_no_other(made: dict[Purpose, str]) -> None:
    shown = {name: found for name, found in opened(made, press=False).items() if found}
    assert shown.keys() == SHOWN
    assert shown == {name: MAY_OPEN[name] for name in shown}


def test_a_link_of_an_earlier_version_leads_to_where_one_asks_for_a_new_one(
    client: Client, made: dict[Purpose, str]
) -> None:
    answer = client.get(reverse("preferences", args=[made[Purpose.OLD_PREFERENCES]]), follow=True)
    page = answer.content.decode()
    assert "Send me my link" in page
    assert f"/u/{made[Purpose.UNSUBSCRIBE]}" in page
    assert "a…@example.org" in page
    assert "ada" not in page


def test_after_a_change_of_address_all_older_links_are_dead_but_unsubscribing_and_the_way_back(
    made: dict[Purpose, str],
) -> None:
    change = links.find(Purpose.NEW_ADDRESS, made[Purpose.NEW_ADDRESS], now())
    assert lifecycle.apply_change(change, form_text_hash="hash", now=now())  # type: ignore[arg-type]
    alive = {name: found for name, found in opened(made).items() if found}
    assert alive == {
        "unsubscribe": {Purpose.UNSUBSCRIBE},
        "send_link": {Purpose.OLD_PREFERENCES},  # to unsubscribe, see below
        "new_address": {Purpose.NEW_ADDRESS},  # says that it was used
        "move_back": {Purpose.MOVE_BACK},
    }


def test_an_older_link_to_the_preferences_unsubscribes_after_a_move_and_does_not_tell_the_new_address(
    client: Client, made: dict[Purpose, str]
) -> None:
    lifecycle.renew_links(Subscriber.objects.get())
    url = reverse("send_link", args=[made[Purpose.OLD_PREFERENCES]])
    before = AccountMail.objects.count()
    page = client.post(url).content.decode()
    assert "This link is too old" in page
    assert f"/u/{made[Purpose.UNSUBSCRIBE]}" in page
    assert "example.org" not in page.partition("<main")[2]
    assert AccountMail.objects.count() == before


def test_after_erasing_nothing_opens(made: dict[Purpose, str]) -> None:
    lifecycle.erase(Subscriber.objects.get())
    assert {name for name, found in opened(made).items() if found} == set()


def test_after_unsubscribing_one_can_still_rate_download_and_erase_and_not_be_moved(made: dict[Purpose, str]) -> None:
    lifecycle.unsubscribe(Subscriber.objects.get(), now())
    assert opened(made) == allowed(unsubscribe=set())
    Client().post(reverse("new_address", args=[made[Purpose.NEW_ADDRESS]]))
    assert Subscriber.objects.get().email == "ada.second@example.org"


@pytest.mark.parametrize("kept", [True, False])
def test_a_change_of_the_secret_key_keeps_links_as_long_as_the_old_key_is_kept(
    made: dict[Purpose, str], settings: Any, kept: bool
) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY] if kept else []
    assert opened(made) == (allowed() if kept else {name: set() for name in PRESSED})


def test_the_link_to_address_and_data_works_for_an_hour_and_then_leads_to_a_new_one(
    client: Client, made: dict[Purpose, str]
) -> None:
    urls = [reverse(name, args=[made[Purpose.ACCOUNT]]) for name in ("account", "erase", "change_address", "export")]
    with time_machine.travel(now() + timedelta(minutes=59)):
        assert client.get(urls[0]).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=61)):
        answers: list[HttpResponse] = [client.post(url) for url in urls[1:]] + [client.get(urls[0])]
        assert {(one.status_code, one["Location"]) for one in answers} == {(302, f"/link/{made[Purpose.ACCOUNT]}/")}
        assert "Send me my link" in client.get(answers[0]["Location"]).content.decode()
    assert Subscriber.objects.exists()


def test_a_longer_life_or_another_epoch_cannot_be_written_onto_a_link(made: dict[Purpose, str]) -> None:
    token, _, until = made[Purpose.ACCOUNT].split(".")
    tricks = [token, f"{token}.0.{int(until) + 9_999}", f"{token}.1.{until}", f"{token}.1", f"{token}.0", f"{token}.0."]
    assert [trick for trick in tricks if links.find(Purpose.ACCOUNT, trick, now())] == []


def test_a_dump_of_the_database_holds_no_usable_token(topics: list[Topic], some_papers: list[Paper]) -> None:
    sent_to_a_new_reader(MORNING, Wishes(topics=(topics[0].pk,)))
    made = {token for message in mail.outbox for token in tokens_in(message.message().as_bytes())}
    assert len(made) == 4  # confirm, preferences, unsubscribe, digest
    stored = text()
    assert not [token for token in made if token.lower() in stored]
    handles = [bytes(Subscriber.objects.get().handle).hex()]
    assert not [one for one in handles for purpose in Purpose if tokens.read(purpose, one)]


def test_the_link_of_a_digest_opens_its_web_copy_for_so_long_and_then_has_a_link_mailed(
    client: Client, ada: Subscriber, settings: Any
) -> None:
    settings.WEB_COPY_DAYS = 90
    token = links.token(Purpose.DIGEST, ada.digests.get())
    page = reverse("digest", args=[token])
    with time_machine.travel(MORNING + timedelta(days=89)):
        answer = client.get(page)
        assert (answer.status_code, answer["X-Robots-Tag"]) == (200, "noindex, nofollow")
    with time_machine.travel(MORNING + timedelta(days=91)):
        assert client.get(page).headers["Location"] == reverse("send_link", args=[token])
        assert "Send me my link" in client.get(page, follow=True).content.decode()


def test_a_readers_own_pages_lead_to_digests_however_old(client: Client, ada: Subscriber, settings: Any) -> None:
    settings.WEB_COPY_DAYS = 90
    with time_machine.travel(MORNING + timedelta(days=400)):
        page = client.get(reverse("past_digests", args=[links.token(Purpose.PREFERENCES, ada)])).content.decode()
        [path] = set(re.findall(r'"(/digests/[\w.-]+/)"', page))
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("days", [400, 2000])
def test_an_old_mail_still_unsubscribes(client: Client, make_subscriber: Callable[..., Subscriber], days: int) -> None:
    subscriber = make_subscriber()
    url = reverse("unsubscribe", args=[tokens.make(Purpose.UNSUBSCRIBE, subscriber.handle)])
    with time_machine.travel(MORNING + timedelta(days=days)):
        client.post(url, {"List-Unsubscribe": "One-Click"})
    subscriber.refresh_from_db()
    assert subscriber.status == SubscriberStatus.UNSUBSCRIBED


def test_a_mail_of_an_earlier_version_still_unsubscribes_whatever_happened_since(
    client: Client, made: dict[Purpose, str], settings: Any
) -> None:
    """The token as it was made before links knew epochs, through a move, renewed links and another key."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    lifecycle.renew_links(Subscriber.objects.get())
    client.post(f"/u/{made[Purpose.UNSUBSCRIBE]}", {"List-Unsubscribe": "One-Click"})
    assert Subscriber.objects.get().status == SubscriberStatus.UNSUBSCRIBED


def test_the_tokens_of_earlier_versions_are_known_by_their_bytes(settings: Any) -> None:
    """Written down from the version before: a change of how keys are made would kill links in mails."""
    settings.SECRET_KEY = "a key that never changes"
    assert {purpose: tokens.make(purpose, bytes(range(16))) for purpose in OF_EARLIER_VERSIONS} == OF_EARLIER_VERSIONS
