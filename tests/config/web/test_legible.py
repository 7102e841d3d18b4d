"""What cannot be read or stored is refused once, for all pages, with a page that says so."""

from collections.abc import Iterator
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import pytest
from django.contrib.admin import site
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.forms import JSONField
from django.test import Client, RequestFactory
from django.utils.timezone import now

from config.wsgi import application
from papers.fields import TextsField
from papers.models import Paper, Topic
from subscriptions.models import Subscriber, SubscriberStatus
from subscriptions.people import tokens
from subscriptions.people.addresses import address_hash
from subscriptions.people.tokens import Purpose

pytestmark = pytest.mark.django_db
HALF_A_PAIR = "%ED%A0%80"
SCRIPTS = b"<script"


@pytest.fixture(autouse=True)
def _the_connection_stays() -> Iterator[None]:
    """A test is one transaction, which the end of a request would close."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def subscriber() -> Subscriber:
    email = "ada@example.org"
    active = {"status": SubscriberStatus.ACTIVE, "confirmed_at": now(), "next_digest_at": now()}
    return Subscriber.objects.create(email=email, address_hash=address_hash(email), **active)


def asked(path: str = "/", query: str = "", **environ: Any) -> tuple[int, bytes]:
    """Status and content of what the site itself answers, without Django's test client before it."""
    told: list[str] = []

    def start(status: str, headers: list[tuple[str, str]], error: object = None) -> None:
        told.append(status)
        "".join(name + value for name, value in headers).encode("latin-1")  # as a server does

    given: dict[str, Any] = {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "testserver", **environ}
    setup_testing_defaults(given)
    content = b"".join(application(given, start))
    return int(told[0][:3]), content


def posted(
    path: str, body: bytes, content_type: str = "application/x-www-form-urlencoded", **environ: Any
) -> tuple[int, bytes]:
    head = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
    return asked(path, REQUEST_METHOD="POST", **head | environ)


@pytest.mark.parametrize("query", ["q=a%00b", "%00=1", f"topic={HALF_A_PAIR}", "q=%ff", "q=\xff"])
def test_a_query_that_cannot_be_read_is_refused_with_a_page(query: str) -> None:
    status, page = asked("/search/", query)
    assert status == HTTPStatus.BAD_REQUEST
    assert b"This cannot be read" in page
    assert SCRIPTS not in page


@pytest.mark.parametrize("path", ["/papers/a\0b/", "/papers/doi:10.1101/\0/", "/topics/\0/", "/static/\0", "/u/\0"])
def test_a_path_with_a_nul_leads_nowhere(path: str) -> None:
    status, page = asked(path)
    assert status == HTTPStatus.NOT_FOUND
    assert b"There is no such page" in page


@pytest.mark.parametrize("body", [b"paper=a%00b", b"paper=%ED%A0%80", b"%00=", b"paper=\xff"])
def test_a_form_that_cannot_be_stored_is_refused(subscriber: Subscriber, body: bytes) -> None:
    token = tokens.make(Purpose.PREFERENCES, subscriber.handle)
    status, page = posted(f"/preferences/{token}/forget/", body)
    assert status == HTTPStatus.BAD_REQUEST
    assert b"Nothing was changed" in page


def test_a_part_of_a_form_that_is_no_text_is_refused() -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="remove"\r\n\r\n\xff\r\n--b--\r\n'
    assert posted("/preferences/x/library/", part, "multipart/form-data; boundary=b")[0] == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("charset", ["rot13", "hex", "utf-7", "unicode_escape", "undefined", "idna", "latin-1", "x-y"])
def test_no_encoding_but_utf_8_is_heard(charset: str) -> None:
    """Some of those that Python knows are none, and with others half a pair can be written in plain letters."""
    status, page = asked("/search/", r"q=\ud800+2AA-", CONTENT_TYPE=f"text/plain; charset={charset}")
    assert status == HTTPStatus.OK
    assert rb"\ud800 2AA-" in page


def test_a_mail_program_unsubscribes_in_whatever_encoding_it_names(subscriber: Subscriber) -> None:
    link = f"/u/{tokens.make(Purpose.UNSUBSCRIBE, subscriber.handle)}"
    form = "application/x-www-form-urlencoded;charset=ISO-8859-1"
    assert posted(link, b"List-Unsubscribe=One-Click", form)[0] == HTTPStatus.OK
    subscriber.refresh_from_db()
    assert subscriber.status == SubscriberStatus.UNSUBSCRIBED


@pytest.mark.parametrize(
    "head",
    [
        {"CONTENT_TYPE": "text/plain; charset*=nothing''x"},
        {"CONTENT_TYPE": "text/plain; x*=nothing''x"},
        {"CONTENT_TYPE": "multipart/form-data; boundary=\xff"},
        {"CONTENT_LENGTH": "1e3"},
        {"CONTENT_LENGTH": "9" * 400},
        {"CONTENT_LENGTH": "-1"},
    ],
)
def test_a_head_that_django_stumbles_over_is_refused(head: dict[str, str]) -> None:
    status, page = asked("/subscribe/", REQUEST_METHOD="POST", **head)
    if "nothing" not in head.get("CONTENT_TYPE", "") or "x*" in head["CONTENT_TYPE"]:
        assert status == HTTPStatus.BAD_REQUEST
        assert b"This cannot be read" in page
    assert status < HTTPStatus.INTERNAL_SERVER_ERROR


def test_a_form_without_a_boundary_to_a_page_that_is_none() -> None:
    assert posted("/nowhere/", b"", "multipart/form-data")[0] == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("email", ["ada@例え.jp", "ada@bücher.example", "ada@xn--r8jz45g.jp"])
