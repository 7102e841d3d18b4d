"""How long a request may be: each route says so, and refuses one byte more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter

from config.web.bodies import LIMITS, declared, limit_of
from subscriptions.bibliographies import entries
from subscriptions.reports import guard

TOKEN = "A" * 22
SAMPLES = {"admin": "/admin/login/", "anymail": "/anymail/postmark/tracking/"}


def routes(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, str]]:
    """Each route's name with an address of it; of a namespace, one address."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            places = pattern.pattern.converters.items()
            filled = {place: 1 if isinstance(kind, IntConverter) else TOKEN for place, kind in places}
            yield str(pattern.name), reverse(str(pattern.name), kwargs=filled)
        elif pattern.namespace:
            yield pattern.namespace, SAMPLES.get(pattern.namespace, "")
        else:
            yield from routes(pattern.url_patterns)


ROUTES = list(routes(get_resolver().url_patterns))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where everything that is stored for a while would be."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", [name for name, _ in ROUTES])
def test_every_route_declares_how_much_it_takes(name: str) -> None:
    assert name in LIMITS, f"say in config/web/bodies.py how many bytes a request to the route {name!r} may bring"


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "path"), ROUTES)
def test_one_byte_more_than_its_limit_is_refused_on_every_route(name: str, path: str, client: Client) -> None:
    assert name in LIMITS
    assert limit_of(path) == LIMITS[name]
    answer = client.generic("POST", path, b"a" * (LIMITS[name] + 1), secure=True)
    assert (answer.status_code, answer["Content-Type"]) == (413, "text/plain")
    assert "go back" in answer.content.decode()


@pytest.mark.django_db
def test_what_is_within_the_limit_is_read(client: Client) -> None:
    body = b"List-Unsubscribe=One-Click&x=" + b"a" * 3000
    answer = client.generic("POST", f"/u/{TOKEN}", body, "application/x-www-form-urlencoded", secure=True)
    assert answer.content == b"Unsubscribed."


def test_an_address_that_leads_nowhere_takes_next_to_nothing(client: Client) -> None:
    assert client.generic("POST", "/nowhere/", b"a" * 1001, secure=True).status_code == 413


def test_a_route_that_was_forgotten_takes_next_to_nothing() -> None:
    class Match:
        namespaces: list[str] = []
        url_name = "forgotten"

    assert declared(Match()) is None


def test_the_limits_of_files_and_reports_leave_room_for_what_is_taken() -> None:
    assert LIMITS["library"] > entries.MOST_BYTES
    assert LIMITS["anymail"] == guard.MOST_BYTES


def test_a_compressed_request_is_not_read(client: Client) -> None:
    answer = client.generic("POST", f"/u/{TOKEN}", b"abc", secure=True, HTTP_CONTENT_ENCODING="gzip")
    assert answer.status_code == 415


@pytest.mark.django_db
def test_a_length_that_is_no_number_is_an_empty_body(client: Client) -> None:
    assert client.generic("POST", "/nowhere/", b"", secure=True, CONTENT_LENGTH="many").status_code == 404


@pytest.mark.django_db
def test_files_sent_to_a_page_that_takes_none_are_never_stored(client: Client, temporary: Path) -> None:
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="f{nth}"; filename="f{nth}"\r\n\r\n{"a" * 20}\r\n'
        for nth in range(30)
    )
    client.generic("POST", f"/u/{TOKEN}", f"{parts}--b--\r\n", "multipart/form-data; boundary=b", secure=True)
    assert list(temporary.iterdir()) == []


def test_the_largest_library_is_read_in_memory(temporary: Path) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bib"\r\n\r\n'
    body = head + b"a" * entries.MOST_BYTES + b"\r\n--b--\r\n"
    request = RequestFactory().generic("POST", "/", body, "multipart/form-data; boundary=b")
    file = request.FILES["file"]
    assert file.size == entries.MOST_BYTES
    assert list(temporary.iterdir()) == []
