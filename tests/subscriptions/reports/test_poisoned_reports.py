"""One bad event: the others of its batch are stored, it is not sent for ever, and the operator's list still opens."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.utils.timezone import now

from papers.sources.shallow_json import DEEPEST, shallow
from subscriptions.models import DeliveryEvent, EventStatus
from subscriptions.reports import safe_values
from tests.config.upgrades.one_by_one import migrate_one_by_one
from tests.services import ROOT, PostgresServer, fresh_database, migrated_database, process_environment
from tests.subscriptions.reports import poison

WARNINGS = [
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid"),
    pytest.mark.filterwarnings("ignore:Anymail's SendinBlue webhook URLs are deprecated"),
]
pytestmark = [pytest.mark.django_db, *WARNINGS]
ALONE = """
import sys, warnings
import django; django.setup()
from django.test.utils import setup_test_environment
setup_test_environment()
from django.contrib.auth.models import User
from django.test import Client
from tests.subscriptions.reports import poison, test_poisoned_reports
for provider in poison.ALL:
    print(provider, poison.check(provider, every=11), flush=True, file=sys.stderr)
client = Client()
client.force_login(User.objects.create_superuser("operator"))
test_poisoned_reports.every_list_opens(client)
"""


def every_list_opens(client: Client) -> None:
    """With each of its filters, a search and a page of one row."""
    path = "/admin/subscriptions/deliveryevent/"
    narrowed = {name for name in admin.site.get_model_admin(DeliveryEvent).list_filter if isinstance(name, str)}
    rows = DeliveryEvent.objects.order_by("pk")
    for name in narrowed:
        for value in set(rows.values_list(name, flat=True)):
            assert client.get(path, {f"{name}__exact": value}).status_code in {200, 302}
    for query in ({}, {"q": "a"}, {"q": "Error"}, {"all": ""}, {"o": "1.-2.3"}, {"p": "2"}):
        assert client.get(path, query).status_code == 200
    for row in rows[:20]:
        assert client.get(f"{path}{row.pk}/change/").status_code == 200


@pytest.mark.parametrize("provider", poison.ALL)
def test_one_bad_event_loses_no_other(provider: str, admin_client: Client) -> None:
    assert poison.check(provider) > 40
    every_list_opens(admin_client)


def test_nor_on_postgresql(postgres_server: PostgresServer) -> None:
    url = migrated_database(postgres_server, "poison")
    environment = process_environment(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="config.settings")
    command = [sys.executable, "-W", "ignore", "-c", ALONE]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-5000:]
    assert set(poison.ALL) <= set(done.stderr.split())


def test_an_id_longer_than_the_column_is_known_by_its_fingerprint() -> None:
    assert safe_values.name("a" * 255) == "a" * 255
    assert len(safe_values.name("a" * 256)) == 64
    assert safe_values.name("a" * 256) == safe_values.name("a" * 256) != safe_values.name("a" * 257)
    assert safe_values.name("a\0") != safe_values.name("a")


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), -safe_values.KEPT),
        (datetime.fromisoformat("0001-01-01T00:00:00+23:59"), -safe_values.KEPT),
        (datetime.fromisoformat("9999-12-31T23:59:59-23:59"), timedelta(0)),
        (None, timedelta(0)),
        ("2026-06-30", timedelta(0)),
    ],
)
def test_times_are_within_reason(told: object, meant: timedelta) -> None:
    at = now()
    assert safe_values.time(told, at) == at + meant


def test_a_time_without_an_offset_is_utc() -> None:
    at = now()
    an_hour_ago = at - timedelta(hours=1)
    assert safe_values.time(an_hour_ago.replace(tzinfo=None), at) == an_hour_ago


def test_only_what_is_too_deep_is_cut() -> None:
    fine = '{"a": [1, {"b": "]][[{{\\"\\\\"}], "c": -1.5e3}'
    assert shallow(fine) == fine
    deep = "[" * 5000 + "]" * 5000
    assert json.loads(shallow(f'[1, {deep}, "{deep}", 2]'))[2:] == [deep, 2]
    at_the_edge = "[" * DEEPEST + "]" * DEEPEST
    assert shallow(at_the_edge) == at_the_edge
    assert json.loads(shallow(f"[{'9' * 5000}, -{'9' * 5000}, 0.{'9' * 5000}, 1]")) == [None, None, 1.0, 1]


@pytest.mark.parametrize("text", ["[" * 5000, '"' * 5001, '"\\' * 5000, "]" * 5000, '{"a":' * 5000, "\\" * 5000])
def test_what_is_no_json_does_not_become_some(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        json.loads(shallow(text))


def test_an_event_that_cannot_be_read_is_given_up_at_once_and_says_why() -> None:
    poison.check("mailjet")
    unreadable = DeliveryEvent.objects.filter(event_type="unreadable")
    assert unreadable.exists()
    assert not unreadable.exclude(status=EventStatus.FAILED).exists()
    assert not unreadable.filter(error="").exists()


BEFORE_CHRIST = """
import sys
from datetime import UTC, datetime
import django; django.setup()
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.timezone import now
from subscriptions.models import DeliveryEvent
if sys.argv[1] == "store":
    loader = MigrationLoader(connection, replace_migrations=False)
    then = ("subscriptions", loader.get_migration_by_prefix("subscriptions", "0015").name)
    DeliveryEvent = loader.project_state(then).apps.get_model("subscriptions", "DeliveryEvent")
    DeliveryEvent.objects.create(provider="test", event_id="1", event_type="bounced", happened_at=now())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE subscriptions_deliveryevent SET happened_at = '0001-12-31 00:01:00+00 BC'")
else:
    event = DeliveryEvent.objects.get()
    assert event.happened_at == event.received_at, event.happened_at
"""


def test_a_date_that_python_cannot_read_back_is_mended_by_migrating(postgres_server: PostgresServer) -> None:
    url = fresh_database(postgres_server, "before")
    environment = process_environment(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="config.settings")
    migrate_one_by_one(url, "subscriptions", "0015")
    for command in (
        [sys.executable, "-c", BEFORE_CHRIST, "store"],
        [sys.executable, "manage.py", "migrate", "-v0", "subscriptions"],
        [sys.executable, "-c", BEFORE_CHRIST, "look"],
    ):
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
