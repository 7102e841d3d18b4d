"""What is found out once for a connection is what would be found out for each mail."""

import smtplib

import pytest
from anymail.backends.postmark import EmailBackend
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.people.addresses import is_plain
from subscriptions.transport import backends

ATOMS = st.text("abcXYZ019!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=8)
DOTTED = st.lists(ATOMS, min_size=1, max_size=3).map(".".join)
LABELS = st.text("abcXYZ019-", min_size=1, max_size=8)
HOSTS = st.lists(LABELS, min_size=1, max_size=3).map(".".join)


@given(DOTTED, HOSTS)
def test_an_address_that_needs_no_quotes_is_what_smtplib_makes_of_it(local: str, host: str) -> None:
    address = f"{local}@{host}"
    assert is_plain(address)
    assert smtplib.quoteaddr(address) == f"<{address}>"


@pytest.mark.parametrize("direct", ["", "127.0.0.1"], ids=["through a proxy", "directly"])
def test_an_api_is_reached_as_the_environment_says(monkeypatch: pytest.MonkeyPatch, direct: str) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", direct)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/the/operators/own.pem")
    backend = EmailBackend(server_token="token", api_url="http://127.0.0.1:10/")
    backends.open_once(backend)
    session = backend.session
    found = session.merge_environment_settings("http://127.0.0.1:10/email", {}, None, None, None)
    assert found["proxies"].get("http") == (None if direct else "http://127.0.0.1:9")
    assert found["verify"] == "/the/operators/own.pem"
    assert not session.trust_env
    backends.open_once(backend)
    assert backend.session is session
    backend.close()
