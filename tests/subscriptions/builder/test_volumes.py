from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from papers.models import Paper, Topic
from recommender.candidates import kept_stretch
from recommender.vectors import unit
from subscriptions.builder.preview import first_digest, preview
from subscriptions.builder.volumes import Volume, topic_volumes
from subscriptions.models import RateBucket
from subscriptions.people.export import EXPORTED
from subscriptions.people.wishes import Wishes
from tests.subscriptions.conftest import MORNING, TODAY, axis

pytestmark = pytest.mark.django_db
Make = Callable[..., Paper]


def volume(**wishes: object) -> Volume:
    [only] = preview(Wishes(**wishes), MORNING).volumes
    return only


@pytest.fixture
def on_topic(make_paper: Make, topics: list[Topic]) -> list[Paper]:
    """Three papers of this week on topic 0, one of an earlier week, and one on topic 4."""
    week = [make_paper(number, axis(0, 0.1 * number)) for number in range(3)]
    return [*week, make_paper(3, axis(0, 0.5), day=TODAY - timedelta(days=9)), make_paper(4, axis(4))]


def test_a_topic_brings_the_papers_of_seven_days_that_are_near(on_topic: list[Paper], topics: list[Topic]) -> None:
    told = volume(topics=(topics[0].pk,))
    assert told == Volume("topic", str(topics[0].pk), "Topic 0", 3, "")


def test_words_that_shut_out_lower_what_an_interest_brings(on_topic: list[Paper], topics: list[Topic]) -> None:
    assert volume(topics=(topics[0].pk,), excluded_terms=("paper 1",)).a_week == 2
    assert volume(topics=(topics[0].pk,), required_terms=("paper 1",)).a_week == 1


def test_if_ones_own_words_keep_all_papers_away_that_is_told(on_topic: list[Paper], topics: list[Topic]) -> None:
    told = volume(topics=(topics[0].pk,), required_terms=("zebra",))
    assert told.advice == (
        "4 papers came in the last 10 days, and the words you require or shut out keep all of them away."
    )


def test_a_quiet_week_after_a_good_month_is_told_as_one(make_paper: Make, topics: list[Topic]) -> None:
    make_paper(1, axis(0), day=TODAY - timedelta(days=9))
    told = volume(topics=(topics[0].pk,))
    assert (told.a_week, told.advice) == (0, "1 in the last 10 days, none of them in the last 7.")


def test_an_interest_without_papers_is_told_the_nearest(on_topic: list[Paper], topics: list[Topic]) -> None:
    told = volume(topics=(topics[5].pk,))
    assert told.a_week == 0
    assert told.advice.startswith("Nothing in the last 10 days. Nearest were “")
    assert told.advice.count("Paper") == 2


def test_named_papers_bring_what_is_like_them(on_topic: list[Paper]) -> None:
    told = volume(arxiv_ids=(on_topic[3].identifier,))
    assert (told.kind, told.label, told.a_week) == ("papers", "papers you named", 3)
    assert volume(library=(on_topic[3].identifier,)).label == "papers in your library"


def test_papers_that_one_named_or_brought_along_are_not_counted(on_topic: list[Paper], topics: list[Topic]) -> None:
    own = (on_topic[0].identifier, on_topic[1].identifier)
    assert volume(library=own).a_week == volume(arxiv_ids=own).a_week == 1
    told = preview(Wishes(topics=(topics[0].pk,), library=own), MORNING).volumes
    assert [one.a_week for one in told] == [1, 1]


def test_if_only_papers_of_ones_own_are_near_others_are_told(make_paper: Make, topics: list[Topic]) -> None:
    own, _ = make_paper(1, axis(3)), make_paper(2, axis(4))
    told = volume(arxiv_ids=(own.identifier,))
    assert (told.a_week, "Paper 1" in told.advice, "Nearest were “Paper 2" in told.advice) == (0, False, True)


def test_named_papers_that_are_not_here_yet_are_told(on_topic: list[Paper]) -> None:
    assert "None of these papers is here yet." in volume(arxiv_ids=("2601.00001",)).advice


def test_a_person_and_a_lab_bring_what_they_wrote(make_paper: Make, topics: list[Topic]) -> None:
    make_paper(1, axis(0), authors=["LeCun, Yann", "Ada Lovelace"], organization="Deep Robots Lab")
    make_paper(2, axis(1), authors=["Ada Lovelace"])
    assert volume(authors=("Yann LeCun",)).a_week == 1
    assert volume(authors=("Ada Lovelace",)).a_week == 2
    assert volume(labs=("Deep Robots",)).a_week == 1


