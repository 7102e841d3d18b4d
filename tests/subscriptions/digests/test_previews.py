"""A preview is what is sent: byte for byte, but for secrets, which open nothing."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from papers.models import Paper
from subscriptions.digests import previews
from subscriptions.mails import emails
from subscriptions.models import AccountMail, AddressChange, Consent, Digest, Role, Subscriber
from subscriptions.people import links, tokens
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING, deliver_due
from tests.subscriptions.pages.full_life import live

BREAK = rb"(?:=\r\n)?"  # quoted-printable ends its lines anywhere
TOKEN = re.compile(rb"/((?:" + BREAK + rb"[A-Za-z0-9_-]){22})(?![A-Za-z0-9_-])")
HANDLE = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")  # of the Message-ID, and the boundary made of it


def masked(message: EmailMultiAlternatives) -> bytes:
    """The mail on the wire, with a letter for each letter of a secret."""
    return masked_wire(message.message().as_bytes())


def masked_wire(wire: bytes) -> bytes:
    assert TOKEN.search(wire)
    return HANDLE.sub(b"h" * 32, TOKEN.sub(lambda found: b"/" + re.sub(rb"[\w-]", b"t", found[1]), wire))


def sent() -> EmailMultiAlternatives:
    [message] = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    return message


def secrets_of(message: EmailMultiAlternatives) -> set[str]:
    wire: bytes = message.message().as_bytes()
    return {re.sub(r"=\r\n", "", token.decode()) for token in TOKEN.findall(wire)}


@pytest.mark.parametrize(
    ("zone", "at", "epoch"),
    [
        ("UTC", MORNING, 0),
        ("Asia/Tokyo", datetime(2026, 6, 30, 23, 0, tzinfo=UTC), 3),  # where the date is another
        ("America/New_York", datetime(2026, 7, 1, 0, 30, tzinfo=UTC), 12),
    ],
)
@pytest.mark.usefixtures("some_papers")
def test_the_mail_that_goes_out_is_the_one_that_was_previewed(
    make_subscriber: Callable[..., Subscriber], zone: str, at: datetime, epoch: int
) -> None:
    ada = make_subscriber(follows=(0, 4), timezone=zone, link_epoch=epoch, next_digest_at=at)
    before = previews.preview(ada, at)
    assert not Digest.objects.exists()
    assert deliver_due(at) == 1
    assert masked(before) == masked(sent())
    assert not secrets_of(before) & secrets_of(sent())


@pytest.mark.usefixtures("some_papers")
def test_a_stored_digest_is_written_as_it_was_as_long_as_nothing_has_changed(
    make_subscriber: Callable[..., Subscriber],
) -> None:
    make_subscriber()
    deliver_due()
    again = previews.of_digest(Digest.objects.get(), MORNING)
    assert masked(again) == masked(sent())
    assert not secrets_of(again) & secrets_of(sent())


@time_machine.travel(MORNING, tick=False)  # an account mail is dated when it goes over the wire
def test_account_mails_are_shown_as_they_are_sent(some_papers: list[Paper]) -> None:
    live(MORNING)
    rows = AccountMail.objects.select_related("subscriber", "consent", "change")
    seen = set()
    for row in rows.filter(to=""):
        real, shown = emails.account_mail(row, MORNING), previews.of_account_mail(row, MORNING)
        if secrets_of(real):
            assert masked(shown) == masked(real)
            assert not secrets_of(shown) & secrets_of(real)
            seen.add(row.kind)
    assert len(seen) >= 2


class TestSecretsOfAPreview:
    @pytest.fixture
    def shown(self, some_papers: list[Paper], make_subscriber: Callable[..., Subscriber]) -> EmailMultiAlternatives:
        return previews.preview(make_subscriber(), MORNING)

    def test_they_open_nothing(self, shown: EmailMultiAlternatives) -> None:
        found = secrets_of(shown)
        assert len(found) == 2  # of the digest and of unsubscribing
        for token in found:
            assert [links.find(purpose, token, MORNING, late=True) for purpose in Purpose] == [None] * len(Purpose)

    def test_who_presses_one_is_told_what_it_is(self, shown: EmailMultiAlternatives, client: Client) -> None:
        urls = set(re.findall(r"https?://[^/]+(/[^\s<>]*/[\w-]{22}/[^\s<>]*)", str(shown.body)))
        assert len(urls) == 2
        for url in urls:
            assert "preview" in client.get(url).content.decode()

    def test_unsubscribing_by_one_changes_nobody(self, shown: EmailMultiAlternatives, client: Client) -> None:
        url = shown.extra_headers["List-Unsubscribe"].strip("<>").partition("//")[2].partition("/")[2]
        before = Subscriber.objects.values().get()
        assert client.post(f"/{url}", {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert Subscriber.objects.values().get() == before


class TestNothingToSend:
    @pytest.fixture
    def ada(self, some_papers: list[Paper], make_subscriber: Callable[..., Subscriber]) -> Subscriber:
        return make_subscriber(follows=(6,))  # of which there is no paper

    def test_the_command_says_why(self, ada: Subscriber) -> None:
        with pytest.raises(CommandError, match="Nothing would be sent: no paper came close enough"):
            call_command("digest", "preview", ada.email, now=MORNING.isoformat())

    def test_the_admin_says_why(self, ada: Subscriber, admin_client: Client) -> None:
        with time_machine.travel(MORNING):
            page = admin_client.get(reverse("admin:subscriber-preview", args=[ada.pk])).content.decode()
        assert "Nothing would be sent: no paper came close enough" in page
        assert "<iframe" not in page


def test_the_command_writes_the_lines_of_the_wire(
    some_papers: list[Paper], make_subscriber: Callable[..., Subscriber], tmp_path: Path
) -> None:
    ada = make_subscriber()
    file = tmp_path / "mail.eml"
    call_command("digest", "preview", ada.email, now=MORNING.isoformat(), format="eml", output=file)
    deliver_due()
    assert masked_wire(file.read_bytes()) == masked(sent())


class TestAdmin:
    @pytest.fixture(autouse=True)
    def _then(self) -> object:
        with time_machine.travel(MORNING + timedelta(minutes=1), tick=False):
            yield

    @pytest.fixture
    def ada(self, some_papers: list[Paper], make_subscriber: Callable[..., Subscriber]) -> Subscriber:
        return make_subscriber()

    def page(self, client: Client, reader: Subscriber, **query: object) -> str:
        answer = client.get(reverse("admin:subscriber-preview", args=[reader.pk]), query)
        assert answer.status_code == 200
        return answer.content.decode()

    def test_the_page_says_what_its_links_do(self, ada: Subscriber, admin_client: Client) -> None:
        page = self.page(admin_client, ada)
        assert "byte for byte" in page
        assert "do nothing here" in page

    def test_its_frame_holds_the_html_and_may_stand_on_our_own_pages_only(
        self, ada: Subscriber, admin_client: Client
    ) -> None:
        assert "?part=frame" in self.page(admin_client, ada)
        answer = admin_client.get(reverse("admin:subscriber-preview", args=[ada.pk]), {"part": "frame"})
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
        assert b"<h1" in answer.content

    def test_the_text_and_the_source_are_there(self, ada: Subscriber, admin_client: Client) -> None:
        assert "Text part" in self.page(admin_client, ada, part="text")
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in self.page(admin_client, ada, part="source")

    def test_a_look_at_all_parts_is_one_line_in_the_log(self, ada: Subscriber, admin_client: Client) -> None:
        for part in ("html", "frame", "text", "source"):
            self.page(admin_client, ada, part=part)
        assert LogEntry.objects.count() == 1

    def test_a_digest_that_was_sent_says_that_it_is_written_anew(self, ada: Subscriber, admin_client: Client) -> None:
        deliver_due()
        digest = Digest.objects.get()
        page = self.page(admin_client, ada, digest=digest.pk)
        assert "what was sent is not kept" in page
        assert emails.one_line(str(sent().subject)) in page
        listed = admin_client.get(reverse("admin:subscriptions_digest_change", args=[digest.pk])).content.decode()
        assert f"?digest={digest.pk}" in listed

    def test_somebody_elses_digest_is_not_shown(
        self, ada: Subscriber, admin_client: Client, make_subscriber: Callable[..., Subscriber]
    ) -> None:
        deliver_due()
        bob = make_subscriber("bob@example.org")
        url = reverse("admin:subscriber-preview", args=[bob.pk])
        assert admin_client.get(url, {"digest": Digest.objects.get().pk}).status_code == 404
        assert admin_client.get(url, {"digest": "x"}).status_code == 404


def test_a_preview_stores_nothing_and_leaves_the_rows_as_they_are(ada_with_rows: dict[str, object]) -> None:
    before = {name: list(rows.values()) for name, rows in ada_with_rows.items()}  # type: ignore[attr-defined]
    for digest in Digest.objects.filter(items__role=Role.PICK).distinct():
        previews.of_digest(digest, MORNING)
    assert {name: list(rows.all().values()) for name, rows in ada_with_rows.items()} == before  # type: ignore[attr-defined]


@pytest.fixture
def ada_with_rows(some_papers: list[Paper]) -> dict[str, object]:
    live(MORNING)
    models = (Subscriber, Digest, Consent, AddressChange, AccountMail)
    return {model.__name__: model.objects.all() for model in models}  # type: ignore[attr-defined]


def test_a_token_of_a_preview_has_the_shape_of_a_real_one(make_subscriber: Callable[..., Subscriber]) -> None:
    ada = make_subscriber(link_epoch=7)
    real, shown = [links.token(Purpose.DIGEST, Digest(subscriber=one)) for one in (ada, previews.without_secrets(ada))]
    assert len(real) == len(shown)
    assert tokens.terms_of(real) == tokens.terms_of(shown)
