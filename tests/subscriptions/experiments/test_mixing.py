"""Digests of willing readers while an experiment runs, from composing to the verdict; and everybody else's."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from io import StringIO
from typing import Any

import numpy as np
import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from papers.models import Paper
from recommender.vectors import unit
from subscriptions import lifecycle
from subscriptions.digests import compose
from subscriptions.experiments import running, settling, verdicts
from subscriptions.experiments.mixing import coins
from subscriptions.experiments.running import NotStarted
from subscriptions.models import (
    SHOWN,
    Comparison,
    DeliveryStatus,
    Digest,
    DigestItem,
    Experiment,
    Feedback,
    Preference,
    Role,
    Subscriber,
)
from subscriptions.people import export
from tests.subscriptions.conftest import DIMENSION, MORNING, axis, deliver_due, plan, preferences
from tests.subscriptions.staff.conftest import signed_in, staff

Subscribe = Callable[..., Subscriber]
DAY = timedelta(days=1)
A_WEEK_LATER = MORNING + 7 * DAY


@pytest.fixture(autouse=True)
def _in_the_morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


@pytest.fixture
def papers(make_paper: Callable[..., Paper]) -> list[Paper]:
    """Eight papers on topic 0, those that are nearer with less of a trend."""
    random = np.random.default_rng(3)

    def vector(number: int) -> np.ndarray:
        noise = random.normal(size=DIMENSION).astype(np.float32)
        noise[0] = 0
        return unit(axis(0) * (0.75 - 0.03 * number) + 0.75 * unit(noise))

    return [make_paper(number, vector(number), trend=number / 8) for number in range(8)]


def begin(a: str = "no trend", b: str = "more trend", name: str = "trend") -> Experiment:
    return running.start(name, a, b, MORNING)


def picks(person: Subscriber) -> list[tuple[Any, ...]]:
    rows = DigestItem.objects.filter(subscriber=person).order_by("role", "rank")
    return list(rows.values_list("role", "rank", "paper", "score", "reason"))


def mails_by_address() -> dict[str, str]:
    return {one.to[0]: str(one.message()).replace(one.to[0], "somebody") for one in mail.outbox}


class TestComposing:
    def test_a_willing_readers_digest_is_mixed_and_remembers_who_brought_what(
        self, make_subscriber: Subscribe, papers: list[Paper]
    ) -> None:
        ada = make_subscriber(compares=True, digest_size=4)
        experiment = begin()
        assert deliver_due() == 1
        [comparison] = Comparison.objects.all()
        assert comparison.experiment == experiment
        assert comparison.digest.subscriber == ada
        assert sorted(comparison.team_a + comparison.team_b) == [1, 2, 3, 4]
        assert comparison.made_at == MORNING

    @pytest.mark.parametrize(("compares", "runs"), [(False, True), (True, False)])
    def test_everybody_elses_is_as_ever(
        self, make_subscriber: Subscribe, papers: list[Paper], compares: bool, runs: bool
    ) -> None:
        """Byte for byte: what is stored of it, and what is asked of the database to make it."""
        ada = make_subscriber(digest_size=4)
        [key] = plan()
        digest = Digest.objects.select_related("subscriber").get(pk=key)
        plain = [(item.rank, item.role, item.paper_id, item.score, item.reason) for item in _chosen(digest)]
        with CaptureQueriesContext(connection) as before:
            _chosen(digest)
        if runs:
            begin()
        Subscriber.objects.update(compares=compares)
        digest = Digest.objects.select_related("subscriber").get(pk=key)
        with CaptureQueriesContext(connection) as after:
            found = [(item.rank, item.role, item.paper_id, item.score, item.reason) for item in _chosen(digest)]
        assert found == plain
        assert len(after) == len(before) + compares  # who is willing costs the question whether one runs
        deliver_due()
        assert not Comparison.objects.exists()
        assert len(picks(ada)) == len(plain)

    def test_the_same_digest_chosen_again_is_the_same(self, make_subscriber: Subscribe, papers: list[Paper]) -> None:
        ada = make_subscriber(compares=True, digest_size=4)
        begin()
        _, shown = compose.preview(ada, MORNING)
        _, again = compose.preview(Subscriber.objects.get(), MORNING)
        deliver_due()
        sent = [row[2] for row in picks(ada) if row[0] == Role.PICK]
        for preview in (shown, again):
            assert [item.paper_id for item in preview if item.role == Role.PICK] == sent
        assert Comparison.objects.count() == 1

    def test_coins_differ_by_day_and_reader_and_lie_flat(self, make_subscriber: Subscribe, db: None) -> None:
        experiment = begin()
        people = [make_subscriber(f"{number}@example.org") for number in range(40)]
        thrown = [coins(experiment, Digest(subscriber=one, local_date=MORNING.date())) for one in people]
        assert len({tuple(each) for each in thrown}) == 40
        assert 0.48 < np.mean(thrown) < 0.52
        assert thrown[0] != coins(experiment, Digest(subscriber=people[0], local_date=(MORNING + DAY).date()))

    def test_nothing_comes_twice(self, make_subscriber: Subscribe, papers: list[Paper]) -> None:
        ada = make_subscriber(compares=True, digest_size=3)
        begin()
        for day in range(3):
            deliver_due(MORNING + day * DAY)
        sent = [row[2] for row in picks(ada) if row[0] in SHOWN]
        assert len(sent) == len(set(sent)) == 8

    def test_two_that_bring_the_same_are_not_compared(
        self, make_subscriber: Subscribe, some_papers: list[Paper]
    ) -> None:
        make_subscriber(compares=True)
        begin("as shipped", "known authors aside")
        deliver_due()
        assert not Comparison.objects.exists()

    def test_the_mail_says_nothing_of_teams(self, make_subscriber: Subscribe, papers: list[Paper]) -> None:
        make_subscriber(compares=True)
        begin("as shipped", "as shipped", "A/A")
        make_subscriber("bob@example.org")
        deliver_due()
        one, other = (message.body for message in mail.outbox)
        strip = lambda text: [line for line in text.splitlines() if "http" not in line]  # noqa: E731
        assert strip(one) == strip(other)  # which rank alike, so that the mixture is the one ranking


def _chosen(digest: Digest) -> list[DigestItem]:
    return compose.choose_papers([digest], MORNING)


class TestSettling:
    @pytest.fixture
    def comparison(self, make_subscriber: Subscribe, papers: list[Paper]) -> Comparison:
        make_subscriber(compares=True, digest_size=4)
        begin()
        deliver_due()
        return Comparison.objects.get()

    def say(self, comparison: Comparison, a: list[str], b: list[str]) -> None:
        paper = dict(comparison.digest.items.filter(role=Role.PICK).values_list("rank", "paper"))
        for team, words in ((comparison.team_a, a), (comparison.team_b, b)):
            for rank, word in zip(team, words, strict=False):
                Feedback.objects.create(
                    subscriber=comparison.digest.subscriber, paper_id=paper[rank], kind=word, at=MORNING
                )

    @pytest.mark.parametrize(
        ("a", "b", "preference"),
        [
            ([], [], Preference.NEITHER),
            (["more"], [], Preference.A),
            ([], ["save"], Preference.B),
            (["less"], [], Preference.B),
            (["seen"], ["less"], Preference.A),
            (["seen", "seen"], [], Preference.NEITHER),
            (["more", "save"], ["more"], Preference.A),
            (["more", "less"], ["seen"], Preference.NEITHER),
        ],
    )
    def test_praise_counts_for_who_brought_it(
        self, comparison: Comparison, a: list[str], b: list[str], preference: Preference
    ) -> None:
        self.say(comparison, a, b)
        assert settling.settle(A_WEEK_LATER) == 1
        comparison.refresh_from_db()
        assert (comparison.preference, comparison.ratings) == (preference, len(a) + len(b))
        assert comparison.settled_at == A_WEEK_LATER

    def test_a_week_must_have_passed_and_what_is_said_later_changes_nothing(self, comparison: Comparison) -> None:
        assert settling.settle(A_WEEK_LATER - timedelta(hours=1)) == 0
        settling.settle(A_WEEK_LATER)
        self.say(comparison, ["more"], [])
        assert settling.settle(A_WEEK_LATER + DAY) == 0
        comparison.refresh_from_db()
        assert comparison.preference == Preference.NEITHER

    def test_a_mail_that_never_left_compares_nothing(self, comparison: Comparison) -> None:
        Digest.objects.update(status=DeliveryStatus.FAILED, reason="no")
        assert settling.settle(A_WEEK_LATER) == 0
        assert not Comparison.objects.exists()

    @pytest.mark.parametrize("still_willing", [True, False])
    def test_what_is_chosen_anew_is_compared_as_it_was_sent(
        self, comparison: Comparison, make_paper: Callable[..., Paper], still_willing: bool
    ) -> None:
        DigestItem.objects.all().delete()
        Digest.objects.update(
            status=DeliveryStatus.PLANNED, composed_at=None, lease_until=None, next_attempt_at=MORNING
        )
        Subscriber.objects.update(compares=still_willing, digest_size=3)
        later = MORNING + timedelta(hours=1)
        assert deliver_due(later) == 1
        assert settling.settle(A_WEEK_LATER + DAY) == still_willing
        assert [sorted(one.team_a + one.team_b) for one in Comparison.objects.all()] == [[1, 2, 3]] * still_willing

    def test_it_asks_as_much_of_many_as_of_one(
        self, comparison: Comparison, make_subscriber: Subscribe, papers: list[Paper]
    ) -> None:
        for number in range(12):
            make_subscriber(f"{number}@example.org", compares=True, digest_size=4)
        deliver_due()
        others = Comparison.objects.exclude(pk=comparison.pk)
        others.update(made_at=MORNING + DAY)
        Digest.objects.filter(comparison__in=others).update(composed_at=MORNING + DAY)
        with CaptureQueriesContext(connection) as one:
            assert settling.settle(A_WEEK_LATER) == 1
        with CaptureQueriesContext(connection) as many:
            assert settling.settle(A_WEEK_LATER + DAY) == 12
        assert len(one) == len(many)


class TestRunning:
    def test_one_runs_at_a_time(self, db: None) -> None:
        begin()
        with pytest.raises(NotStarted, match="“trend” runs already"):
            begin(name="another")
        with pytest.raises(IntegrityError):
            Experiment.objects.create(name="x", ranker_a="a", ranker_b="b", started_at=MORNING)

    def test_another_may_follow(self, db: None) -> None:
        begin()
        stopped = running.stop(MORNING + DAY)
        assert stopped
        assert stopped.stopped_at == MORNING + DAY
        begin(name="another")
        assert running.stop(MORNING + DAY)
        assert running.stop(MORNING + DAY) is None

    @pytest.mark.parametrize(
        ("a", "b", "name", "says"),
        [
            ("as shipped", "magic", "x", "No variant is called 'magic'"),
            ("as shipped", "no trend", " ", "Give the experiment a name"),
            ("as shipped", "no trend", "trend", "already: give this one another name"),
        ],
    )
    def test_what_cannot_run_says_why(self, db: None, a: str, b: str, name: str, says: str) -> None:
        begin()
        running.stop(MORNING)
        with pytest.raises(NotStarted, match=says):
            begin(a, b, name)


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("evaluate", "live", *arguments, stdout=out)
    return out.getvalue()


class TestVerdict:
    def settled(self, make_subscriber: Subscribe, a: int, b: int, neither: int = 0) -> Experiment:
        """An experiment with so many digests that prefer each, five of each reader."""
        experiment = begin()
        outcomes = [Preference.A] * a + [Preference.B] * b + [Preference.NEITHER] * neither
        for number, preference in enumerate(outcomes):
            if number % 5 == 0:
                person = make_subscriber(f"{number}@example.org", follows=(), compares=True)
            day = MORNING - number % 5 * DAY
            digest = Digest.objects.create(
                subscriber=person, local_date=day.date(), due_at=day, next_attempt_at=day, claimed_at=day, status="sent"
            )
            Comparison.objects.create(
                experiment=experiment, digest=digest, team_a=[1], team_b=[2], made_at=day, settled_at=MORNING,
                ratings=1, preference=preference,
            )  # fmt: skip
        return experiment

    def test_a_difference_is_told_with_its_interval(self, make_subscriber: Subscribe) -> None:
        self.settled(make_subscriber, 20, 60, 10)
        text = told()
        assert "B is better: 75% of the digests that prefer one prefer it (p below .001, interval 5" in text
        assert "20 prefer A, 60 prefer B" in text

    def test_of_little_it_says_how_much_more_it_takes(self, make_subscriber: Subscribe) -> None:
        self.settled(make_subscriber, 9, 11, 20)
        assert "Not enough yet: about" in told()
        assert "more rated digests." in told()

    def test_of_nothing_too(self, db: None) -> None:
        begin()
        assert "more digests that prefer one, of which there are 0." in told()

    def test_one_readers_taste_is_not_everybodys(self, make_subscriber: Subscribe) -> None:
        self.settled(make_subscriber, 0, 15)
        assert "one reader has given 5 of 15" in told()

    def test_no_difference_is_told_with_what_could_have_been_seen(self) -> None:
        from recommender.evaluation.sequential import judge

        seen = verdicts.Found(2000, 2000, 900, 100, 9, 100, judge(300, 300))
        assert verdicts.verdict(seen).startswith("No difference larger than ")

    def test_it_asks_as_many_queries_however_many_digests(self, make_subscriber: Subscribe) -> None:
        experiment = self.settled(make_subscriber, 1, 1)
        with CaptureQueriesContext(connection) as few:
            verdicts.found(experiment)
        assert len(few) == 3

    def test_the_command_starts_stops_and_prints_json(self, db: None) -> None:
        assert "running" in told("varied", "--start", "--b", "more varied")
        assert '"b": "more varied"' in told("--json")
        with pytest.raises(CommandError, match="runs already"):
            told("other", "--start", "--b", "no trend")
        assert "stopped on 30 Jun 2026" in told("--stop")
        with pytest.raises(CommandError, match="none to stop"):
            told("--stop")
        with pytest.raises(CommandError, match="There is no experiment 'nothing'"):
            told("nothing")
        with pytest.raises(CommandError, match="give --start too"):
            told("varied", "--b", "no trend")

    def test_the_admin_shows_it_to_operators(self, make_subscriber: Subscribe) -> None:
        experiment = self.settled(make_subscriber, 20, 60)
        url = reverse("admin:subscriptions_experiment_change", args=[experiment.pk])
        page = signed_in(staff("oskar", group="operator")).get(url)
        assert "B is better" in page.content.decode()
        assert signed_in(staff("clara", group="curator")).get(url).status_code == 403


class TestConsent:
    def test_nobody_takes_part_unasked(self, make_subscriber: Subscribe) -> None:
        assert make_subscriber().compares is False

    def test_a_reader_agrees_and_withdraws_on_their_page(
        self, make_subscriber: Subscribe, papers: list[Paper], client: Client
    ) -> None:
        ada = make_subscriber()
        url = preferences(ada)
        form = client.get(url).context["form"]
        fields = {name: value for name, value in form.initial.items() if value is not None and value is not False}
        assert "Help to compare two ways of choosing papers" in client.get(url).content.decode()
        for willing in (True, False):
            answer = client.post(url, fields | ({"compares": "on"} if willing else {}))
            assert answer.status_code == 302, answer.context["form"].errors
            assert Subscriber.objects.willing().exists() is willing

    def test_nobody_agrees_for_a_reader(self, make_subscriber: Subscribe, admin_client: Client) -> None:
        url = reverse("admin:subscriptions_subscriber_change", args=[make_subscriber().pk])
        page = admin_client.get(url)
        assert "compares" not in page.context["adminform"].form.fields

    def test_what_was_compared_is_in_the_export_and_goes_with_the_reader(
        self, make_subscriber: Subscribe, papers: list[Paper]
    ) -> None:
        ada = make_subscriber(compares=True, digest_size=4)
        begin()
        deliver_due()
        text = "".join(export.export(ada, MORNING))
        assert '"experiment": "trend: no trend or more trend"' in text
        assert '"compares": true' in text
        lifecycle.erase(ada)
        assert not Comparison.objects.exists()
        assert Experiment.objects.exists()


def rate(people: Sequence[Subscriber], word: Callable[[DigestItem], str]) -> None:
    """Each of these readers says a word on each paper that came."""
    items = DigestItem.objects.filter(subscriber__in=people, role=Role.PICK).select_related("paper")
    Feedback.objects.bulk_create(
        Feedback(subscriber_id=item.subscriber_id, paper=item.paper, kind=word(item), at=MORNING) for item in items
    )


def after(days: int, make_subscriber: Subscribe) -> list[Subscriber]:
    """Thirty willing readers who got a digest on each of these days."""
    people = [make_subscriber(f"{number}@example.org", compares=True, digest_size=3) for number in range(30)]
    for day in range(days):
        deliver_due(MORNING + day * DAY)
    return people


def test_two_rankers_that_are_one_are_not_told_apart(make_subscriber: Subscribe, papers: list[Paper]) -> None:
    """Readers like what stands on top, and not the rest: whoever brought it is chance."""
    experiment = begin("as shipped", "as shipped", "A/A")
    rate(after(2, make_subscriber), lambda item: "more" if item.rank == 1 else "less")
    settling.settle(A_WEEK_LATER + DAY)
    seen = verdicts.found(experiment)
    assert (seen.mixed, seen.settled) == (60, 60)
    assert seen.judged.throws > 30
    assert seen.judged.p > 0.0001  # which chance falls below in one run of ten thousand


def test_of_two_that_differ_the_one_that_brings_what_is_liked_is_found(
    make_subscriber: Subscribe, papers: list[Paper]
) -> None:
    experiment = begin("no trend", "more trend")
    liked = {paper.pk for paper in papers if (paper.trend or 0) > 0.4}
    rate(after(1, make_subscriber), lambda item: "more" if item.paper_id in liked else "less")
    settling.settle(A_WEEK_LATER)
    assert verdicts.verdict(verdicts.found(experiment)).startswith("B is better")
