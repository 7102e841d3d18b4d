"""Nobody can be sent to another site by a link to ours."""

from collections.abc import Iterator
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.django_db
HERE = "http://testserver"
EVIL = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "http:evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    "\tjava\nscript:alert(1)",
    "https://testserver@evil.example/",
    "https://evil.example\\@testserver/",
    "evil.example",
]
PARAMETERS = ["next", "url", "to", "redirect", "redirect_to", "return", "continue", "r", "q", "target", "topic", "page"]
NAMES = st.one_of(st.sampled_from([*EVIL, "a" * 22, "..", "0", "2606.00001v9"]), st.text(min_size=1, max_size=30))


def patterns(found: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for one in found:
        path = prefix + str(one.pattern).removeprefix("^").removesuffix("\\Z").removesuffix("$")
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, path)
        else:
            yield path


ALL = patterns(get_resolver().url_patterns)
# Mail providers' own entrance has no pages.
PATHS = sorted({path for path in ALL if "(?P" not in path and not path.startswith("anymail/")})


def filled(path: str, name: str) -> str:
    """The path with a name in each of its holes."""
    before, hole, rest = path.partition("<")
    return before + quote(name, safe="/") + filled(rest.partition(">")[2], name) if hole else before


def assert_stays_here(client: Client, url: str, data: dict[str, str]) -> None:
    for answer in (client.get(url, data), client.post(url, data)):
        where = urljoin(HERE + url, answer.headers.get("Location", "").replace("\\", "/"))
        assert urlsplit(where).netloc == "testserver", (url, data, where)
        assert urlsplit(where).scheme == "http", (url, data, where)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), name=NAMES, parameter=st.sampled_from(PARAMETERS), value=NAMES)
def test_no_address_and_no_parameter_leads_to_another_site(
    client: Client, path: str, name: str, parameter: str, value: str
) -> None:
    assert_stays_here(client, "/" + filled(path, name), {parameter: value})


@pytest.mark.parametrize("evil", EVIL)
def test_nor_does_an_address_that_is_one_of_another_site(client: Client, evil: str) -> None:
    for start in ("/", "//", "/papers/", "/topics/", "/u/", "/digests/"):
        assert_stays_here(client, start + quote(evil, safe="/:\\@"), {})


def test_nor_does_logging_in(admin_client: Client) -> None:
    for evil in EVIL:
        assert_stays_here(admin_client, "/admin/login/", {"next": evil})
