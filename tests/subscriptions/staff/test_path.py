"""Where the admin is, and what the doctor says of the way into it."""

import pytest
from django.contrib.auth.models import User
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from subscriptions.doctor import staff as doctor
from subscriptions.staff.checks import the_admins_path_is_its_own
from tests.config.house.test_settings import PRODUCTION, refusal, run
from tests.stack import Stack
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.staff.conftest import staff

ANSWERS = """
from django.test import Client
for path in ("/admin/", "/desk/of-ours/", "/desk/of-ours/login/", "/robots.txt"):
    answer = Client(HTTP_HOST="papers.example.org").get(path, secure=True)
    print(answer.status_code, answer.get("Location", ""), "desk" in answer.content.decode())
"""


@pytest.mark.parametrize("value", ["", "/", "a b", "../x", "a//b", "<x>", "a" * 65, "desk?", "désk"])
def test_a_path_that_is_none_stops_the_start(value: str) -> None:
    assert "ADMIN_PATH" in refusal(ADMIN_PATH=value)


@pytest.mark.parametrize("name", ["u/", "papers/", "subscribe/desk/", "preferences", "static/", "anymail/"])
def test_one_that_readers_pages_have_is_an_error(name: str) -> None:
    done = run("manage.py", "check", ADMIN_PATH=name)
    assert done.returncode == 1
    assert "subscriptions.E010" in done.stderr


def test_the_usual_one_is_fine() -> None:
    assert the_admins_path_is_its_own() == []


def test_it_can_be_moved_and_is_told_nowhere() -> None:
    stack = Stack(**PRODUCTION, ADMIN_PATH="desk/of-ours", ADMIN_SECOND_FACTOR="false")
    try:
        stack.migrate()
        stack.manage("collectstatic", "-v0", "--no-input")
        lines = [line for line in stack.manage("shell", "-v0", "-c", ANSWERS).splitlines() if line[:1].isdigit()]
    finally:
        stack.remove()
    assert lines == [
        "404  False",
        "302 /desk/of-ours/login/?next=/desk/of-ours/ False",
        "200  True",
        "200  False",
    ]


@pytest.mark.django_db
class TestDoctor:
    @pytest.fixture(autouse=True)
    def _production(self, settings: Settings) -> None:
        settings.DEBUG, settings.ADMIN_SECOND_FACTOR, settings.ADMIN_PATH = False, True, "desk-of-ours/"

    def said(self) -> str:
        return "\n".join(str(finding) for finding in doctor.check(MORNING))

    def test_it_names_staff_without_a_second_factor(self) -> None:
        staff("nora")
        User.objects.create_superuser("ada")
        User.objects.create_user("reader")
        assert "warning  second factor: These have none yet: ada, nora." in self.said()

    def test_and_is_content_when_all_have_one(self) -> None:
        TOTPDevice.objects.create(user=staff("nora"))
        assert self.said().startswith("ok ")

    def test_it_warns_of_a_password_alone_and_of_a_path_that_is_tried_first(self, settings: Settings) -> None:
        settings.ADMIN_SECOND_FACTOR, settings.ADMIN_PATH = False, "admin/"
        assert "ADMIN_SECOND_FACTOR is false" in self.said()
        assert "Set ADMIN_PATH" in self.said()

    def test_in_development_it_says_nothing(self, settings: Settings) -> None:
        settings.DEBUG = True
        assert self.said() == ""
