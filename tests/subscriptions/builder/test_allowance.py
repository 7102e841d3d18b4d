from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from subscriptions.builder import allowance
from subscriptions.builder.allowance import AT_ONCE, may_look_from, may_preview, may_preview_from
from subscriptions.models import RateBucket
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db


def granted(network: str, asked: int, at: object = MORNING) -> int:
    return sum(may_preview_from(network, at) for _ in range(asked))  # type: ignore[arg-type]


def test_a_network_has_so_many_previews_an_hour(settings: Settings) -> None:
    settings.PREVIEWS_PER_NETWORK = 2 * AT_ONCE + 3
    assert granted("192.0.2.1", 100) == 2 * AT_ONCE + 3
    assert granted("192.0.2.2", 1) == 1
    assert granted("192.0.2.1", 1, MORNING + timedelta(hours=1)) == 1


def test_all_processes_share_it(settings: Settings) -> None:
    settings.PREVIEWS_PER_NETWORK = 30
    assert granted("192.0.2.1", 10) == 10
    allowance.forget()  # another process
    assert granted("192.0.2.1", 100) == 10  # what the first one took and has not used is lost with it


def test_few_previews_write_to_the_database(django_assert_max_num_queries: Callable[..., object]) -> None:
    granted("192.0.2.1", 1)
    with django_assert_max_num_queries(0):
        granted("192.0.2.1", AT_ONCE - 1)


def test_a_network_that_is_refused_costs_nothing_more(
    settings: Settings, django_assert_max_num_queries: Callable[..., object]
) -> None:
    settings.PREVIEWS_PER_NETWORK = 0
    assert granted("192.0.2.1", 1) == 0
    with django_assert_max_num_queries(0):
        assert granted("192.0.2.1", 50) == 0


def test_the_network_is_not_to_be_read_in_the_database() -> None:
    assert may_preview(RequestFactory().post("/", REMOTE_ADDR="192.0.2.77"))
    assert "192.0.2" not in str(list(RateBucket.objects.values()))


def test_only_so_many_networks_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "NETWORKS", 3)
    for number in range(10):
        granted(f"192.0.2.{number}", 1)
    assert len(allowance._left) == 3


def test_a_link_that_fills_the_page_writes_nothing_and_has_its_limit_too(
    settings: Settings, django_assert_max_num_queries: Callable[..., object]
) -> None:
    settings.PREVIEWS_PER_NETWORK = 3
    opened = [RequestFactory().get("/", REMOTE_ADDR="192.0.2.78") for _ in range(5)]
    with django_assert_max_num_queries(0):
        assert [may_preview(request) for request in opened] == [True, True, True, False, False]
    assert [may_look_from("192.0.2.79", MORNING + timedelta(hours=nth // 4)) for nth in range(6)] == [
        *[True] * 3, False, True, True
    ]  # fmt: skip


def test_links_are_counted_by_all_processes_together(settings: Settings) -> None:
    settings.PREVIEWS_PER_NETWORK = 2
    worker = get_context("fork").Process(target=may_look_from, args=("192.0.2.80", MORNING))
    worker.start()
    worker.join()
    assert [may_look_from("192.0.2.80", MORNING) for _ in range(2)] == [True, False]