def test_an_address_in_any_script_is_thanked(client: Client, email: str) -> None:
    """What the page repeats comes with a cookie, and a header holds no such letters."""
    form = urlencode({"email": email, "text": "whales", "csrfmiddlewaretoken": "a" * 32}).encode()
    cookie = {"HTTP_COOKIE": f"csrftoken={'a' * 32}"}
    assert posted("/subscribe/", form, **cookie)[0] == HTTPStatus.FOUND
    client.post("/subscribe/", {"email": email, "text": "whales"})
    assert email.rpartition("@")[2].replace("xn--r8jz45g", "例え") in client.get("/subscribe/done/").content.decode()


def test_a_cookie_with_a_nul_is_no_cookie(client: Client) -> None:
    nul = r'sessionid="\000\000\000\000\000\000\000\000\000"; csrftoken="\000"; signed_up="\000"'
    assert asked("/subscribe/done/", HTTP_COOKIE=nul)[0] == HTTPStatus.OK
    assert asked("/admin/", HTTP_COOKIE=nul)[0] == HTTPStatus.FOUND


@pytest.mark.parametrize(
    "question",
    [
        "id__in=99999999999999999999",
        "id__range=1",
        "announced_on__year=9999",
        "announced_on__year=99999999999999999999",
        "announced_on__year=9999&announced_on__month=12&announced_on__day=31",
        "announced_on__year=0",
        "announced_on__month=13",
        "identifier__regex=(",
        "p=99999999999999999999",
        "o=99999999999999999999.-1.a",
        "_to_field=",
        "e=1",
    ],
)
def test_a_list_of_the_admin_is_asked_what_it_cannot_answer(admin_client: Client, question: str) -> None:
    answer = admin_client.get(f"/admin/papers/paper/?{question}")
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("cs.CL, stat.ML;cs.CL", ["cs.CL", "stat.ML"]),
        ("", []),
        *((odd, ["cs.LG"]) for odd in ("5", '["cs.CL"]', '{"a": 1}', "[" * 5000, "a" * 33, "a, " * 10 + "b!")),
    ],
)
def test_the_categories_of_a_topic_are_typed_in_a_line(admin_client: Client, typed: str, stored: list[str]) -> None:
    topic = Topic.objects.create(slug="a", name="A", field="cs", description="…", categories=["cs.LG"])
    form = {"slug": "a", "name": "A", "field": "cs", "description": "…", "position": 0, "categories": typed}
    answer = admin_client.post(f"/admin/papers/topic/{topic.pk}/change/", form)
    topic.refresh_from_db()
    assert (answer.status_code, topic.categories) == (200 if stored == ["cs.LG"] else 302, stored)
    assert Client().get("/search/").status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Ada Lovelace\n\nBo Ek, Jr. \r\n", ["Ada Lovelace", "Bo Ek, Jr."]),
        ('["two\\nlines"]', ["two\nlines"]),
        ("5", ["5"]),
        ("", []),
    ],
)
def test_a_list_of_texts_is_typed_one_a_line_and_shown_so_that_it_is_read_back(typed: str, stored: list[str]) -> None:
    field = TextsField(required=False)
    assert field.clean(typed) == stored
    assert field.clean(field.prepare_value(stored)) == stored
    assert not field.has_changed(stored, field.prepare_value(stored))


@pytest.mark.parametrize("odd", ['["a", 1]', '["\\ud800"]', '["\\u0000"]', "[" * 5000, "a\0"])
def test_what_is_no_list_of_texts_is_refused_in_a_sentence(odd: str) -> None:
    field = TextsField(required=False)
    with pytest.raises(ValidationError, match="one a line"):
        field.clean(odd)
    assert field.has_changed([], odd)


@pytest.mark.parametrize("odd", [{"_to_field": ""}, {"paper": "no number"}, {"paper": "9" * 30}])
def test_a_form_of_the_admin_names_what_is_not_there(admin_client: Client, odd: dict[str, str]) -> None:
    answer = admin_client.post("/admin/papers/editionentry/add/", {"edition": "1", "reason": "announced"} | odd)
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    topic = Topic.objects.create(slug="a", name="A", field="cs", description="…")
    answer = admin_client.post(f"/admin/papers/topic/{topic.pk}/change/", odd)
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize(("path", "status"), [("/preferences/x/resume/", 405), ("/nowhere/", 404)])
def test_errors_are_calm_pages(path: str, status: int) -> None:
    answer, page = asked(path)
    assert answer == status
    assert b"<h1>" in page
    assert SCRIPTS not in page


def test_a_form_without_its_cookie_gets_a_page_that_names_the_remedy() -> None:
    status, page = posted("/subscribe/", b"email=ada@example.org")
    assert status == HTTPStatus.FORBIDDEN
    assert b"Allow cookies for this site" in page


def test_a_page_that_is_only_for_others_is_refused_calmly(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("staff", is_staff=True))
    answer = client.get("/admin/papers/paper/")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert b"This is not allowed" in answer.content


def test_every_list_that_can_be_typed_in_the_admin_is_read_as_a_list_of_texts(
    rf: RequestFactory, admin_user: AbstractBaseUser
) -> None:
    request = rf.get("/admin/")
    request.user = admin_user
    ours = {model: place for model, place in site._registry.items() if place.has_change_permission(request)}
    forms_of = {model: place.get_form(request).base_fields for model, place in ours.items()}
    fields = [(model, name, field) for model, form in forms_of.items() for name, field in form.items()]
    assert [(model, name) for model, name, field in fields if isinstance(field, JSONField)] == []
    assert {model for model, _, field in fields if isinstance(field, TextsField)} == {Paper, Topic, Subscriber}
