"""The code of a phone: how it is set up, asked for, and taken away."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.timezone import now
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from subscriptions.staff import second_factor
from tests.subscriptions.staff.conftest import (
    CODE,
    ENROL,
    LOGIN,
    PASSWORD,
    code_now,
    enrolled,
    give_password,
    is_in,
    secret_of,
)

pytestmark = pytest.mark.django_db


class TestFirstTime:
    def test_a_picture_a_secret_and_a_code_and_then_ten_codes_once(self, client: Client, oskar: User) -> None:
        assert give_password(client).url == ENROL  # type: ignore[attr-defined]
        page = client.get(ENROL)
        text, secret = page.content.decode(), secret_of(client)
        assert "<svg" in text
        assert second_factor.for_typing(secret) in text
        assert "style=" not in text
        assert "<script>" not in text
        assert not TOTPDevice.objects.exists()
        answer = client.post(ENROL, {"code": code_now(secret)})
        codes = answer.context["codes"]
        assert len(set(codes)) == 10
        assert all(code in answer.content.decode() for code in codes)
        assert is_in(client)
        assert not StaticToken.objects.filter(token__in=codes).exists()  # hashes of them alone

    def test_a_wrong_code_enrols_nothing(self, client: Client, oskar: User) -> None:
        give_password(client)
        for wrong in ("000000", "abc", "", "1" * 41):
            assert client.post(ENROL, {"code": wrong}).status_code == 200
        assert not TOTPDevice.objects.exists()
        assert not is_in(client)

    def test_who_has_a_phone_cannot_enrol_another_by_the_password(self, client: Client, oskar: User) -> None:
        enrolled(Client())
        assert give_password(client).url == CODE  # type: ignore[attr-defined]
        secret = secret_of(client)
        assert client.post(ENROL, {"code": code_now(secret)}).url == CODE  # type: ignore[attr-defined]
        assert TOTPDevice.objects.count() == 1
        assert not is_in(client)


class TestSecondStep:
    def test_the_code_of_the_phone_lets_in_and_leads_on(self, client: Client, oskar: User) -> None:
        secret, _ = enrolled(Client())
        with time_machine.travel(now() + timedelta(minutes=2)):
            answer = client.post(f"{LOGIN}?next=/admin/papers/paper/", {"username": "oskar", "password": PASSWORD})
            assert answer.url == CODE  # type: ignore[attr-defined]
            assert not is_in(client)
            answer = client.post(CODE, {"code": " ".join(code_now(secret))})
            assert answer.url == "/admin/papers/paper/"  # type: ignore[attr-defined]
            assert is_in(client)

    def test_no_code_counts_twice(self, oskar: User) -> None:
        secret, codes = enrolled(Client())
        with time_machine.travel(now() + timedelta(minutes=2), tick=False):
            for typed in (code_now(secret), codes[0].upper()):
                clients = [Client(), Client()]
                for client in clients:
                    give_password(client)
                    client.post(CODE, {"code": typed})
                assert [is_in(client) for client in clients] == [True, False]

    def test_a_recovery_code_lets_in_and_the_last_ones_are_told(self, oskar: User) -> None:
        _, codes = enrolled(Client())
        for number, typed in enumerate(codes[:8]):
            client = Client()
            give_password(client)
            client.post(CODE, {"code": f"{typed[:4]}-{typed[4:]}"})
            assert ("recovery codes left" in client.get("/admin/").content.decode()) is (number >= 6)

    def test_a_recovery_code_outlives_a_change_of_the_secret_key(
        self, client: Client, oskar: User, settings: Settings
    ) -> None:
        _, codes = enrolled(Client())
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [settings.SECRET_KEY]
        give_password(client)
        client.post(CODE, {"code": codes[0]})
        assert is_in(client)

    def test_the_password_is_not_remembered_for_long(self, client: Client, oskar: User) -> None:
        secret, _ = enrolled(Client())
        give_password(client)
        with time_machine.travel(now() + timedelta(minutes=11)):
            assert client.post(CODE, {"code": code_now(secret)}).url == LOGIN  # type: ignore[attr-defined]

    def test_nor_after_it_was_changed_or_the_account_closed(self, oskar: User) -> None:
        secret, _ = enrolled(Client())
        for change in ({"password": "!"}, {"is_active": False}, {"is_staff": False}):
            User.objects.update(password=oskar.password, is_active=True, is_staff=True)
            client = Client()
            give_password(client)
            User.objects.update(**change)
            assert client.post(CODE, {"code": code_now(secret)}).url == LOGIN  # type: ignore[attr-defined]
            assert client.get(ENROL).url == LOGIN  # type: ignore[attr-defined]

    def test_without_a_password_there_is_no_second_step(self, client: Client, oskar: User) -> None:
        assert [client.get(page).url for page in (CODE, ENROL)] == [LOGIN, LOGIN]  # type: ignore[attr-defined]

    def test_a_session_that_was_there_before_is_not_taken_over(self, client: Client, oskar: User) -> None:
        session = client.session
        session["planted"] = True
        session.save()
        planted = session.session_key
        give_password(client)
        assert client.session.session_key != planted
        waiting = client.session.session_key
        client.post(ENROL, {"code": code_now(secret_of(client))})
        assert client.session.session_key not in {planted, waiting}
        assert not Session.objects.filter(pk__in=[planted, waiting]).exists()
        assert "planted" not in client.session


class TestCommand:
    def said(self, *arguments: str) -> str:
        out = StringIO()
        call_command("second_factor", *arguments, stdout=out)
        return out.getvalue()

    def test_it_tells_the_state_and_resets_it(self, client: Client, oskar: User) -> None:
        assert "has no second factor" in self.said("oskar")
        enrolled(client)
        assert "recovery codes left: 10" in self.said("oskar")
        assert "is forgotten" in self.said("oskar", "--reset")
        assert not TOTPDevice.objects.exists()
        assert not StaticToken.objects.exists()
        assert LogEntry.objects.get().get_change_message() == "The second factor was reset by manage.py."
        assert "has no second factor" in self.said("oskar", "--reset")
        assert give_password(Client()).url == ENROL  # type: ignore[attr-defined]

    def test_it_tells_of_wrong_codes(self, client: Client, oskar: User) -> None:
        enrolled(Client())
        give_password(client)
        client.post(CODE, {"code": "000000"})
        with time_machine.travel(now(), tick=False):
            assert "1 wrong codes in a row" in self.said("oskar")

    def test_an_unknown_name_is_told(self) -> None:
        with pytest.raises(CommandError, match="no user nobody"):
            self.said("nobody")
