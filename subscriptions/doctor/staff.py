"""Accounts that could get into the admin with a password alone, and the admin's path."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef
from django_otp.plugins.otp_totp.models import TOTPDevice

from subscriptions.doctor.findings import Finding, fine, warning

GUESSED_FIRST = {"admin/", "administration/", "administrator/", "manage/", "staff/", "backend/", "login/"}


def check(now: datetime) -> Iterator[Finding]:
    if settings.DEBUG:  # where the password is enough, on this machine alone
        return
    yield from _of_the_setting() if not settings.ADMIN_SECOND_FACTOR else _of_people()
    if settings.ADMIN_PATH in GUESSED_FIRST:
        yield warning(
            "path of the admin",
            f"It is /{settings.ADMIN_PATH}, which whoever guesses passwords tries first.",
            why="Guesses are slowed down, and fill the log.",
            remedy="Set ADMIN_PATH to a name of your own, such as ADMIN_PATH=desk-of-ours/.",
        )


def _of_the_setting() -> Iterator[Finding]:
    yield warning(
        "second factor",
        "ADMIN_SECOND_FACTOR is false: a password is enough for the admin.",
        why="Whoever gets hold of one password sees every address, and can stop or erase everything.",
        remedy="Take the setting out: each person enrols a phone at the next sign-in.",
    )


def _of_people() -> Iterator[Finding]:
    """Warn of accounts without a phone: anybody who learns the password could enrol their own."""
    enrolled = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    staff = User.objects.filter(~Exists(enrolled), is_active=True, is_staff=True).order_by("-is_superuser", "username")
    names = [str(user) for user in staff]
    if not names:
        yield fine("second factor", "Everybody who may use the admin has enrolled one.")
        return
    yield warning(
        "second factor",
        f"These have none yet: {', '.join(names)}.",
        why="Whoever learns the password of such an account can enrol a phone of their own.",
        remedy="Let them sign in to the admin once, which enrols a phone, or take away what they no longer need.",
    )
