from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from subscriptions.development import mailbox, pages

BACKEND = "subscriptions.development.mailbox.MailboxBackend"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: object) -> Path:
    settings.MAILBOX_DIR = tmp_path / "mailbox"  # type: ignore[attr-defined]
    return tmp_path / "mailbox"


def send(subject: str = "Hello", html: str = "<p>Hello</p>") -> None:
    message = EmailMultiAlternatives(subject, "Hello as text", "from@example.org", ["ada@example.org"])
    message.attach_alternative(html, "text/html")
    message.connection = get_connection(BACKEND)
    message.send()


def test_an_empty_mailbox_is_empty() -> None:
    assert mailbox.mails() == []


def test_the_mailbox_keeps_both_parts_headers_and_the_raw_mail_newest_first() -> None:
    send("First")
    send("Grüße, second")
    second, first = mailbox.mails()
    assert (first.subject, second.subject) == ("First", "Grüße, second")
    assert second.text.strip() == "Hello as text"
    assert second.html.strip() == "<p>Hello</p>"
    assert ("To", "ada@example.org") in second.headers
    assert "multipart/alternative" in second.raw


@pytest.mark.parametrize("name", ["../../etc/passwd", "1", "", "x" * 52])
def test_a_name_that_is_no_mail_is_not_found(name: str) -> None:
    send()
    with pytest.raises(Http404):
        pages.mailbox_mail(RequestFactory().get("/"), name)


def test_what_is_left_of_a_mail_that_was_cut_off_hides_no_other(folder: Path) -> None:
    send("Whole")
    (folder / f"1{'0' * 18}-{'0' * 32}.eml").write_bytes(b"")
    assert [mail.subject for mail in mailbox.mails()] == ["Whole"]


@pytest.mark.django_db
@pytest.mark.parametrize("backend", [BACKEND, "django.core.mail.backends.smtp.EmailBackend"])
def test_pages_name_the_mailbox_where_mails_lie_in_it_and_not_where_they_leave(
    client: Client, settings: Settings, backend: str
) -> None:
    settings.EMAIL_BACKEND = backend
    settings.ROOT_URLCONF = "tests.subscriptions.pages.test_policy_in_a_browser"
    page = client.get(reverse("subscribed")).content.decode()
    assert page.count(reverse("mailbox")) == (2 if backend == BACKEND else 0)
