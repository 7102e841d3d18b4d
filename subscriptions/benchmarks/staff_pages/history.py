"""Weeks of a site's life behind its readers and papers: runs, digests, reports, consents. Simulated, made in bulk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import F
from tqdm import tqdm

from papers.models import (
    Edition,
    FeedState,
    Paper,
    PaperChange,
    Signal,
    SignalKind,
    Topic,
)
from papers.models.papers import ChangeKind
from recommender.models import PaperTopic
from subscriptions.benchmarks.staff_pages.filling import Raw, insert, minutes_after, some_bytes
from subscriptions.limits import kill_switch
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    BounceScore,
    Breaker,
    Consent,
    DeliveryEvent,
    DeliveryStatus,
    Digest,
    DigestItem,
    EventStatus,
    Meaning,
    Run,
    SignUp,
    Subscriber,
    SubscriberStatus,
    Suppression,
)

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
HOURS, A_YEAR = 24, 52
ITEM_DAYS = 3  # of which the papers of each digest are stored
PICKS = 10
FIELDS = ("cs.LG", "cs.CL", "cs.CV", "math.CO", "stat.ML", "q-bio.BM", "physics.optics", "eess.AS")
SOURCES = ("arxiv", "huggingface", "arxiv-api", "github", "arxiv-oai")
CATEGORIES = 150
SCATTER = 397  # so that neighbours end in different ways
READINGS = 30  # of each paper's attention
# How digests end, by the reader's key: of a thousand so many; all others are sent.
ENDS: Sequence[tuple[int, DeliveryStatus, str]] = (
    (20, DeliveryStatus.SKIPPED, "empty"),
    (3, DeliveryStatus.SKIPPED, "paused"),
    (2, DeliveryStatus.SKIPPED, "late"),
    (3, DeliveryStatus.FAILED, "The mail provider refused the address (AnymailRecipientsRefused 406)."),
    (1, DeliveryStatus.FAILED, "The mail provider refused the message (AnymailAPIError 413)."),
    (1, DeliveryStatus.UNCERTAIN, "The mail provider's answer was lost, it may have left (ReadTimeout)."),
)
# Of a hundred readers, by what is left of their key, those who are not active.
OTHERS = {
    SubscriberStatus.PAUSED: (3, 4),
    SubscriberStatus.UNSUBSCRIBED: (5, 6, 7),
    SubscriberStatus.SUPPRESSED: (8,),
    SubscriberStatus.PENDING: (9, 10),
}


def live(days: int, now: datetime) -> None:
    """Add so many days, the last of which ends now, to a database of readers and papers."""
    _papers()
    _people(now)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for ago in tqdm(range(days - 1, -1, -1), desc="Making days", disable=None):
        _day(today - ago * DAY, now, with_items=ago < ITEM_DAYS)
    _others(now)
    _statuses()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _papers() -> None:
    """Give papers the days of their editions, and fields, topics, changes and counts of attention."""
    for number, edition in enumerate(Edition.objects.all()):
        mine = Paper.objects.filter(entries__edition=edition)
        category = FIELDS[number % len(FIELDS)]
        mine.update(
            announced_on=edition.date,
            listed_on=edition.date,
            field=category.partition(".")[0],
            primary_category=category,
            plain_title=F("title"),
            plain_abstract=F("abstract"),
        )
        day = datetime.fromisoformat(f"{edition.date}T06:00+00:00")
        papers = f"papers_editionentry e CROSS JOIN {_numbers(READINGS)} WHERE e.edition_id = {edition.pk}"
        value, seen = Raw("n.n * (e.paper_id %% 40)"), minutes_after(day, "60 * n.n")
        insert(Signal, papers, paper_id=Raw("e.paper_id"), kind=SignalKind.values[0], value=value, observed_at=seen)
    moment = minutes_after(day, "p.id")
    revised = {"kind": ChangeKind.values[0], "detail": "v2", "noticed_at": moment}
    insert(PaperChange, "papers_paper p WHERE true", paper_id=Raw("p.id"), **revised)
    nearest = Raw(f"(SELECT MIN(t.id) FROM papers_topic t) + p.id %% {Topic.objects.count()}")
    insert(PaperTopic, "papers_paper p WHERE true", paper_id=Raw("p.id"), topic_id=nearest, similarity=0.5)


def _numbers(count: int) -> str:
    return f"(SELECT row_number() OVER () AS n FROM papers_paper LIMIT {count}) n"


def _people(now: datetime) -> None:
    """Let readers have come week by week through a year, with their consent and two mails each."""
    for week in range(A_YEAR):
        came = now - week * WEEK
        mine = Subscriber.objects.annotate(week=F("pk") % A_YEAR).filter(week=week)
        mine.update(created_at=came, confirmed_at=came, next_digest_at=now + HOUR * (1 + week % HOURS))
        mine_again = f"subscriptions_subscriber s WHERE s.id %% {A_YEAR} = {week}"
        times = {"requested_at": came, "confirmed_at": came, "form_text_hash": "0" * 64}
        insert(
            Consent,
            mine_again,
            handle=some_bytes(),
            subscriber_id=Raw("s.id"),
            email=Raw("s.email"),
            wishes={},
            **times,
        )
        for kind in (AccountMailKind.CONFIRM, AccountMailKind.WELCOME):
            sent = {"status": DeliveryStatus.SENT, "claimed_at": came, "finished_at": came, "next_attempt_at": came}
            insert(AccountMail, mine_again, subscriber_id=Raw("s.id"), kind=kind, created_at=came, **sent)


def _day(day: datetime, now: datetime, with_items: bool) -> None:
    for hour in range(HOURS):
        due = day + hour * HOUR
        if due > now:
            return
        run = Run.objects.create(hour=due, closed_at=due + HOUR if due + HOUR < now else None)
        run.eligible = _digests(run, due)
        run.save(update_fields=["eligible"])
        _reports(run, due)
    if with_items:
        _items(day)


def _digests(run: Run, due: datetime) -> int:
    ends = minutes_after(due, f"s.id / {HOURS} %% 50")
    source = f"subscriptions_subscriber s WHERE s.id %% {HOURS} = {due.hour}"
    times = {"due_at": due, "next_attempt_at": due, "claimed_at": ends, "finished_at": ends, "composed_at": due}
    known_by = Raw("'mail-' || s.id || '-' || %s", (due.isoformat(),))
    return insert(
        Digest,
        source,
        handle=some_bytes(),
        subscriber_id=Raw("s.id"),
        run_id=run.pk,
        local_date=due.date(),
        status=_by_end(1, DeliveryStatus.SENT),
        reason=_by_end(2, ""),
        attempts=1,
        considered=1_400,
        provider_id=known_by,
        **times,
    )


def _by_end(part: int, otherwise: str) -> Raw:
    whens, values, bound = [], [], 0
    for count, *words in ENDS:
        bound += count
        whens.append(f"WHEN s.id * {SCATTER} %% 1000 < {bound} THEN %s")
        values.append(str(words[part - 1]))
    return Raw(f"CASE {' '.join(whens)} ELSE %s END", (*values, otherwise))


def _reports(run: Run, due: datetime) -> None:
    """Let the provider report each mail that was sent as delivered, a few as bounced."""
    bounces = Raw("CASE WHEN d.subscriber_id %% 500 = 1 THEN %s ELSE %s END", ("bounced", "delivered"))
    meaning = Raw("CASE WHEN d.subscriber_id %% 500 = 1 THEN %s ELSE %s END", (Meaning.SOFT, Meaning.DELIVERED))
    source = f"subscriptions_digest d WHERE d.run_id = {run.pk} AND d.status = 'sent'"
    insert(
        DeliveryEvent,
        source,
        digest_id=Raw("d.id"),
        subscriber_id=Raw("d.subscriber_id"),
        provider="postmark",
        event_id=Raw("'event-' || d.id"),
        provider_id=Raw("d.provider_id"),
        event_type=bounces,
        meaning=meaning,
        happened_at=due + HOUR,
        received_at=due + HOUR,
        next_attempt_at=due + HOUR,
        status=EventStatus.DONE,
    )


def _items(day: datetime) -> None:
    papers = Paper.objects.count()
    first = Paper.objects.order_by("pk").values_list("pk", flat=True)[0]
    date_literal = f"'{day:%Y-%m-%d}'"
    source = (
        f"subscriptions_digest d CROSS JOIN {_numbers(PICKS)} WHERE d.local_date = {date_literal}"
        " AND d.status IN ('sent', 'uncertain')"
    )
    paper = Raw(f"{first} + (d.subscriber_id * 17 + {day.toordinal()} * {PICKS} + n.n) %% {papers}")
    interest = Raw("(SELECT MIN(i.id) FROM subscriptions_interest i WHERE i.subscriber_id = d.subscriber_id)")
    insert(
        DigestItem,
        source,
        digest_id=Raw("d.id"),
        subscriber_id=Raw("d.subscriber_id"),
        paper_id=paper,
        interest_id=interest,
        rank=Raw("n.n"),
        score=0.5,
        relevance=0.5,
        reason={},
    )


def _others(now: datetime) -> None:
    """Make what there is little of: states of sources, suppressions, forms that wait, scores, the log of staff."""
    kill_switch.ensure()
    FeedState.objects.bulk_create(_feeds(now))
    Breaker.objects.create(provider="postmark", failures=2, reason="503", changed_at=now)
    Suppression.objects.bulk_create(
        Suppression(address_hash=key.to_bytes(16, "big"), reason="complaint") for key in range(500, 1_500)
    )
    BounceScore.objects.bulk_create(
        BounceScore(address_hash=key.to_bytes(16, "big"), score=key % 3, counted_on=now.date()) for key in range(2_000)
    )
    SignUp.objects.bulk_create(
        SignUp(email=f"new{key}@example.org", requested_at=now, next_attempt_at=now) for key in range(200)
    )
    clara, about = User.objects.create_user("clara"), ContentType.objects.get_for_model(Subscriber)
    seen = {"user": clara, "content_type": about, "action_flag": CHANGE, "change_message": "Looked at a preview."}
    LogEntry.objects.bulk_create(
        LogEntry(object_id=str(key), object_repr=f"subscriber {key}", **seen) for key in range(5_000)
    )


def _feeds(now: datetime) -> Iterator[FeedState]:
    for source in SOURCES:
        yield _feed(source, "", now)
    for number in range(CATEGORIES):
        yield _feed("arxiv", f"{FIELDS[number % len(FIELDS)][:2]}.{number:03}", now)


def _feed(source: str, category: str, now: datetime) -> FeedState:
    day: date = now.date()
    answered: dict[str, Any] = {"last_attempt_at": now, "last_success_at": now, "last_batch_on": day, "dated_on": day}
    return FeedState(source=source, category=category, items=200, usual_items=190.0, **answered)


def _statuses() -> None:
    """Let some readers be no longer, or not yet, active; last, since all of them had digests."""
    for status, remainders in OTHERS.items():
        mine = Subscriber.objects.annotate(left=F("pk") % 100).filter(left__in=remainders)
        mine.update(status=status, **({"paused_because": "asked"} if status == SubscriberStatus.PAUSED else {}))
    pending = Subscriber.objects.filter(status=SubscriberStatus.PENDING)
    pending.update(confirmed_at=None, next_digest_at=None)
