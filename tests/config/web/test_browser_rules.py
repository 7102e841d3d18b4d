"""What every response tells browsers: pages, files, refusals and errors, with and without a login."""

import re
from collections.abc import Iterator

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse
from pytest_django import Settings

from config import urls
from tests.config.web.routes import paths

pytestmark = pytest.mark.django_db
ERRORS = {"400": BadRequest, "403": PermissionDenied, "404": Http404, "500": ZeroDivisionError}


def fails(request: HttpRequest, code: str) -> HttpResponse:
    raise ERRORS[code]


urlpatterns = [path("fails/<str:code>/", fails), *urls.urlpatterns]


def directives(answer: HttpResponse) -> dict[str, list[str]]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


def check(answer: HttpResponse, readable_by: str = "same-origin") -> None:
    rules = directives(answer)
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert "'unsafe-eval'" not in answer["Content-Security-Policy"]
    assert rules["default-src"] == rules["base-uri"] == ["'none'"]
    assert rules.get("script-src", ["'self'"]) == ["'self'"]
    assert {"form-action", "frame-ancestors"} <= rules.keys()
    assert (rules["frame-ancestors"], answer["X-Frame-Options"]) == (["'none'"], "DENY")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == readable_by
    assert "camera=()" in answer["Permissions-Policy"]


ALL = sorted(set(paths()))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["client", "admin_client"])
def test_every_route_tells_the_rules(who: str, method: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)
    client.raise_request_exception = False
    assert len(ALL) > 100
    for one in ALL:
        if not one.endswith("/logout/"):
            check(getattr(client, method)(one), "cross-origin" if one.startswith("/api/v1/") else "same-origin")


@pytest.mark.parametrize("code", ERRORS)
def test_errors_tell_the_rules(client: Client, settings: Settings, code: str) -> None:
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    answer = client.get(f"/fails/{code}/")
    assert answer.status_code == int(code)
    assert b"<style" not in answer.content
    check(answer)


def refusals(client: Client) -> Iterator[tuple[int, HttpResponse]]:
    yield 400, client.get("/", headers={"host": "evil.example"})
    yield 403, Client(enforce_csrf_checks=True).post(reverse("subscribe"))
    yield 404, client.get("/no/such/page/")
    yield 405, client.post(reverse("home"))
    yield 405, client.delete(reverse("subscribe"))


def test_refusals_tell_the_rules_and_style_nothing_of_their_own(client: Client) -> None:
    for code, answer in refusals(client):
        assert answer.status_code == code
        assert b"<style" not in answer.content
        check(answer)


def test_files_tell_the_rules_too(client: Client) -> None:
    for name in ("paper_round.css", "favicon.svg", "proof.js", "admin/css/base.css"):
        answer = client.get(f"/static/{name}")
        assert answer.status_code == 200
        assert "Vary" not in answer or "Cookie" not in answer["Vary"]
        check(answer)
        answer.close()


def test_nothing_behind_a_token_or_a_login_is_kept_by_a_cache(admin_client: Client) -> None:
    secret = [
        one for one in ALL if re.search(r"/x/?|^/admin/|^/u/", one) and not one.startswith(("/topics", "/papers"))
    ]
    assert len(secret) > 100
    for one in secret:
        if not one.startswith("/anymail/") and not one.endswith("/logout/"):
            assert "no-store" in admin_client.get(one).headers.get("Cache-Control", ""), one


def test_the_page_after_sign_up_which_names_the_address_is_kept_by_no_cache(client: Client) -> None:
    client.post(reverse("subscribe"), {"email": "ada@example.org", "text": "whales"})
    answer = client.get(reverse("subscribed"))
    assert "no-store" in answer["Cache-Control"]
    assert "Cookie" in answer["Vary"]


def test_a_public_page_may_be_kept_unless_a_cookie_came_or_went(client: Client) -> None:
    assert "Cache-Control" not in client.get(reverse("about"))
    assert "no-store" in client.get(reverse("subscribe"))["Cache-Control"]  # it leaves the cookie against forged forms
    assert "no-store" in client.get(reverse("about"))["Cache-Control"]
    assert "Cookie" in client.get(reverse("about"))["Vary"]


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(client: Client) -> None:
    client.get(reverse("subscribe"))
    client.post(reverse("subscribe"), {"email": "ada@example.org", "text": "whales"})
    assert len(client.cookies) == 2
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
