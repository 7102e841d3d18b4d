import secrets

import pytest
from django.test import override_settings

from subscriptions.people import tokens
from subscriptions.people.tokens import Purpose

HANDLE = bytes(range(16))


def test_a_token_is_22_characters_and_opens_its_own_purpose() -> None:
    for purpose in Purpose:
        token = tokens.make(purpose, HANDLE)
        assert len(token) == 22
        assert tokens.read(purpose, token) == [HANDLE]


def test_a_token_of_one_purpose_means_nothing_to_another() -> None:
    made = {purpose: tokens.make(purpose, HANDLE) for purpose in Purpose}
    for purpose in Purpose:
        others = [token for other, token in made.items() if other != purpose]
        assert all(HANDLE not in tokens.read(purpose, token) for token in others)


@pytest.mark.parametrize(
    "token", ["", "short", "x" * 21, "x" * 23, "é" * 22, "a" * 21 + "!", "a" * 21 + "=", "\0" * 22]
)
def test_what_is_no_token_stands_for_nothing(token: str) -> None:
    assert tokens.read(Purpose.CONFIRM, token) == []


def test_a_handle_does_not_show_in_its_token() -> None:
    handles = [secrets.token_bytes(16) for _ in range(100)]
    assert all(handle.hex()[:8] not in tokens.make(Purpose.DIGEST, handle) for handle in handles)


def test_links_in_old_mails_outlive_a_change_of_the_secret_key() -> None:
    with override_settings(SECRET_KEY="an old key"):
        token = tokens.make(Purpose.UNSUBSCRIBE, HANDLE)
    with override_settings(SECRET_KEY="a new key", SECRET_KEY_FALLBACKS=["an old key"]):
        assert HANDLE in tokens.read(Purpose.UNSUBSCRIBE, token)
    with override_settings(SECRET_KEY="a new key", SECRET_KEY_FALLBACKS=[]):
        assert HANDLE not in tokens.read(Purpose.UNSUBSCRIBE, token)
