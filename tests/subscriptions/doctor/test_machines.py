"""What the doctor says of several machines: their settings, the query encoder of another one, a pooler between."""

from pathlib import Path

import pytest
from pytest_django import Settings

from recommender.cosines import AS_MEASURED
from recommender.models import EmbeddingModel
from subscriptions import agreement
from subscriptions.digests import zone_changes
from subscriptions.doctor.findings import Level
from subscriptions.doctor.machines import clocks, encoder, pooler, settings_of_machines
from subscriptions.models import HostRules
from tests.services import free_port
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db


def noted_elsewhere(settings: Settings, **others: object) -> None:
    """Another machine has noted its settings, these of them other ones."""
    before = {name: getattr(settings, name) for name in others}
    for name, value in others.items():
        setattr(settings, name, value)
    zone_changes.note("worker", MORNING)
    for name, value in before.items():
        setattr(settings, name, value)
    HostRules.objects.update(host="papers-2")


@pytest.mark.parametrize(
    ("others", "named"),
    [
        ({"LEASE_SECONDS": 60, "DEFAULT_FROM_EMAIL": "digest@elsewhere.org"}, "DIGEST_FROM, LEASE_SECONDS"),
        ({"SECRET_KEY": "another one" * 5}, "SECRET_KEY"),
    ],
)
def test_a_machine_with_another_setting_is_named(settings: Settings, others: dict[str, object], named: str) -> None:
    noted_elsewhere(settings, **others)
    [found] = settings_of_machines.check(MORNING)
    assert found.level == Level.ERROR
    assert f"papers-2 (worker) has not the same {named} as" in found.what


def test_machines_that_agree_and_those_that_know_no_marks_are_fine(settings: Settings) -> None:
    noted_elsewhere(settings, PORT=9, GITHUB_TOKEN="of one machine")
    HostRules.objects.create(host="old", kind="web", version="2026a", source="", noted_at=MORNING)
    assert [found.level for found in settings_of_machines.check(MORNING)] == [Level.OK]


def test_a_mark_tells_nothing_of_a_value_and_changes_with_it(settings: Settings) -> None:
    settings.SECRET_KEY = "k" * 60
    before = agreement.marks()
    assert settings.SECRET_KEY not in before
    assert settings.SITE_URL not in before
    settings.SITE_URL = "https://elsewhere.example.org"
    assert agreement.different(before, agreement.marks()) == ["SITE_URL"]


def test_a_changed_setting_is_noted_again_within_the_day(settings: Settings) -> None:
    zone_changes.note("worker", MORNING)
    settings.SITE_URL = "https://elsewhere.example.org"
    zone_changes.note("worker", MORNING)
    assert HostRules.objects.get().marks == agreement.marks()


def test_before_anything_is_embedded_no_query_encoder_is_missed() -> None:
    assert not list(encoder.check(MORNING))


def test_a_query_encoder_that_is_away_is_a_warning_with_its_place(settings: Settings, tmp_path: Path) -> None:
    EmbeddingModel.objects.create(name="m", dimension=8, serving=True, calibration=AS_MEASURED.as_data())
    settings.QUERY_ENCODER_SOCKET = tmp_path / "none.sock"
    assert [found.level for found in encoder.check(MORNING)] == [Level.OK], "without a web server none is missed"
    zone_changes.note("web", MORNING)
    [found] = encoder.check(MORNING)
    assert (found.level, "none.sock" in found.what) == (Level.WARNING, True)
    settings.QUERY_ENCODER_URL = f"http://127.0.0.1:{free_port()}"
    [found] = encoder.check(MORNING)
    assert settings.QUERY_ENCODER_URL in found.what
    assert "QUERY_ENCODER_KEY" in found.remedy


@pytest.mark.parametrize(
    ("named", "answering", "said", "level"),
    [(7, 7, False, Level.OK), (7, 9, True, Level.OK), (7, 9, False, Level.ERROR)],
)
def test_a_pooler_that_the_settings_do_not_know_is_an_error(
    named: int, answering: int, said: bool, level: Level
) -> None:
    assert [found.level for found in pooler.of_sessions(named, answering, said=said)] == [level]


@pytest.mark.parametrize(
    ("ahead", "words"), [(90_000, "25 hours ahead of"), (-300, "5 minutes behind"), (-9, "9 seconds behind")]
)
def test_a_machine_whose_clock_is_off_is_named_with_the_difference(ahead: float, words: str) -> None:
    HostRules.objects.create(
        host="papers-2", kind="worker", version="2026a", source="", noted_at=MORNING, clock_ahead=ahead
    )
    [found] = clocks.check(MORNING)
    assert found.level == Level.ERROR
    assert found.what == f"papers-2 (worker) is {words} the database's."


def test_clocks_that_are_some_seconds_off_are_fine() -> None:
    HostRules.objects.create(
        host="papers-2", kind="web", version="2026a", source="", noted_at=MORNING, clock_ahead=-4.0
    )
    assert [found.level for found in clocks.check(MORNING)] == [Level.OK]
