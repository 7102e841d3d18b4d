"""What readers would notice in their digests, with the packaged encoder and real papers of June 2026."""

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from papers.editions import topics
from papers.ingest import saving
from papers.models import Paper, Topic
from papers.sources import jsonl
from recommender.candidates import background
from recommender.embedding import embed
from recommender.encoding import encoder
from recommender.models import EmbeddingModel, PaperVector, TopicVector
from recommender.ranking import interest_clusters
from recommender.vectors import Matrix
from subscriptions.digests import compose
from subscriptions.interests import feedback_profile, interest_vectors
from subscriptions.mails import pick_cards, reason_words
from subscriptions.models import (
    DigestItem,
    FeedbackKind,
    Interest,
    InterestKind,
    InterestVector,
    Role,
    Subscriber,
    SubscriberStatus,
)
from subscriptions.models.vectors import columns
from subscriptions.people.addresses import address_hash
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 11)
NOON = datetime(2026, 6, 11, 12, tzinfo=UTC)
NOW = datetime(2026, 6, 11, 12, tzinfo=UTC)
MAJOR, MINOR = "cs.CL", "cs.GT"
WANTED = {MAJOR: 90, MINOR: 30, "cs.IT": 12}
PAIR = ("2606.12187", "2606.08621")  # two papers on strategyproof facility location under p-norms, by other people
GAMES, LANGUAGE, ABSENT = (
    "Algorithmic game theory",
    "Machine translation and multilingual NLP",
    "Climate and fluid dynamics",
)
USED = (GAMES, LANGUAGE, ABSENT)


@pytest.fixture(scope="module")
def lines(shared_data: Path) -> list[bytes]:
    """Some papers of four days, the newest first, and the pair."""
    left, chosen = dict(WANTED), []
    with gzip.open(shared_data / "papers" / "arxiv_2026Q2.jsonl.gz") as stream:
        rows = [(json.loads(line), line) for line in stream]
    for row, line in sorted(rows, key=lambda one: (one[0]["first_seen_on"], one[0]["arxiv_id"]), reverse=True):
        if not "2026-06-08" <= row["first_seen_on"] <= DAY.isoformat():
            continue
        if row["arxiv_id"] in PAIR or left.get(row["primary_category"], 0) > 0:
            left[row["primary_category"]] -= 1
            chosen.append(line)
    return chosen


@pytest.fixture(scope="module")
def vectors() -> dict[str, np.ndarray]:
    """By text; every text is encoded once for all tests."""
    return {}


def encoded(texts: Sequence[str], vectors: dict[str, np.ndarray]) -> Matrix:
    lacking = [text for text in texts if text not in vectors]
    vectors.update(zip(lacking, encoder.load(encoder.PACKAGED).encode(lacking), strict=True))
    return np.stack([vectors[text] for text in texts])


@pytest.fixture
def papers(db: None, lines: list[bytes], vectors: dict[str, np.ndarray]) -> list[Paper]:
    model = EmbeddingModel.objects.create(name=encoder.PACKAGED, dimension=384, serving=True)
    topics.load()
    saving.save([jsonl.record(jsonl.decode(line)) for line in lines], NOW)
    stored = list(Paper.objects.order_by("pk"))
    for paper, vector in zip(stored, encoded([embed.paper_text(paper) for paper in stored], vectors), strict=True):
        PaperVector.objects.create(
            paper=paper, model=model, vector=vector, text_hash=b"x" * 16, paper_updated_at=paper.updated_at
        )
    followed = list(Topic.objects.filter(name__in=USED))
    for topic, vector in zip(followed, encoded([embed.topic_text(topic) for topic in followed], vectors), strict=True):
        TopicVector.objects.create(topic=topic, model=model, vector=vector, text_hash=b"x" * 16)
    background.refresh(NOW)
    return stored


@pytest.fixture
def reader(papers: list[Paper]) -> Subscriber:
    """Ada, who cares for relevance alone and wants nothing from outside her interests."""
    active = {"status": SubscriberStatus.ACTIVE, "confirmed_at": MORNING, "next_digest_at": MORNING}
    plain = {"address_hash": address_hash("ada@example.org"), "trend_weight": 0.0, "exploration": False}
    return Subscriber.objects.create(email="ada@example.org", **active, **plain)


def follow(subscriber: Subscriber, *names: str, **fields: object) -> None:
    for name in names:
        topic = Topic.objects.get(name=name)
        Interest.objects.create(subscriber=subscriber, kind=InterestKind.TOPIC, topic=topic, **fields)


def picks(subscriber: Subscriber) -> list[DigestItem]:
    _, items = compose.preview(subscriber, NOON)
    return [item for item in items if item.role == Role.PICK]


def categories(items: Sequence[DigestItem]) -> list[str]:
    return [item.paper.primary_category for item in items]


def of(papers: Sequence[Paper], category: str) -> list[Paper]:
    return [paper for paper in papers if paper.primary_category == category]


