import logging
import random
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.mail import BadHeaderError
from hypothesis import HealthCheck, example, given, settings, strategies

from papers.models import Edition, EditionEntry, Paper
from subscriptions.mails import emails
from subscriptions.models import Digest, DigestItem, Role, Subscriber
from subscriptions.people.links import token
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING, TODAY, axis
from tests.subscriptions.mails.letters import (
    NASTY,
    REASON,
    add,
    as_a_whole,
    make_digest,
    pages,
    parsed,
    part,
    writer_of,
)

pytestmark = pytest.mark.django_db
People = Callable[..., Subscriber]
Papers = Callable[..., Paper]
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CHARACTERS = strategies.characters(exclude_categories=["Cs"], exclude_characters="\x00")  # what databases take
ANY_TEXT = strategies.one_of(
    strategies.text(CHARACTERS, max_size=300),
    strategies.text(alphabet="aé🦉ש\u202e <>&{}%'\"=?.,\r\n\x7f\xa0", max_size=400),
    strategies.text(CHARACTERS, min_size=1, max_size=40).map(lambda text: text * 500),
)


def same_joined_and_as_a_whole(writer: emails.Writer, digests: list[Digest]) -> None:
    for digest in digests:
        message = writer.mail(digest)
        raw, whole = message.message().as_bytes(), as_a_whole(writer, digest)
        assert (message.subject, message.body, message.alternatives[0][0]) == whole
        assert message.ready is not None  # type: ignore[attr-defined]
        assert message.message().as_bytes() == raw  # whose HTML was made from the text this time, as it was read
        wire = parsed(raw)
        # Some servers change lines that begin so, unless HTML is quoted-printable anyway.
        html = part(wire, "html").replace("\n&#70;rom ", "\nFrom ")
        assert (part(wire, "plain"), html) == whole[1:]


def test_joined_cards_are_the_same_bytes_as_whole_templates_whatever_titles_hold(
    make_paper: Papers, make_subscriber: People
) -> None:
    papers = [
        make_paper(n, axis(n % 8), title=text, abstract=text, authors=[text]) for n, text in enumerate(storable())
    ]
    Edition.objects.filter(date=TODAY).update(note="A & B\r\n<b>quiet</b> day")
    chance, digests = random.Random(7), []
    for number in range(30):
        one = make_digest(make_subscriber(f"r{number}@example.org", digest_size=number % 7 + 1), [])
        for rank, paper in enumerate(chance.sample(papers, chance.randrange(1, 9)), 1):
            text = chance.choice(storable())
            add(one, paper, rank, label=text, sentence=chance.choice(["", text]), folded=[papers[0].pk] * (number % 2))
        if number % 3 == 0:
            add(one, papers[0], 1, Role.NEAR_MISS)
        digests.append(one)
    same_joined_and_as_a_whole(writer_of(*digests), digests)


def storable() -> list[str]:
    """What a database takes: no halves of pairs, and PostgreSQL no NUL either."""
    return [text.replace("\ud83d", "").replace("\x00", "") for text in NASTY]


@FEW
@given(title=ANY_TEXT, told=ANY_TEXT)
@example(title="{{7*7}}</h2>", told="<script>alert(1)</script>")
@example(title="From " * 60, told="word " * 13 + "From here on " * 20)
@example(title="ℓ" * 130, told="x" * 990)
def test_any_title_and_any_interest_is_text_in_every_part(a_digest: Digest, title: str, told: str) -> None:
    Paper.objects.update(plain_title=title or "x", plain_abstract=told, authors=[told])
    DigestItem.objects.update(reason=REASON | {"label": told, "sentence": told})
    writer = writer_of(a_digest)
    same_joined_and_as_a_whole(writer, [a_digest])
    raw = writer.mail(a_digest).message().as_bytes()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    assert "<script" not in part(parsed(raw), "html")
    assert len(str(parsed(raw)["Subject"])) <= 150


def test_a_writer_asks_the_same_number_of_questions_for_any_batch_and_none_when_it_writes(
    make_paper: Papers,
    make_subscriber: People,
    django_assert_num_queries: Callable[..., AbstractContextManager[object]],
) -> None:
    papers = [make_paper(number, axis(number)) for number in range(6)]
    digests = [
        make_digest(make_subscriber(f"r{number}@example.org", follows=(number,)), papers, papers=["2606.00001"])
        for number in range(6)
    ]
    batches = {digest.pk: list(digest.items.all()) for digest in digests}
    for some in (digests[:1], digests):
        with django_assert_num_queries(8):
            writer = emails.Writer(some, batches, MORNING)
        with django_assert_num_queries(0):
            assert len([writer.mail(digest) for digest in some]) == len(some)


def test_a_changed_paper_note_attention_or_address_is_shown_at_once(a_digest: Digest, settings: Any) -> None:
    def body() -> str:
        return str(writer_of(a_digest).mail(a_digest).body)

    assert "Paper 1" in body()
    Paper.objects.update(plain_title="Renamed")
    EditionEntry.objects.update(note="Read the appendix.")
    DigestItem.objects.update(reason=REASON | {"trend": 0.8})
    settings.SITE_URL = "https://elsewhere.example"
    changed = body()
    assert "1. Renamed" in changed
    assert "From the curator:\nRead the appendix." in changed
    assert "top 20 %" in changed
    assert "https://elsewhere.example/papers/" in changed
    assert "127.0.0.1" not in changed


