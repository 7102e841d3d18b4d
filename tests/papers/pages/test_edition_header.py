"""The line that tells readers what arXiv announced, and what of it is missing."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from papers.arxiv.announcements import EASTERN
from papers.feeds import feed_states
from papers.feeds.announcement_status import edition_header
from papers.feeds.feed_states import Batch
from papers.models import Edition, EditionEntry, Paper, Topic
from subscriptions.mails import emails
from subscriptions.models import Digest, DigestItem, Interest, InterestKind, Subscriber
from subscriptions.people import links
from subscriptions.people.tokens import Purpose

pytestmark = pytest.mark.django_db
# A week in August 2026: the 20th is a Thursday.
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = (date(2026, 8, day) for day in (18, 19, 20, 21, 22, 23))
LATE = "cs.AI is late and will be added"


def at(day: date, hour: int = 8) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=EASTERN).astimezone(UTC)


def read(day: date, **numbers: int | None) -> None:
    """A feed of a day was read, with so many papers by category; None: the category had none."""
    batches = [
        Batch(day, number or 0, day if number else None, name.replace("_", ".")) for name, number in numbers.items()
    ]
    feed_states.note_batches("arxiv", batches, at(day))
    feed_states.sum_up("arxiv", day, at(day))
    feed_states.note_success("arxiv", at(day))


def words(now: datetime, *categories: str) -> str:
    header = edition_header(categories, now)
    assert header is not None
    return header.words


@pytest.fixture
def week() -> None:
    """All came on Wednesday; on Thursday cs.AI stayed away, and a small category had nothing to say."""
    read(WEDNESDAY, cs_AI=90, cs_LG=120, math_CO=30, math_KT=2)
    read(THURSDAY, cs_AI=None, cs_LG=1_112, math_CO=1, math_KT=None)


@pytest.mark.parametrize(
    ("categories", "said"),
    [
        ((), "1,113 papers; cs.AI is late and will be added tomorrow"),
        (("cs.LG", "cs.AI"), "1,112 papers in your categories; cs.AI is late and will be added tomorrow"),
        (("cs",), "1,112 papers in your categories; cs.AI is late and will be added tomorrow"),
        (("math.CO",), "1 paper in your categories"),
        (("math.KT",), "no papers in your categories"),
        (("cs.CV",), "no papers in your categories"),
    ],
)
def test_it_counts_what_is_new_in_a_readers_categories_and_names_those_that_are_late(
    week: None, categories: tuple[str, ...], said: str
) -> None:
    expected = f"arXiv announcement of Thu 20 Aug: {said}. Next: Thu 20:00 ET."
    assert words(at(THURSDAY), *categories) == expected


def test_what_is_late_on_a_friday_is_promised_for_monday() -> None:
    read(THURSDAY, cs_AI=90, cs_LG=120)
    read(FRIDAY, cs_AI=None, cs_LG=130)
    friday = f"arXiv announcement of Fri 21 Aug: 130 papers; {LATE} on Monday. Next: Sun 20:00 ET."
    assert words(at(FRIDAY)) == friday
    assert words(at(SATURDAY)) == f"No arXiv announcement today (weekend); {LATE} on Monday. Next: Sun 20:00 ET."


def test_an_old_batch_under_a_new_date_is_late_for_readers_and_not_counted() -> None:
    read(WEDNESDAY, cs_AI=90, cs_LG=120)
    feed_states.note_batches(
        "arxiv", [Batch(THURSDAY, 90, None, "cs.AI"), Batch(THURSDAY, 100, THURSDAY, "cs.LG")], at(THURSDAY)
    )
    feed_states.sum_up("arxiv", THURSDAY, at(THURSDAY))
    assert words(at(THURSDAY)).startswith(f"arXiv announcement of Thu 20 Aug: 100 papers; {LATE} tomorrow.")


def test_many_late_categories_are_counted(week: None) -> None:
    late = dict.fromkeys(["cs_AI", "cs_CL", "cs_CV", "cs_RO", "eess_IV"], 50)
    read(WEDNESDAY, **late)
    read(THURSDAY, **dict.fromkeys(late))
    said = "; cs.AI, cs.CL, cs.CV and 2 more are late and will be added tomorrow."
    assert said in words(at(THURSDAY))
    assert "; cs.AI and cs.CL are late and will be added tomorrow." in words(at(THURSDAY), "cs.AI", "cs.CL")


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (at(SATURDAY), "No arXiv announcement today (weekend); next: Sun 20:00 ET."),
        (at(SUNDAY), "No arXiv announcement today (weekend); next: Sun 20:00 ET."),
        (at(FRIDAY, 21), "arXiv announcement of Fri 21 Aug: 130 papers. Next: Sun 20:00 ET."),
        (at(SUNDAY, 21), "No arXiv announcement today (weekend); next: Mon 20:00 ET."),
    ],
)
def test_a_weekend_is_said_to_be_one(now: datetime, said: str) -> None:
    read(FRIDAY, cs_LG=130)
    assert words(now) == said


def test_a_holiday_is_said_to_be_one_unless_an_announcement_came_all_the_same(settings: object) -> None:
    settings.ARXIV_HOLIDAYS = [THURSDAY]
    read(WEDNESDAY, cs_LG=130)
    assert words(at(THURSDAY)) == "No arXiv announcement today (holiday); next: Sun 20:00 ET."
    read(FRIDAY, cs_LG=140)
    assert words(at(FRIDAY)) == "arXiv announcement of Fri 21 Aug: 140 papers. Next: Sun 20:00 ET."


def test_an_announcement_that_has_not_come_is_late_as_a_whole() -> None:
    read(WEDNESDAY, cs_LG=130, cs_AI=90)
    whole = "is late and will be added when it comes"
    assert words(at(THURSDAY, 1)) == "arXiv announcement of Wed 19 Aug: 220 papers. Next: Thu 20:00 ET."
    assert words(at(THURSDAY)) == f"The arXiv announcement of Thu 20 Aug {whole}. Next: Thu 20:00 ET."
    assert words(at(SATURDAY)) == (
        f"No arXiv announcement today (weekend); that of Fri 21 Aug {whole}. Next: Sun 20:00 ET."
    )


def test_a_failing_attempt_is_no_news_to_readers_while_the_announcement_is_there(week: None) -> None:
    before = words(at(THURSDAY))
    feed_states.note_failure("arxiv", at(THURSDAY), "arxiv: answered 500.")
    assert words(at(THURSDAY)) == before


def test_nothing_is_said_before_the_first_announcement_came(client: Client) -> None:
    assert edition_header((), at(THURSDAY)) is None
    feed_states.note_success(feed_states.SAMPLE, at(THURSDAY), 40)
    feed_states.note_success("huggingface", at(THURSDAY), 40)
    feed_states.note_success("arxiv", at(THURSDAY), 40, feed_states.FROM_FILE)
    feed_states.note_failure("arxiv", at(THURSDAY), "arxiv: answered 500.")
    assert edition_header((), at(THURSDAY)) is None
    assert "late" not in client.get("/").content.decode()


def test_it_takes_one_query_however_many_categories_there_are(
    week: None, django_assert_num_queries: Callable[..., object]
) -> None:
    read(THURSDAY, **{f"cs_{chr(65 + number)}X": 10 for number in range(26)})
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        edition_header(("cs",), at(THURSDAY))


def test_the_front_page_shows_it_for_all_categories(client: Client, week: None, time_machine: object) -> None:
    time_machine.move_to(at(THURSDAY), tick=False)
    said = "arXiv announcement of Thu 20 Aug: 1,113 papers; cs.AI is late and will be added tomorrow."
    assert said in client.get("/").content.decode()
    assert said in client.get("/", headers={"HX-Request": "true"}).content.decode()
    assert said not in client.get("/?span=week").content.decode()


@pytest.fixture
def digest(week: None) -> Digest:
    """Of a reader who follows one topic."""
    topic = Topic.objects.create(slug="llm", name="LLM", field="cs", description="…", categories=["cs.LG", "cs.AI"])
    subscriber = Subscriber.objects.create(email="ada@example.org", address_hash=b"x" * 32, timezone="Europe/Berlin")
    Interest.objects.create(subscriber=subscriber, kind=InterestKind.TOPIC, topic=topic)
    paper = Paper.objects.create(identifier="2608.00001", title="On feeds", abstract="They are late.")
    EditionEntry.objects.create(edition=Edition.objects.create(date=THURSDAY), paper=paper)
    digest = Digest.objects.create(
        subscriber=subscriber, local_date=THURSDAY, due_at=at(THURSDAY), next_attempt_at=at(THURSDAY)
    )
    DigestItem.objects.create(
        digest=digest, subscriber=subscriber, paper=paper, rank=1, score=1, relevance=1, reason={"kind": "trend"}
    )
    return digest


SAID = "arXiv announcement of Thu 20 Aug: 1,112 papers in your categories; cs.AI is late and will be added tomorrow."


def test_both_parts_of_the_mail_show_it_for_the_categories_of_followed_topics(digest: Digest) -> None:
    message = emails.digest_message(digest, digest.items.all(), at(THURSDAY))
    for part in (message.body, message.alternatives[0][0]):
        assert SAID in " ".join(str(part).split())


def test_who_follows_no_topic_is_told_of_all_categories(digest: Digest) -> None:
    Interest.objects.filter(kind=InterestKind.TOPIC).delete()
    thursday = emails.digest_message(digest, digest.items.all(), at(THURSDAY))
    assert "Thu 20 Aug: 1,113 papers; cs.AI is late" in " ".join(str(thursday.body).split())


def test_whom_words_of_their_own_bring_papers_of_any_category_is_told_of_all(digest: Digest) -> None:
    Interest.objects.create(subscriber=digest.subscriber, kind=InterestKind.TEXT, text="knots")
    told = emails.digest_message(digest, digest.items.all(), at(THURSDAY))
    assert "Thu 20 Aug: 1,113 papers; cs.AI is late" in " ".join(str(told.body).split())


def test_the_web_copy_shows_it_on_the_digests_own_day_only(
    digest: Digest, client: Client, time_machine: object
) -> None:
    url = links.url(Purpose.DIGEST, digest)
    time_machine.move_to(at(THURSDAY, 14), tick=False)
    assert SAID in client.get(url).content.decode()
    time_machine.move_to(at(THURSDAY, 19), tick=False)  # Friday in Berlin
    assert "arXiv announcement" not in client.get(url).content.decode()


def test_a_digest_costs_one_query_more_when_its_batch_was_fetched_together(
    digest: Digest, django_assert_num_queries: Callable[..., object]
) -> None:
    [fetched] = Digest.objects.select_related("subscriber").prefetch_related("items", "subscriber__interests__topic")
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        emails.header_for(fetched.subscriber, at(THURSDAY))