def test_forty_papers_on_one_subject_and_ten_on_another_bring_both(reader: Subscriber, papers: list[Paper]) -> None:
    named = [*of(papers, MAJOR)[:40], *of(papers, MINOR)[:10]]
    library = reader.interests.create(kind=InterestKind.LIBRARY, arxiv_ids=[one.identifier for one in named])
    interest_vectors.rebuild([library], EmbeddingModel.objects.get())
    reader.digest_size = 20
    found = categories(picks(reader))
    assert found.count(MAJOR) >= 10
    assert found.count(MINOR) >= 2


def test_less_like_this_moves_the_neighbourhood_with_the_next_digest(reader: Subscriber) -> None:
    follow(reader, LANGUAGE)
    before = {item.paper_id: item.relevance for item in picks(reader)}
    disliked, cosines = the_one_with_the_nearest_neighbour(list(before))
    reader.feedback.create(paper_id=disliked, kind=FeedbackKind.LESS, at=NOW)
    feedback_profile.rebuild(reader, EmbeddingModel.objects.get())
    after = {item.paper_id: item.relevance for item in picks(reader)}
    assert disliked not in after
    assert max(cosines.values()) > 0.52
    assert before.keys() & after.keys()
    for key in before.keys() & after.keys():
        assert before[key] - after[key] == pytest.approx(max(0.0, (cosines[key] - 0.5) / 2), abs=0.005)


def the_one_with_the_nearest_neighbour(papers: list[int]) -> tuple[int, dict[int, float]]:
    """One of the papers, and the cosines of the others to it."""
    vectors = np.stack([PaperVector.objects.get(paper=key).vector for key in papers])
    alike = vectors @ vectors.T - 2 * np.eye(len(papers))
    at = int(alike.max(axis=1).argmax())
    return papers[at], {key: float(cosine) for key, cosine in zip(papers, alike[at], strict=True) if key != papers[at]}


def test_required_terms_keep_out_what_lacks_them(reader: Subscriber) -> None:
    follow(reader, GAMES)
    reader.required_terms = ["auction", "auctions"]
    found = picks(reader)
    assert found
    assert all("auction" in f"{item.paper.title} {item.paper.abstract}".lower() for item in found)


def test_excluded_terms_keep_out_what_has_them(reader: Subscriber) -> None:
    follow(reader, GAMES)
    word = "mechanism"
    assert any(word in item.paper.abstract.lower().split() for item in picks(reader))
    reader.excluded_terms = [word]
    left = picks(reader)
    assert left
    assert not any(word in item.paper.abstract.lower().split() for item in left)


def test_a_followed_author_comes_whatever_the_paper_is_on(reader: Subscriber) -> None:
    follow(reader, LANGUAGE)
    reader.interests.create(kind=InterestKind.AUTHOR, text="van der Hofstad, Remco")
    found = picks(reader)
    [by_name] = [item for item in found if item.paper.primary_category == "cs.IT"]
    assert reason_words.why(by_name.reason, {}) == "By Remco van der Hofstad, whom you follow"
    assert categories(found).count(MAJOR) >= 5


def test_a_muted_topic_is_silent(reader: Subscriber) -> None:
    follow(reader, GAMES)
    follow(reader, LANGUAGE, muted=True)
    assert picks(reader)
    assert MAJOR not in categories(picks(reader))


def test_a_topic_that_nobody_wrote_about_gives_an_empty_digest(reader: Subscriber) -> None:
    follow(reader, ABSENT)
    assert picks(reader) == []


def test_a_thin_day_gives_a_short_digest_and_near_misses_beside_it(reader: Subscriber) -> None:
    follow(reader, GAMES)
    reader.required_terms = ["facility"]
    _, items = compose.preview(reader, NOON)
    assert 0 < sum(item.role == Role.PICK for item in items) < reader.digest_size
    follow(reader, ABSENT)
    assert ABSENT not in [item.reason["label"] for item in picks(reader)]


def test_two_papers_on_one_idea_make_one_entry(reader: Subscriber, papers: list[Paper]) -> None:
    follow(reader, GAMES)
    reader.required_terms = ["facility"]
    found = [item for item in picks(reader) if item.paper.identifier in PAIR]
    assert len(found) == 1
    [card] = pick_cards.cards(found)
    assert len(card.also) == 1
    assert "Facility Location" in card.also[0].title


def test_words_of_a_free_text_bring_what_holds_them_and_are_named(
    reader: Subscriber, vectors: dict[str, np.ndarray]
) -> None:
    text = "facility location"
    model = EmbeddingModel.objects.get()
    interest = reader.interests.create(kind=InterestKind.TEXT, text=text)
    learned = background.current(model)
    [subject] = interest_clusters.of_texts([text], encoded([text], vectors), learned)
    InterestVector.objects.create(interest=interest, model=model, background=learned.key, **columns(subject))
    first = picks(reader)[0]
    assert first.paper.identifier in PAIR
    assert "facility location" in [term.lower() for term in first.reason["terms"]]
