"""What the doctor says of the encoder whose vectors are compared."""

import pytest
from pytest_django import Settings

from recommender.cosines import AS_MEASURED, Calibration, CosineScale
from recommender.models import EmbeddingModel
from subscriptions.doctor import model
from subscriptions.doctor.findings import Level
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db
SCALES = Calibration(CosineScale(10.0, -9.0), CosineScale(10.0, -9.0), CosineScale(5.0, -4.0))


def serving(name: str, scales: Calibration | None) -> None:
    EmbeddingModel.objects.create(
        name=name, dimension=8, serving=True, calibration=scales.as_data() if scales else None
    )


def test_nothing_is_wrong_before_anything_is_embedded() -> None:
    [finding] = model.check(MORNING)
    assert finding.level == Level.OK


@pytest.mark.parametrize(
    ("scales", "floor", "alike"), [(AS_MEASURED, "0.350", "0.850"), (SCALES, "0.935", "0.970")], ids=["usual", "other"]
)
def test_it_tells_which_cosines_the_floor_and_the_line_of_near_duplicates_are(
    scales: Calibration, floor: str, alike: str, settings: Settings
) -> None:
    serving(settings.EMBEDDING_MODEL, scales)
    [finding] = model.check(MORNING)
    assert finding.level == Level.OK
    assert f"cosine of {floor}" in finding.what
    assert f"near-duplicates from {alike}" in finding.what


def test_a_model_that_was_never_measured_is_a_warning(settings: Settings) -> None:
    serving(settings.EMBEDDING_MODEL, None)
    [finding] = model.check(MORNING)
    assert finding.level == Level.WARNING
    assert "manage.py embed" in finding.remedy


def test_a_model_that_is_to_take_over_is_named_with_how_far_it_is(settings: Settings) -> None:
    settings.EMBEDDING_MODEL = "another"
    serving("former", AS_MEASURED)
    _, finding = model.check(MORNING)
    assert "another has vectors of 0 of 0 papers" in finding.what
    assert "former serves" in finding.what
