"""Who is let into the admin, and for how long."""

from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt, AccessLog
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils.timezone import now
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from subscriptions.limits import kill_switch
from subscriptions.models import StopReason
from subscriptions.operations import retention
from subscriptions.staff import second_factor
from tests.subscriptions.staff.conftest import ENROL, LOGIN, PASSWORD, enrolled, give_password, is_in, staff
from tests.subscriptions.staff.walk import all_ways

pytestmark = pytest.mark.django_db


def test_the_way_in_has_the_sites_icon() -> None:
    assert '<link rel="icon" href="/static/favicon' in Client().get(LOGIN).content.decode()


class TestEveryPage:
    """A password alone opens nothing, wherever it is tried."""

    OPEN = {"login", "sign-in-code", "sign-in-enrol"}

    def patterns(self) -> list[str]:
        """All of the site's own, whatever they are called."""
        found = [url.name for url in admin.site.urls[0] if isinstance(url, URLPattern) and url.name]
        return [name for name in found if name not in self.OPEN]

    def test_refuses_a_session_without_the_second_factor(self, oskar: User) -> None:
        User.objects.update(is_superuser=True)
        waiting, forced = Client(), Client()
        give_password(waiting)
        forced.force_login(oskar)  # a session of before the second factor was asked for
        args = {"view_on_site": [1, 1], "app_list": ["papers"]}
        urls = [reverse(f"admin:{name}", args=args.get(name, [])) for name in self.patterns()]
        assert len(urls) >= 7
        for client in (waiting, forced):
            for url in urls:
                for method in ("GET", "POST"):
                    answer = client.generic(method, url)
                    assert answer.status_code == 302, url
                    assert answer.url.startswith((LOGIN, "/admin/")), url  # type: ignore[attr-defined]
                    assert not answer.content
            for way in all_ways():
                answer = way.go(client)
                assert answer.status_code == 302, way
                assert answer.url.startswith(f"{LOGIN}?next="), way  # type: ignore[attr-defined]
        assert kill_switch.may_send()
        assert not LogEntry.objects.exists()

    def test_and_says_nothing_on_the_way_in(self, oskar: User) -> None:
        kill_switch.stop(StopReason.OPERATOR, "a secret reason", now())
        User.objects.update(is_superuser=True)
        client = Client()
        client.force_login(oskar)
        for page in (LOGIN, ENROL):
            give_password(client)
            assert "a secret reason" not in client.get(page).content.decode()

    def test_a_reset_ends_what_was_signed_in(self, client: Client, oskar: User) -> None:
        enrolled(client)
        assert is_in(client)
        second_factor.reset(oskar)
        assert not is_in(client)

    def test_another_persons_device_is_none(self, client: Client, oskar: User) -> None:
        enrolled(Client())
        other = staff("eve")
        client.force_login(other)
        session = client.session
        session["otp_device_id"] = TOTPDevice.objects.get().persistent_id
        session.save()
        assert not is_in(client)

    def test_in_development_the_password_is_enough(self, client: Client, oskar: User, settings: Settings) -> None:
        settings.ADMIN_SECOND_FACTOR = False
        assert give_password(client).url == "/admin/"  # type: ignore[attr-defined]
        assert is_in(client)


class TestSession:
    def test_it_ends_after_some_hours_however_busy(self, client: Client, oskar: User, settings: Settings) -> None:
        settings.ADMIN_SECOND_FACTOR, settings.ADMIN_SESSION_HOURS = False, 2
        give_password(client)
        with time_machine.travel(now() + timedelta(minutes=119)):
            client.post("/admin/password_change/", {})
            assert is_in(client)
            session = client.session
            session["touched"] = True
            session.save()
        with time_machine.travel(now() + timedelta(minutes=121)):
            assert not is_in(client)

    def test_a_new_password_ends_the_others(self, oskar: User, settings: Settings) -> None:
        settings.ADMIN_SECOND_FACTOR = False
        mine, elsewhere = Client(), Client()
        give_password(mine)
        give_password(elsewhere)
        before = mine.session.session_key
        new = "quite another password"
        fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        assert mine.post("/admin/password_change/", fields).status_code == 302
        assert (is_in(mine), is_in(elsewhere)) == (True, False)
        assert mine.session.session_key != before

    def test_old_sessions_failures_and_sign_ins_are_purged(
        self, client: Client, oskar: User, settings: Settings
    ) -> None:
        settings.ADMIN_SECOND_FACTOR = False
        give_password(client)
        give_password(Client(), "wrong")
        for model in (Session, AccessAttempt, AccessLog):
            assert model.objects.exists()
        retention.purge(now() + timedelta(minutes=10))
        assert AccessAttempt.objects.exists()
        retention.purge(now() + timedelta(days=91))
        for model in (Session, AccessAttempt, AccessLog):
            assert not model.objects.exists()
