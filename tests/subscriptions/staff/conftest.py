"""People who sign in to the admin, and a reader whose address some of them must never see."""

import importlib
from binascii import unhexlify
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import now
from django_otp.oath import totp
from pytest_django import Settings

from papers.models import Paper
from recommender.models import EmbeddingModel
from subscriptions.models import Breaker, DeliveryEvent, EventStatus, Meaning, SignUp, Subscriber
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.pages.full_life import live

LOGIN, CODE, ENROL = "/admin/login/", "/admin/login/code/", "/admin/login/enrol/"
PASSWORD = "the password of oskar"
FORWARDED = "X-Forwarded-For"
SECRET_WORDS = ("zyzzyva", "quokka.example")  # what the reader's addresses have in common
groups = importlib.import_module("subscriptions.migrations.0018_rights_of_staff")
uploads = importlib.import_module("subscriptions.migrations.0026_awaited_entries_can_be_looked_at")
attention = importlib.import_module("subscriptions.migrations.0028_orders_of_lists_can_be_looked_at")
orders = importlib.import_module("subscriptions.migrations.0029_orders_of_topics_can_be_looked_at")
likes = importlib.import_module("subscriptions.migrations.0040_operators_lift_export_and_retry")
numbers = importlib.import_module("subscriptions.migrations.0034_numbers_of_each_day_can_be_looked_at")
experiments = importlib.import_module("subscriptions.migrations.0037_experiments_can_be_looked_at")
reach = importlib.import_module("subscriptions.migrations.0038_reach_of_papers")


def staff(name: str, *rights: str, group: str = "") -> User:
    """Somebody with these rights alone, each as app.codename, or with a group's."""
    user = User.objects.create_user(name, password=f"the password of {name}", is_staff=True)
    for right in rights:
        app, codename = right.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    if group:  # a test that flushed the database took them along
        groups.make_groups(apps, None)
        uploads.whoever_sees_uploads(apps, None)
        attention.whoever_sees_attention(apps, None)
        likes.whoever_may_do_the_like(apps, None)
        orders.whoever_sees_the_orders_of_lists(apps, None)
        numbers.whoever_sees_runs(apps, None)
        experiments.whoever_sees_runs_and_digests(apps, None)
        reach.whoever_curates(apps, None)
        user.groups.add(Group.objects.get(name=group))
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def code_now(secret: str) -> str:
    return f"{totp(unhexlify(secret), t0=0):06}"


def give_password(client: Client, password: str = PASSWORD, name: str = "oskar", **headers: str) -> HttpResponse:
    fields = {"username": name, "password": password}
    return client.post(LOGIN, fields, headers=headers or None)  # type: ignore[return-value, arg-type]


def secret_of(client: Client) -> str:
    return str(client.session["signing_in"]["secret"])


def enrolled(client: Client) -> tuple[str, list[str]]:
    """The phone's secret and the recovery codes of who has just signed in for the first time."""
    give_password(client)
    secret = secret_of(client)
    answer = client.post(ENROL, {"code": code_now(secret)})
    return secret, answer.context["codes"]


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def viewer() -> User:
    """Who may look at everything and do nothing."""
    rights = Permission.objects.filter(codename__startswith="view_")
    user = staff("vera")
    user.user_permissions.set(rights)
    return user


@pytest.fixture
def reader(some_papers: list[Paper], topics: object, model: EmbeddingModel) -> Subscriber:
    """Has done everything that leaves a row, and everything that a row may say of them is in it."""
    reader = live(MORNING)
    DeliveryEvent.objects.filter(digest__isnull=False).update(
        description=f"550 no mailbox {reader.email}", meaning=Meaning.HARD, status=EventStatus.FAILED
    )
    SignUp.objects.get_or_create(email=reader.email, defaults={"requested_at": now(), "next_attempt_at": now()})
    Breaker.objects.create(
        provider="postmark", open_until=now() + timedelta(hours=1), reason=f"to {reader.email}: no", changed_at=now()
    )
    return reader


@pytest.fixture
def everybody() -> dict[str, User]:
    """By who they are: without any right, a viewer, a curator, an operator."""
    return {
        "nobody": staff("nora"),
        "viewer": viewer(),
        "curator": staff("clara", group="curator"),
        "operator": staff("oskar", group="operator"),
    }


@pytest.fixture
def oskar(settings: Settings) -> User:
    settings.ADMIN_SECOND_FACTOR = True
    return staff("oskar", group="operator")