def test_an_unknown_person_or_lab_is_told(on_topic: list[Paper]) -> None:
    assert volume(authors=("Nobody Here",)).advice.startswith("No paper by Nobody Here in the last 10 days.")
    assert volume(labs=("Nowhere",)).advice.startswith("No paper from Nowhere in the last 10 days.")


def test_too_wide_an_interest_is_told_with_a_word_that_narrows_it(make_paper: Make, topics: list[Topic]) -> None:
    for number in range(102):
        title = f"Paper {number} on {'diffusion' if number % 5 == 0 else 'something'} else"
        make_paper(number, axis(0, 0.001 * number), title=title)
    told = volume(topics=(topics[0].pk,))
    assert told.advice == (
        "Brings 102 papers a week, and only the best have room. "
        "To narrow it, say in your own words what you want of it, for example “diffusion”."
    )


def test_nothing_is_advised_where_no_paper_is_known(topics: list[Topic]) -> None:
    told = volume(topics=(topics[0].pk,))
    assert (told.a_week, told.advice) == (0, "")


def test_a_text_that_cannot_be_read_now_is_left_out_and_told(on_topic: list[Paper]) -> None:
    shown = preview(Wishes(texts=("robots",)), MORNING)
    assert [told.advice for told in shown.volumes] == [""]
    assert shown.note.startswith("Free text is not read at the moment")


def test_each_interest_has_its_volume_in_the_order_in_which_they_are_stored(
    on_topic: list[Paper], topics: list[Topic]
) -> None:
    wishes = Wishes(
        topics=(topics[4].pk, topics[0].pk), texts=("b", "a"), authors=("C D",), labs=("E",), arxiv_ids=("2606.00001",)
    )
    shown = [(told.kind, told.value) for told in preview(wishes, MORNING).volumes]
    both = [("topic", str(topics[0].pk)), ("topic", str(topics[4].pk))]
    assert shown == [*both, ("text", "b"), ("text", "a"), ("author", "C D"), ("lab", "E"), ("papers", "")]


def test_the_first_digest_has_the_best_of_a_week_and_a_day_before_it_what_was_new_then(
    make_paper: Make, topics: list[Topic]
) -> None:
    for ago in range(7):
        make_paper(ago, unit(axis(0) + 0.7 * axis(ago + 1)), day=TODAY - timedelta(days=ago))
    shown = preview(Wishes(topics=(topics[0].pk,), exploration=False), MORNING).editions
    first, *before = [sorted(card.identifier[-1] for card in edition.cards) for edition in shown]
    assert first == ["0", "1", "2", "3", "4", "5", "6"]
    assert before == [["1"], ["2"], ["3"], ["4"]]


def test_topics_are_counted_all_at_once(on_topic: list[Paper], topics: list[Topic]) -> None:
    Topic.objects.filter(pk=topics[7].pk).update(is_active=False)
    counted = topic_volumes(MORNING)
    assert counted == {topic.pk: {0: 3, 4: 1}.get(number, 0) for number, topic in enumerate(topics[:7])}


def test_nothing_of_a_preview_is_stored_and_its_queries_are_as_many_whatever_is_wished(
    on_topic: list[Paper], topics: list[Topic]
) -> None:
    few = Wishes(topics=(topics[0].pk,), arxiv_ids=(on_topic[3].identifier, on_topic[4].identifier))
    many = Wishes(
        topics=tuple(topic.pk for topic in topics),
        texts=("robots", "whales"),
        arxiv_ids=(on_topic[3].identifier, on_topic[4].identifier),
        authors=("Ada Lovelace", "Nobody Here"),
        library=(on_topic[3].identifier,),
        less=(on_topic[4].identifier,),
        excluded_terms=("zebra", "whale"),
    )
    before = [model.objects.count() for model in (*EXPORTED, RateBucket)]
    assert preview(many, MORNING).editions[0].cards
    counts = [_queries(wishes) for wishes in (few, few, many, many)]
    assert [model.objects.count() for model in (*EXPORTED, RateBucket)] == before
    assert counts[3] <= counts[1] <= 12


def _queries(wishes: Wishes) -> int:
    with CaptureQueriesContext(connection) as captured:
        preview(wishes, MORNING)
    return len(captured)


def test_nobody_waits_while_a_process_that_has_just_started_reads_the_papers(
    on_topic: list[Paper], topics: list[Topic]
) -> None:
    wishes = Wishes(topics=(topics[0].pk,))
    with kept_stretch._one_at_a_time:  # as the thread does that reads them
        assert preview(wishes, MORNING).note.startswith("We have just started")
        assert first_digest(wishes, MORNING).cards == ()
        assert topic_volumes(MORNING) == {}
    assert preview(wishes, MORNING).editions[0].cards
