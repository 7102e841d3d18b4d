"""What the doctor says of the site itself: settings, broker, database, permission, freshness, mails that wait."""

import io
import logging
import os
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils.timezone import now as clock
from pytest_django import Settings

from papers.models import Edition, Paper
from subscriptions.doctor import (
    broker,
    configuration,
    database,
    disk,
    examination,
    freshness,
    log,
    permission,
    waiting,
)
from subscriptions.doctor.findings import Finding, Level
from subscriptions.limits import kill_switch
from subscriptions.models import AccountMail, Breaker, Control, DeliveryStatus, Digest, Run, StopReason, Subscriber
from subscriptions.people import library_uploads
from tests.services import RedisServer, free_port
from tests.subscriptions.conftest import MORNING

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def wrong(found: Iterator[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.level != Level.OK]


def the_only(found: Iterator[Finding]) -> Finding:
    [finding] = wrong(found)
    assert finding.why
    assert finding.remedy
    return finding


class TestConfiguration:
    @pytest.fixture(autouse=True)
    def _production(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE")  # of the tests alone
        settings.SECRET_KEY, settings.ADDRESS_KEY = "s" * 40 + "0123456789-abcdefgh", "another"
        settings.DEBUG, settings.SITE_URL = False, "https://papers.example.org"
        settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
        settings.SECURE_HSTS_SECONDS, settings.X_FRAME_OPTIONS = 31_536_000, "DENY"
        settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True

    def test_a_site_that_is_set_up_well_hears_nothing(self) -> None:
        assert wrong(configuration.check(MORNING)) == []

    def test_a_key_for_addresses_of_its_own_is_asked_for(self, settings: Settings) -> None:
        settings.ADDRESS_KEY = settings.SECRET_KEY
        assert "ADDRESS_KEY" in the_only(configuration.check(MORNING)).remedy

    def test_a_short_secret_is_an_error(self, settings: Settings) -> None:
        settings.SECRET_KEY = "short"
        assert "SECRET_KEY" in [finding.subject for finding in wrong(configuration.check(MORNING))]

    def test_what_the_system_checks_say_is_part_of_it(self, settings: Settings) -> None:
        settings.EMAIL_BACKEND, settings.ANYMAIL = (
            "anymail.backends.postmark.EmailBackend",
            {"POSTMARK_SERVER_TOKEN": "t"},
        )
        [finding] = wrong(configuration.check(MORNING))
        assert (finding.level, finding.subject) == (Level.ERROR, "system check subscriptions.E002")
        assert "WEBHOOK_SECRET" in finding.remedy

    def test_a_development_site_is_told_so(self, settings: Settings) -> None:
        settings.DEBUG = True
        assert the_only(configuration.check(MORNING)).subject == "DEBUG"


class TestBroker:
    def test_a_redis_that_keeps_everything_is_in_order(self, settings: Settings, redis_url: str) -> None:
        settings.REDIS_URL = redis_url
        assert wrong(broker.check(MORNING)) == []

    def test_a_redis_that_throws_messages_away_is_an_error(
        self, settings: Settings, redis_server: RedisServer, redis_url: str
    ) -> None:
        settings.REDIS_URL = redis_url
        redis_server.client().config_set("maxmemory-policy", "allkeys-lru")
        finding = the_only(broker.check(MORNING))
        redis_server.client().config_set("maxmemory-policy", "noeviction")
        assert finding.level == Level.ERROR
        assert "allkeys-lru" in finding.what

    def test_a_redis_that_is_away_is_an_error(self, settings: Settings) -> None:
        settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
        assert "reached" in the_only(broker.check(MORNING)).what

    def test_a_folder_is_fine_until_nobody_takes_its_messages(self, settings: Settings, tmp_path: Path) -> None:
        settings.REDIS_URL, settings.QUEUE_LIMIT = "", 2
        settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(tmp_path)}
        assert wrong(broker.check(MORNING)) == []
        (tmp_path / "mail").mkdir()
        for name in ("a", "b"):
            (tmp_path / "mail" / name).write_text("{}")
        assert "workers" in the_only(broker.check(MORNING)).remedy

    def test_what_was_put_aside_and_what_is_no_message_is_named_and_not_counted(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        settings.REDIS_URL, settings.QUEUE_LIMIT = "", 1
        settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(tmp_path)}
        for folder in ("mail/somebody's folder", "damaged", "being-moved"):
            (tmp_path / folder).mkdir(parents=True)
        (tmp_path / "damaged" / "half").write_text("{")
        (tmp_path / "being-moved" / "on its way").write_text("{}")
        damaged, foreign = wrong(broker.check(MORNING))
        assert "1 were put aside" in damaged.what
        assert "somebody's folder" in foreign.what


class TestDatabase:
    def test_the_database_of_these_tests_is_in_order(self) -> None:
        """But for fsync, which the tests' own PostgreSQL does without."""
        assert [finding for finding in wrong(database.check(MORNING)) if "fsync=off" not in finding.what] == []

    def test_sqlite_that_does_not_write_at_once_is_an_error(self) -> None:
        finding = the_only(database.of_sqlite("delete", 1))
        assert "journal_mode=delete, synchronous=1" in finding.what

    def test_postgres_that_does_not_write_at_once_is_an_error(self) -> None:
        values = {"synchronous_commit": "off", "fsync": "on", "full_page_writes": "on"}
        assert "synchronous_commit=off" in the_only(database.of_postgres(values)).what
        assert wrong(database.of_postgres(values | {"synchronous_commit": "on"})) == []

    def test_a_migration_that_is_missing_is_an_error(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'subscriptions' AND name > '0011'")
        assert "manage.py migrate" in the_only(database.of_migrations()).remedy

    @pytest.mark.parametrize(("seconds", "count"), [(2, 0), (-2, 0), (30, 1), (-30, 1)])
    def test_a_clock_that_is_off_is_an_error(self, seconds: int, count: int) -> None:
        assert len(wrong(database.of_clock(timedelta(seconds=seconds)))) == count


class TestPermission:
    def test_a_site_that_may_send_is_in_order(self) -> None:
        assert wrong(permission.check(MORNING)) == []

    def test_a_restored_copy_is_an_error_that_says_what_to_do(self, settings: Settings) -> None:
        settings.INSTANCE_ID = "copy"
        finding = the_only(permission.check(MORNING))
        assert finding.level == Level.ERROR
        assert "“development”, and this one is “copy”" in finding.what
        assert "sending adopt" in finding.remedy

    def test_a_stop_is_an_error_with_its_time_and_reason(self) -> None:
        kill_switch.stop(StopReason.BOUNCES, "12 of 200", MORNING)
        finding = the_only(permission.check(MORNING))
        assert finding.level == Level.ERROR
        assert "since 30 June, 08:00 UTC. Too many mails bounced. 12 of 200" in finding.what

    @pytest.mark.parametrize(("failures", "level"), [(5, Level.WARNING), (10, Level.ERROR)])
    def test_an_open_breaker_is_a_warning_until_the_provider_has_failed_for_long(
        self, failures: int, level: Level
    ) -> None:
        Breaker.objects.create(provider="postmark", open_until=MORNING, reason="503 Down.", failures=failures)
        finding = the_only(permission.check(MORNING))
        assert finding.level == level
        assert "503 Down." in finding.what

    def test_sending_that_is_switched_off_in_the_environment_is_a_warning(self, settings: Settings) -> None:
        settings.SENDING_ENABLED = False
        assert the_only(permission.check(MORNING)).level == Level.WARNING

    def test_a_database_without_the_row_is_an_error(self) -> None:
        Control.objects.all().delete()
        assert "prepare" in the_only(permission.check(MORNING)).remedy


class TestLog:
    @pytest.fixture
    def logger(self) -> Iterator[logging.Logger]:
        """Stands alone, so that nothing of the tests' own is in its way."""
        one = logging.getLogger("subscriptions")
        kept = (one.handlers, one.level, one.propagate)
        one.handlers, one.propagate = [], False
        yield one
        one.handlers, one.level, one.propagate = kept
        logging.disable(logging.NOTSET)
        one.manager._clear_cache()  # type: ignore[attr-defined]

    def test_a_log_that_goes_somewhere_is_fine(self) -> None:
        assert wrong(log.check(MORNING)) == []

    @pytest.mark.parametrize(
        ("handler", "why"),
        [
            (None, "there is no handler"),
            (logging.NullHandler(), "its handlers write to nowhere"),
            (logging.FileHandler(os.devnull), "its handlers write to nowhere"),
            (logging.StreamHandler(io.StringIO()), ""),
        ],
    )
    def test_a_log_that_goes_nowhere_is_told(
        self, logger: logging.Logger, handler: logging.Handler | None, why: str
    ) -> None:
        logger.handlers = [handler] if handler else []
        if why:
            assert why in the_only(log.check(MORNING)).what
        else:
            assert wrong(log.check(MORNING)) == []

    def test_a_closed_standard_error_is_told(self, logger: logging.Logger) -> None:
        stream = io.StringIO()
        logger.handlers = [logging.StreamHandler(stream)]
        stream.close()
        assert "write to nowhere" in the_only(log.check(MORNING)).what

    def test_a_level_that_lets_no_error_through_is_told(self, logger: logging.Logger) -> None:
        handler = logging.StreamHandler(io.StringIO())
        logger.handlers = [handler]
        logger.setLevel(logging.CRITICAL)
        assert "its level is above ERROR" in the_only(log.check(MORNING)).what
        logger.setLevel(logging.INFO)
        handler.setLevel(logging.CRITICAL)
        assert "level of its handlers" in the_only(log.check(MORNING)).what

    def test_that_there_is_no_page_of_numbers_is_a_hint(self, settings: Settings) -> None:
        assert "METRICS_TOKEN is not set" in str([str(finding) for finding in log.check(MORNING)])
        settings.METRICS_TOKEN = "x" * 20
        assert "/metrics with METRICS_TOKEN" in str([str(finding) for finding in log.check(MORNING)])


class TestFreshness:
    @pytest.fixture
    def up_to_date(self, some_papers: list[Paper], make_subscriber: Callable[..., Subscriber]) -> None:
        """One reader of daily digests since yesterday, papers of today, and a run that ended an hour ago."""
        Paper.objects.update(created_at=MORNING)
        make_subscriber(confirmed_at=MORNING - 27 * HOUR, next_digest_at=MORNING + HOUR)
        Run.objects.create(hour=MORNING - HOUR, eligible=1, closed_at=MORNING - HOUR)
        kill_switch.note_tick(MORNING - timedelta(minutes=1))

    def test_all_is_in_order_while_papers_come_and_runs_end(self, up_to_date: None) -> None:
        assert wrong(freshness.check(MORNING)) == []

    @pytest.mark.parametrize(("hours", "complains"), [(24, False), (26, True)])
    def test_twenty_six_hours_without_a_finished_run_are_an_error(
        self, up_to_date: None, hours: int, complains: bool
    ) -> None:
        """Beat has stopped; what nobody was planned for is told on its own."""
        with time_machine.travel(MORNING + timedelta(hours=hours), tick=False):
            found = [finding.subject for finding in wrong(freshness.check(clock()))]
        assert ("runs" in found) is complains
        assert {"planning", "beat"} <= set(found)

    def test_a_beat_that_has_never_ticked_is_told(self) -> None:
        assert the_only(freshness.of_beat(MORNING)).what == "It has never ticked."

    def test_a_site_of_weekly_digests_is_not_told_every_day(self, up_to_date: None) -> None:
        Subscriber.objects.update(frequency="weekly", confirmed_at=MORNING - timedelta(days=30))
        assert wrong(freshness.of_runs(MORNING + timedelta(days=6))) == []
        assert wrong(freshness.of_runs(MORNING + timedelta(days=8)))

    def test_nor_is_one_whose_daily_readers_were_all_slowed_down(self, up_to_date: None) -> None:
        long_ago = MORNING - timedelta(days=30)
        Subscriber.objects.update(confirmed_at=long_ago, asked_on=long_ago.date(), slowed_on=MORNING.date())
        assert wrong(freshness.of_runs(MORNING + timedelta(days=6))) == []
        assert wrong(freshness.of_runs(MORNING + timedelta(days=8)))

    def test_a_site_without_readers_owes_no_run(self) -> None:
        assert wrong(freshness.of_runs(MORNING)) == []

    def test_a_site_whose_readers_never_got_a_run_is_told(self, up_to_date: None) -> None:
        Run.objects.all().delete()
        assert "never" in the_only(freshness.of_runs(MORNING)).what

    def test_a_run_whose_numbers_do_not_agree_is_an_error(self, up_to_date: None) -> None:
        Run.objects.update(note="planned 5, ended 4")
        assert "planned 5, ended 4" in the_only(freshness.of_runs(MORNING)).what

    def test_readers_who_are_due_and_not_planned_are_an_error(self, up_to_date: None) -> None:
        assert wrong(freshness.of_planning(MORNING + HOUR)) == []
        assert "beat" in the_only(freshness.of_planning(MORNING + 2 * HOUR)).remedy

    def test_papers_and_editions_are_judged_by_arxivs_calendar(self, up_to_date: None) -> None:
        friday = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
        Paper.objects.update(created_at=friday)
        Edition.objects.update(date=friday.date())
        monday, wednesday = friday + timedelta(days=3), friday + timedelta(days=5)
        assert wrong(freshness.of_papers(monday)) == wrong(freshness.of_editions(monday)) == []
        assert the_only(freshness.of_papers(wednesday)).what == "The newest paper is of 2026-11-20."
        assert the_only(freshness.of_editions(wednesday)).level == Level.ERROR

    def test_a_date_to_come_makes_nothing_fresh_and_is_told_with_its_remedy(self, up_to_date: None) -> None:
        assert [one.level for one in freshness.of_dates(MORNING)] == [Level.OK]
        Edition.objects.update(date=date(9999, 12, 31))
        Paper.objects.update(announced_on=date(9999, 12, 31))
        assert the_only(freshness.of_editions(MORNING)).what == "There is no edition at all."
        told = the_only(freshness.of_dates(MORNING))
        assert (told.level, "forget_odd_dates" in told.remedy) == (Level.WARNING, True)
        assert re.search(r"\d+ papers, \d+ editions bear a date that cannot be", told.what)
        call_command("forget_odd_dates")
        assert [one.level for one in freshness.of_dates(MORNING)] == [Level.OK]

    def test_an_empty_site_is_told(self) -> None:
        assert "no paper at all" in the_only(freshness.of_papers(MORNING)).what


class TestWaiting:
    @pytest.fixture
    def digest(self, make_subscriber: Callable[..., Subscriber]) -> Digest:
        times = {"due_at": MORNING, "next_attempt_at": MORNING, "claimed_at": MORNING, "finished_at": MORNING}
        return Digest.objects.create(
            subscriber=make_subscriber(), local_date=MORNING.date(), status=DeliveryStatus.SENT, **times
        )

    def test_nothing_is_said_of_what_was_sent(self, digest: Digest) -> None:
        assert wrong(waiting.check(MORNING)) == []

    @pytest.mark.parametrize(
        ("status", "subject"),
        [("uncertain", "uncertain mails"), ("failed", "failed mails"), ("planned", "waiting mails")],
    )
    def test_what_did_not_arrive_is_told(self, digest: Digest, status: str, subject: str) -> None:
        Digest.objects.update(status=status, reason="550 No such user")
        assert the_only(waiting.check(MORNING + HOUR)).subject == subject

    def test_account_mails_count_too(self, digest: Digest) -> None:
        AccountMail.objects.create(subscriber=digest.subscriber, kind="welcome", next_attempt_at=MORNING)
        assert "1 should have left" in the_only(waiting.check(MORNING + HOUR)).what

    def test_so_do_libraries_that_nobody_reads(self, digest: Digest) -> None:
        digest.delete()
        library_uploads.receive(digest.subscriber, [b"@misc{a, title={x}}"], MORNING)
        assert wrong(waiting.check(MORNING + HOUR / 4)) == []
        assert "queue libraries" in the_only(waiting.check(MORNING + HOUR)).remedy
        library_uploads.read_next(lambda: MORNING)
        assert wrong(waiting.check(MORNING + HOUR)) == []

    def test_a_failure_of_weeks_ago_is_over(self, digest: Digest) -> None:
        Digest.objects.update(status="failed", reason="550 No such user")
        assert wrong(waiting.check(MORNING + timedelta(days=8))) == []


@pytest.mark.parametrize(("megabytes", "level"), [(5000, Level.OK), (1000, Level.WARNING), (100, Level.ERROR)])
def test_little_room_on_the_disk_is_told(megabytes: int, level: Level) -> None:
    [finding] = disk.of_room(megabytes)
    assert finding.level == level


def test_an_area_that_cannot_be_examined_is_a_finding_and_the_others_go_on(settings: Settings) -> None:
    def broken(now: datetime) -> Iterator[Finding]:
        raise OSError("no such thing")

    [finding] = examination.isolated("disk", broken, MORNING)
    assert finding.level == Level.ERROR
    assert "no such thing" in finding.what