def test_a_paper_that_cannot_be_shown_is_left_out_and_the_numbers_agree(
    make_paper: Papers, make_subscriber: People, caplog: pytest.LogCaptureFixture
) -> None:
    good, poison, better = [make_paper(number, axis(number)) for number in range(3)]
    Paper.objects.filter(pk=poison.pk).update(authors=[1, {}], plain_authors=[])
    digests = [make_digest(make_subscriber(f"r{n}@example.org"), [poison, good, better]) for n in range(2)]
    writer = writer_of(*digests)
    with caplog.at_level(logging.ERROR):
        messages = [writer.mail(digest) for digest in digests]
    assert writer.left_out == {digest.pk: [poison.pk] for digest in digests}
    assert [record.levelname for record in caplog.records] == ["ERROR"]  # said once, however many it concerns
    for message in messages:
        assert message.subject == "2 papers for you, Tue 30 Jun: Paper 0"
        assert "2 papers for you.\n2 of 812" in message.body
        assert re.findall(r"^(\d+)\. (.*)$", str(message.body), re.MULTILINE) == [("1", "Paper 0"), ("2", "Paper 2")]


def test_a_digest_of_broken_papers_alone_is_not_written(make_paper: Papers, make_subscriber: People) -> None:
    poison = make_paper(1, axis(0))
    Paper.objects.filter(pk=poison.pk).update(categories=5)
    digest = make_digest(make_subscriber(), [poison])
    with pytest.raises(emails.NothingToShow):
        writer_of(digest).mail(digest)


@pytest.mark.parametrize(
    "poison",
    [{"closeness": None}, {"folded": 7}, {"papers": {"a": 1}, "kind": "text", "closeness_words": None}, {"trend": "x"}],
)
def test_a_reader_whose_reasons_make_no_sense_costs_no_other_reader_anything(
    make_paper: Papers, make_subscriber: People, poison: dict[str, object]
) -> None:
    paper = make_paper(1, axis(0))
    bad, good = [make_digest(make_subscriber(f"{name}@example.org"), [paper]) for name in ("bad", "good")]
    bad.items.update(reason=REASON | poison | {"closeness": None})
    writer = writer_of(bad, good)
    with pytest.raises((TypeError, ValueError, AttributeError)):
        writer.mail(bad)
    assert "Paper 1" in writer.mail(good).body


def test_an_address_that_would_break_a_header_stops_its_own_mail_only(
    make_paper: Papers, make_subscriber: People
) -> None:
    paper = make_paper(1, axis(0))
    bad, good = [make_digest(make_subscriber(f"{name}@example.org"), [paper]) for name in ("bad", "good")]
    bad.subscriber.email = "bad@example.org\r\nBcc: all@example.org"
    writer = writer_of(bad, good)
    with pytest.raises(BadHeaderError):
        writer.mail(bad)
    assert writer.mail(good).to == ["good@example.org"]


@pytest.mark.parametrize("papers", [20, 50])
def test_a_long_digest_stays_below_the_size_at_which_mail_programs_clip(
    make_paper: Papers, make_subscriber: People, papers: int
) -> None:
    long = "A sentence – of some length – that says what was found and why it matters to anybody. " * 30
    words = {"title": "Ein ausgesprochen langer Titel über Größen " * 5, "abstract": long, "github_repo": "owner/name"}
    picks = [make_paper(number, axis(number % 8), **words) for number in range(papers)]
    digest = make_digest(make_subscriber(digest_size=papers), picks, label=long, sentence=long[:300])
    html = str(writer_of(digest).mail(digest).alternatives[0][0])
    assert len(html.encode()) < 80_000
    assert html.count("<h3") == papers


def test_the_way_out_and_the_preferences_stand_near_the_top_of_both_parts(a_digest: Digest) -> None:
    message = writer_of(a_digest).mail(a_digest)
    text, html = str(message.body), str(message.alternatives[0][0])
    asking = f"/link/{token(Purpose.DIGEST, a_digest)}/"
    for url in (asking, f"/u/{token(Purpose.UNSUBSCRIBE, a_digest.subscriber)}"):
        assert text.index(url) < 700
        assert html.index(url) < html.index("<h2")


def test_both_parts_hold_the_same_links(a_digest: Digest, make_paper: Papers) -> None:
    Paper.objects.update(github_repo="owner/name")
    add(a_digest, make_paper(2, axis(1)), 1, Role.NEAR_MISS)
    message = writer_of(a_digest).mail(a_digest)
    found = pages(str(message.alternatives[0][0]))
    assert pages(str(message.body)) == found
    assert {urlsplit(url).hostname for url in found} == {"127.0.0.1", "arxiv.org", "github.com"}


def test_no_picture_and_no_space_that_forbids_a_line_break_is_in_a_mail(a_digest: Digest) -> None:
    Paper.objects.update(plain_title="Of\xa0a\u202fgap", plain_abstract="Ten\xa0percent.")
    message = writer_of(a_digest).mail(a_digest)
    assert "Of a gap" in message.body
    assert "\xa0" not in message.body
    assert "<img" not in message.alternatives[0][0]
    assert "&nbsp;" not in message.alternatives[0][0]


@pytest.fixture
def a_digest(make_paper: Papers, make_subscriber: People) -> Digest:
    return make_digest(make_subscriber(), [make_paper(1, axis(0))])


def test_a_row_with_a_broken_handle_stops_its_own_mail_and_turns_no_other_link(
    make_paper: Papers, make_subscriber: People
) -> None:
    paper = make_paper(1, axis(0))
    bad, good = [make_digest(make_subscriber(f"{name}@example.org"), [paper]) for name in ("bad", "good")]
    bad.subscriber.handle = b"short"
    writer = writer_of(bad, good)
    with pytest.raises(ValueError, match="16 bytes"):
        writer.mail(bad)
    assert token(Purpose.UNSUBSCRIBE, good.subscriber) in writer.mail(good).body
