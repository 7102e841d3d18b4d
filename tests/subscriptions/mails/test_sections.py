"""The sections of a digest: those that would be empty are not there, and a heading tells what led to several papers."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from papers.models import Paper
from subscriptions.mails.sections import FOLLOWED, FOR_YOU, NEWS, NOTICED, OUTSIDE, TAKING_OFF, sections
from subscriptions.mails.top_lines import changes_line
from subscriptions.models import Digest, DigestItem, Frequency, Role, Subscriber
from tests.subscriptions.conftest import TODAY, axis
from tests.subscriptions.mails.letters import REASON, add, make_digest, writer_of

TOOK_OFF = {"since": "2026-06-12", "then": 4, "now": 61, "kind": "upvotes"}
MONDAY = date(2026, 6, 29)


def items(*reasons: dict[str, Any]) -> list[DigestItem]:
    return [DigestItem(paper_id=number, rank=number, reason=REASON | one) for number, one in enumerate(reasons, 1)]


def shape(*reasons: dict[str, Any]) -> list[tuple[str, list[int], bool]]:
    parts = sections(items(*reasons))
    return [(part.heading, [item.rank for item in part.items], part.tells_interest) for part in parts]


def test_papers_of_one_interest_stand_under_its_name() -> None:
    assert shape({}, {}) == [("For you: Graphs", [1, 2], True)]
    assert shape({"kind": "text", "label": "how cells divide"}) == [("For you: “how cells divide”", [1], True)]
    library = {"kind": "papers", "label": "papers in your library"}
    assert shape(library)[0][0] == "For you: like papers in your library"


def test_interests_get_headings_of_their_own_where_these_stand_over_several_papers() -> None:
    cells = {"label": "Cells"}
    assert shape({}, cells, {}, cells) == [("For you: Graphs", [1, 3], True), ("For you: Cells", [2, 4], True)]
    assert shape({}, cells, {}) == [(FOR_YOU, [1, 2, 3], False)]


def test_every_section_has_its_place_whatever_the_ranks() -> None:
    found = shape(
        {"explored": True, "kind": ""},
        {"kind": "author", "label": "Ada", "people": ["Ada Lovelace"]},
        {"took_off": TOOK_OFF},
        {"kind": "", "cold_start": True},
        {},
    )
    assert [(heading, ranks) for heading, ranks, _ in found] == [
        (FOLLOWED, [2]),
        ("For you: Graphs", [5]),
        (NOTICED, [4]),
        (TAKING_OFF, [3]),
        (OUTSIDE, [1]),
    ]


def test_a_label_of_blanks_and_control_characters_is_no_name() -> None:
    assert shape({"label": "\x07 \r\n"}) == [(FOR_YOU, [1], False)]


@pytest.mark.django_db
def test_a_mail_numbers_its_papers_as_they_are_read_and_begins_with_news(
    make_paper: Callable[..., Paper], make_subscriber: Callable[..., Subscriber]
) -> None:
    papers = [make_paper(number, axis(number)) for number in range(1, 5)]
    digest = make_digest(make_subscriber(), [])
    add(digest, papers[0], 1, kind="author", label="Ada", people=["Ada Lovelace"])
    add(digest, papers[1], 2, took_off=TOOK_OFF)
    add(digest, papers[2], 3)
    changes = [
        {"id": 1, "kind": "withdrawn", "detail": "v3"},
        {"id": 2, "kind": "revised", "detail": "v3"},
        {"id": 3, "kind": "revised", "detail": "v2"},
    ]
    DigestItem.objects.create(
        **{"digest": digest, "subscriber": digest.subscriber, "paper": papers[3], "role": Role.NEWS, "rank": 1},
        **{"score": 0, "relevance": 0, "reason": {"changes": changes}},
    )
    mail = writer_of(digest).mail(digest)
    text = str(mail.body)
    marks = [NEWS, "Paper 4", FOLLOWED, "1. Paper 1", "For you: Graphs", "2. Paper 3", TAKING_OFF, "3. Paper 2"]
    assert sorted(marks, key=text.index) == marks
    assert "On 12 Jun 4 votes, now 61." in text
    assert "Withdrawn (v3)\nRevised (v2)\nhttps://arxiv.org/abs/2606.00004v2\n" in text
    assert "One taking off, one by people you follow and news of one that you kept." in text
    assert str(mail.alternatives[0][0]).count("<h2") == 4


def told(day: date, frequency: Frequency, *came: date | None) -> str:
    return changes_line(Digest(subscriber=Subscriber(frequency=frequency), local_date=day), came, {})


def test_the_top_says_how_many_are_new_since_the_digest_before() -> None:
    days = [TODAY - timedelta(days=number) for number in range(9)]
    assert told(TODAY, Frequency.DAILY, *days) == "One is new since yesterday."
    assert told(TODAY, Frequency.DAILY, days[0], days[0]) == "All are new since yesterday."
    assert told(TODAY, Frequency.DAILY, days[0]) == "It is new since yesterday."
    assert told(TODAY, Frequency.DAILY, days[1], None) == ""
    assert told(TODAY, Frequency.WEEKLY, *days) == "Seven are new since last week."
    slowed = Subscriber(frequency=Frequency.DAILY, slowed_on=TODAY)
    assert changes_line(Digest(subscriber=slowed, local_date=TODAY), days[6:8], {}) == "One is new since last week."
    assert told(MONDAY, Frequency.WEEKDAYS, MONDAY, MONDAY - timedelta(days=2), date(2026, 6, 26)) == (
        "Two are new since Friday."
    )
