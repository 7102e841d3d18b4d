"""`manage.py prepare`: everything a start needs, and nothing twice."""

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from pytest_django import Settings

from papers.models import FeedState, Paper, Topic
from recommender.models import PaperVector
from subscriptions.limits import kill_switch
from subscriptions.models import Control
from tests import tiny_model
from tests.papers.sources import lists
from tests.papers.sources.feed_server import Answer, FeedServer
from tests.stack import Stack

pytestmark = pytest.mark.django_db
MORNING = datetime.fromisoformat("2026-06-30T08:00:00+00:00")
PREPARE_AND_TELL = """
import sys
from django.core.management import call_command
call_command("prepare", "--no-sample")
print("torch" in sys.modules)
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_model.build(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(autouse=True)
def sources(settings: Settings, model: str) -> Iterator[FeedServer]:
    """Sources that answer nothing useful until a test says otherwise."""
    with FeedServer() as server:
        settings.HUGGINGFACE_URL, settings.ARXIV_RSS_URL = f"{server.url}/daily", f"{server.url}/rss"
        settings.EMBEDDING_MODEL = model
        yield server


def prepare(*arguments: str, at: datetime = MORNING) -> str:
    said = io.StringIO()
    with time_machine.travel(at, tick=True):
        call_command("prepare", *arguments, stdout=said)
    return said.getvalue()


def test_without_a_source_the_sample_is_loaded_as_if_it_came_today_and_that_is_said() -> None:
    said = prepare()
    assert "bundled sample" in said
    assert Paper.objects.filter(announced_on=date(2026, 6, 30)).exists()
    assert PaperVector.objects.count() == Paper.objects.count() > 0
    assert Topic.objects.exists()


def test_the_second_time_on_a_day_asks_no_source_and_embeds_nothing(sources: FeedServer) -> None:
    prepare()
    asked = len(sources.requests)
    assert prepare(at=MORNING + timedelta(hours=3)) == "Today's papers are here already.\n"
    assert len(sources.requests) == asked


def test_the_next_day_asks_again_and_moves_the_sample_along(sources: FeedServer) -> None:
    prepare()
    asked, papers = len(sources.requests), Paper.objects.count()
    assert "bundled sample" in prepare(at=MORNING + timedelta(days=1))
    assert len(sources.requests) > asked
    assert Paper.objects.count() == papers
    assert Paper.objects.filter(announced_on=date(2026, 7, 1)).exists()


def test_one_source_that_answers_is_enough_for_real_papers(sources: FeedServer) -> None:
    served = lists.day(date(2026, 6, 30), range(1, 35))
    sources.answers["/daily?date=2026-06-30&p=0"] = sources.answers["/daily?date=2026-06-29&p=0"] = Answer(served)
    said = prepare()
    assert "sample" not in said
    assert not FeedState.objects.filter(source="sample").exists()
    assert "arxiv answered 404" in said.replace(":", "")


def test_a_site_with_real_readers_gets_no_sample() -> None:
    prepare("--no-sample")
    assert not Paper.objects.exists()
    assert Topic.objects.exists()


def test_a_model_that_is_not_there_is_one_line(settings: Settings) -> None:
    settings.EMBEDDING_MODEL = "/no/such/model"
    with pytest.raises(CommandError, match="/no/such/model"):
        prepare()


def test_a_restored_copy_is_told_in_one_line_that_it_sends_nothing(settings: Settings) -> None:
    settings.INSTANCE_ID = "copy"
    [line] = [line for line in prepare("--no-sample").splitlines() if "mail" in line]
    assert "belongs to the instance 'development', and this one is 'copy'" in line
    assert not kill_switch.may_send()


def test_the_rightful_instance_is_told_nothing_and_a_database_without_an_owner_becomes_its_own() -> None:
    Control.objects.all().delete()
    assert "mail" not in prepare("--no-sample")
    assert kill_switch.may_send()


def test_no_start_loads_torch_which_the_process_that_makes_the_export_has_to(shared_stack: Stack, model: str) -> None:
    shared_stack.environment |= {"EMBEDDING_MODEL": model, "ARXIV_RSS_URL": "http://127.0.0.1:9"}
    shared_stack.environment["HUGGINGFACE_URL"] = "http://127.0.0.1:9"
    for _ in ("the first, which embeds", "another, which finds all done"):
        said = shared_stack.manage("shell", "--verbosity", "0", "-c", PREPARE_AND_TELL)
        assert said.splitlines()[-1] == "False"
