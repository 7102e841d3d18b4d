"""What happens to who guesses a password of the staff, or a code."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from tests.subscriptions.staff.conftest import CODE, FORWARDED, code_now, enrolled, give_password, is_in, staff

pytestmark = pytest.mark.django_db


class TestGuessing:
    @pytest.fixture(autouse=True)
    def _password_alone(self, oskar: User, settings: Settings) -> None:
        settings.ADMIN_SECOND_FACTOR = False

    def fail(self, times: int, *, client: Client | None = None, **headers: str) -> list[int]:
        client = client or Client()
        return [give_password(client, f"guess {number}", **headers).status_code for number in range(times)]

    def test_ten_bad_logins_lock_also_the_right_password(self) -> None:
        assert self.fail(10) == [200] * 9 + [429]
        answer = give_password(Client())
        assert answer.status_code == 429
        assert answer["Retry-After"] == "900"
        assert "Too many failures" in answer.content.decode()

    def test_also_with_an_address_that_the_client_makes_up(self) -> None:
        for number in range(10):
            self.fail(1, **{FORWARDED: f"203.0.113.{number}, 198.51.100.{number}"})
        assert give_password(Client(), **{FORWARDED: "192.0.2.1"}).status_code == 429

    def test_behind_proxies_the_network_is_the_one_that_they_saw(self, settings: Settings) -> None:
        settings.TRUSTED_PROXIES = 1
        staff("nora")
        for number in range(10):
            self.fail(1, **{FORWARDED: f"10.0.0.{number}, 203.0.113.9"})
        shut = give_password(Client(), "the password of nora", "nora", **{FORWARDED: "10.9.9.9, 203.0.113.9"})
        open_ = give_password(Client(), "the password of nora", "nora", **{FORWARDED: "203.0.113.9, 203.0.113.10"})
        assert (shut.status_code, open_.status_code) == (429, 302)

    def test_an_ipv6_network_is_one_client(self, settings: Settings) -> None:
        settings.TRUSTED_PROXIES = 1
        for number in range(10):
            give_password(Client(), "x", f"name{number}", **{FORWARDED: f"2001:db8:1:2::{number:x}"})
        assert give_password(Client(), **{FORWARDED: "2001:db8:1:2:ffff::1"}).status_code == 429
        assert give_password(Client(), **{FORWARDED: "2001:db8:1:3::1"}).status_code == 302

    def test_an_attacker_in_many_networks_is_slowed_down_for_the_account(self, settings: Settings) -> None:
        settings.TRUSTED_PROXIES = 1
        answers = [self.fail(1, **{FORWARDED: f"203.0.113.{number}"})[0] for number in range(12)]
        assert answers == [200] * 9 + [429] * 3
        assert give_password(Client(), **{FORWARDED: "192.0.2.7"}).status_code == 429

    def test_and_does_not_shut_out_the_browser_in_which_the_owner_signed_in(self, settings: Settings) -> None:
        settings.TRUSTED_PROXIES = 1
        home = Client()
        assert give_password(home, **{FORWARDED: "192.0.2.7"}).status_code == 302
        home.post("/admin/logout/")
        for number in range(30):
            self.fail(1, **{FORWARDED: f"203.0.113.{number}"})
        self.fail(12, **{FORWARDED: "192.0.2.7"})  # not even from the same network
        assert give_password(home, **{FORWARDED: "192.0.2.7"}).status_code == 302

    def test_which_has_a_count_of_its_own(self, settings: Settings) -> None:
        settings.TRUSTED_PROXIES = 1
        home = Client()
        give_password(home)
        home.post("/admin/logout/")
        assert self.fail(10, client=home)[-1] == 429
        assert give_password(home).status_code == 429
        assert give_password(Client(), **{FORWARDED: "192.0.2.7"}).status_code == 302

    def test_nobody_makes_a_browser_known_by_themselves(self) -> None:
        known = Client()
        give_password(known)
        [cookie] = [morsel for name, morsel in known.cookies.items() if "known_browser" in name]
        assert cookie["httponly"]
        self.fail(10)
        forged = Client()
        forged.cookies[cookie.key] = cookie.value.replace(".", ".0", 1)
        assert give_password(forged).status_code == 429
        staff("nora")
        of_nora = Client()
        of_nora.cookies[cookie.key] = cookie.value  # of oskar, who alone it is good for
        assert give_password(of_nora, "the password of nora", "nora").status_code == 429

    def test_it_is_over_after_a_quarter_of_an_hour_whatever_was_tried_meanwhile(self) -> None:
        self.fail(10)
        with time_machine.travel(now() + timedelta(minutes=10)):
            assert self.fail(5) == [429] * 5
        with time_machine.travel(now() + timedelta(minutes=15, seconds=5)):
            assert give_password(Client()).status_code == 302

    def test_an_operator_at_the_server_opens_it_at_once(self) -> None:
        self.fail(10)
        call_command("axes_reset", stdout=StringIO())
        assert give_password(Client()).status_code == 302

    def test_what_is_typed_is_not_stored(self) -> None:
        give_password(Client(), "a wrong but telling password")
        row = str(AccessAttempt.objects.values().get())
        assert "telling" not in row

    def test_odd_input_is_a_failure_and_no_fault(self) -> None:
        for name in ("x" * 5000, "ø\ud800".encode("utf-8", "replace").decode(), ""):
            assert give_password(Client(HTTP_USER_AGENT="y" * 3000), "z" * 5000, name).status_code == 200

    def test_sign_ins_failures_and_locks_are_told_in_the_log_without_what_was_typed(
        self, caplog: pytest.LogCaptureFixture, oskar: User
    ) -> None:
        caplog.set_level("INFO")
        give_password(Client(), "hunter2", "my password by mistake")
        self.fail(9)
        give_password(Client())
        give_password(Client(), name="oskar", **{FORWARDED: "192.0.2.1"})
        call_command("axes_reset", stdout=StringIO())
        give_password(Client())
        for line in (
            "no such user",
            f"failed: user {oskar.pk}",
            "is shut for a client",
            f"User {oskar.pk} has signed in",
        ):
            assert line in caplog.text
        for typed in ("hunter2", "by mistake", "guess", "oskar", "127.0.0.1"):
            assert typed not in caplog.text


class TestGuessingCodes:
    def test_each_wrong_code_doubles_the_wait(self, client: Client, oskar: User) -> None:
        secret, _ = enrolled(Client())
        start = now() + timedelta(minutes=2)
        with time_machine.travel(start, tick=False) as clock:
            give_password(client)
            for wait in (1, 2, 4):
                assert "wrong" in client.post(CODE, {"code": "000000"}).content.decode()
                answer = client.post(CODE, {"code": code_now(secret)})
                assert "wait" in answer.content.decode()
                clock.shift(timedelta(seconds=wait + 0.1))
            client.post(CODE, {"code": code_now(secret)})
            assert is_in(client)

    def test_ten_wrong_codes_lock_as_wrong_passwords_do(self, client: Client, oskar: User, settings: Settings) -> None:
        settings.OTP_TOTP_THROTTLE_FACTOR = settings.OTP_STATIC_THROTTLE_FACTOR = 0
        secret, codes = enrolled(Client())
        give_password(client)
        answers = [client.post(CODE, {"code": wrong}).status_code for wrong in ["000000", "no-such-code"] * 5]
        assert answers == [200] * 9 + [429]
        for right in (code_now(secret), codes[0]):
            assert client.post(CODE, {"code": right}).status_code == 429
        assert client.get(CODE).status_code == 429
        assert give_password(Client()).status_code == 429
