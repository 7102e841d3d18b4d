"""Five people who differ, what they do with their mails, and what happens to the papers that one of them keeps."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from papers.ingest import saving
from papers.models import Paper, Topic
from papers.records import PaperRecord
from subscriptions import lifecycle
from subscriptions.interests import feedback
from subscriptions.models import DeliveryStatus, Digest, FeedbackKind, Role, Subscriber
from subscriptions.people.wishes import Wishes, replace_interests, wishes_of
from tests.fortnight.source import Source

ENGINEER, LIBRARY, FOLLOWER, NICHE, NEWCOMER = range(1, 6)
# Two people's papers as one library: somebody with two fields, video generation and models of small languages.
OWNERS = ("hf_887cf756dfa1", "hf_affe000ac419")
LIBRARY_SIZE = 40
WORK = re.compile(r"KV|quanti[sz]|speculative|sparse attention|long[- ]context|inference|serving", re.IGNORECASE)


def library(source: Source) -> list[str]:
    """Return the identifiers of somebody's library."""
    return [paper for person in OWNERS for paper in source.read_by(person)][:LIBRARY_SIZE]


def wishes(source: Source) -> dict[int, Wishes]:
    """Return what each reader asks for, by number."""
    return {
        ENGINEER: Wishes(
            topics=_topics("efficient-inference-quantization", "distributed-systems-databases"),
            texts=("efficient inference for long context language models", "speculative decoding and KV cache reuse"),
            timezone="Europe/Berlin",
        ),
        LIBRARY: Wishes(library=tuple(library(source)), timezone="America/New_York", send_hour=7),
        FOLLOWER: Wishes(
            topics=_topics("interpretability"),
            authors=("Stella Biderman", "Trung-Nghia Le"),
            labs=("NVIDIA",),
            timezone="Europe/London",
            digest_size=5,
        ),
        NICHE: Wishes(
            topics=_topics("probability-combinatorics"),
            texts=("finite element methods for fracture and contact mechanics",),
            timezone="Asia/Kolkata",
            send_hour=11,
        ),
        NEWCOMER: Wishes(timezone="UTC"),
    }


def _topics(*slugs: str) -> tuple[int, ...]:
    return tuple(Topic.objects.filter(slug__in=slugs).values_list("pk", flat=True))


def address(number: int) -> str:
    return f"reader-{number}@example.org"


def person(number: int) -> Subscriber:
    return Subscriber.objects.get(email=address(number))


def sign_up(source: Source, now: datetime) -> None:
    for number, wanted in wishes(source).items():
        lifecycle.sign_up(address(number), wanted, form_text_hash="fortnight", now=now)
        assert lifecycle.confirm(person(number).consents.get(), now)


def _keep_and_rate(now: datetime) -> None:
    """The engineer keeps two papers that speak of their work, and wants less like the last one that does not."""
    digest = Digest.objects.filter(subscriber=person(ENGINEER), status=DeliveryStatus.SENT).latest("local_date")
    if digest.local_date == now.date():
        papers = [item.paper for item in digest.items.filter(role=Role.PICK).order_by("rank")]
        wanted = [paper.identifier for paper in papers if WORK.search(paper.title)]
        unwanted = [paper.identifier for paper in papers if not WORK.search(f"{paper.title} {paper.abstract}")]
        words = dict.fromkeys(wanted[:2], FeedbackKind.SAVE) | dict.fromkeys(unwanted[-1:], FeedbackKind.LESS)
        feedback.rate(digest, words, now)


def _follow_something(now: datetime) -> None:
    reader = person(NEWCOMER)
    replace_interests(reader, replace(wishes_of(reader), texts=("robots that learn from demonstrations",)), now)


EVENINGS: dict[date, Callable[[datetime], None]] = {
    **{date(2026, 6, day): _keep_and_rate for day in range(10, 16)},
    date(2026, 6, 13): _follow_something,
}


# Made up: nothing of this happened to these papers. It is what happens to kept papers now and then.
def _revised(paper: PaperRecord) -> PaperRecord:
    more = " This version adds an ablation and corrects the memory figures of Table 2."
    people = (*paper.authors, "Mara Example")
    return replace(paper, version=2, abstract=paper.abstract + more, authors=people, comment="v2: corrected Table 2")


def _with_code(paper: PaperRecord) -> PaperRecord:
    return replace(paper, github_repo=f"https://github.com/example/{paper.identifier}")


def _withdrawn(paper: PaperRecord) -> PaperRecord:
    return replace(paper, version=2, withdrawn=True, comment="Withdrawn by the authors: an error in Theorem 1")


def _published(paper: PaperRecord) -> PaperRecord:
    return replace(paper, doi=f"10.5555/{paper.identifier}", journal_ref="Journal of Examples 7 (2026) 1-20")


NIGHTS: dict[date, Callable[[PaperRecord], PaperRecord]] = {
    date(2026, 6, 15): _revised,
    date(2026, 6, 16): _with_code,
    date(2026, 6, 17): _withdrawn,
    date(2026, 6, 18): _published,
}


def change_kept_papers(now: datetime) -> None:
    """On such a night, let something happen to the oldest of the engineer's papers that nothing has happened to."""
    change = NIGHTS.get(now.date())
    if change:
        kept = [word.paper for word in feedback.saved(person(ENGINEER)).order_by("at", "pk")]
        untouched = [paper for paper in kept if paper.version == 1 and not (paper.github_repo or paper.doi)]
        saving.save([change(_as_record(paper)) for paper in untouched[:1]], now)


def _as_record(paper: Paper) -> PaperRecord:
    return PaperRecord(
        identifier=paper.identifier,
        title=paper.title,
        abstract=paper.abstract,
        authors=tuple(paper.authors),
        categories=tuple(paper.categories),
        version=paper.version or 1,
    )
