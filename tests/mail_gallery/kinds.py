"""Every kind of mail that the service sends, by name: digests of several shapes, and the account mails."""

from itertools import cycle
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from papers.models import ChangeKind, Edition, EditionEntry, Paper
from papers.records import PaperRecord
from papers.sources import jsonl
from tests.mail_gallery import written
from tests.mail_gallery.extremes.extreme import SENTENCE
from tests.mail_gallery.written import Pick
from tests.subscriptions.conftest import MORNING, TODAY

SAMPLE = Path(settings.BASE_DIR) / "papers" / "sample" / "papers.jsonl"
TITLE = "A title that is nearly as long as titles are shown, with words of many lengths, on robots that fall and rise "
TEXT = "robots that learn from demonstrations"
INTERESTS: list[dict[str, Any]] = [
    {"kind": "topic", "label": "LLM agents and tool use", "closeness": 0.74, "closeness_words": "close"},
    {"kind": "text", "label": TEXT, "closeness": 0.52, "closeness_words": "related", "terms": ["robots", "imitation"]},
    {"kind": "papers", "label": "a paper you named", "closeness": 0.88, "closeness_words": "very close"},
]
UNKNOWN = {"kind": "", "label": "", "closeness": 0.0, "closeness_words": "", "trend": 0.98}
NEWS = [
    {"id": 1, "kind": ChangeKind.REVISED.value, "detail": "v2"},
    {"id": 2, "kind": ChangeKind.CODE_ADDED.value, "detail": "https://github.com/example/falling-less-often"},
]
NOTE = "Half of today’s papers are about agents. Two of them disagree; read both."


def every() -> dict[str, EmailMultiAlternatives]:
    """Write them all, and the digests of all made-up papers; the papers of each are stored."""
    return usual() | {
        f"digest-extreme-{n:02}": mail for n, mail in enumerate(written.digests(written.extreme_picks().values()), 1)
    }


def usual() -> dict[str, EmailMultiAlternatives]:
    """Write one of each kind, of papers as they are."""
    papers = of_the_sample()
    return {
        "digest-one-paper": written.digest(_picks(papers[:1]), digest_size=10),
        "digest-ten-papers": written.digest(_picks(papers[:10]), papers[20:23]),
        "digest-all-sections": _all_sections(papers),
        "digest-cold-start": written.digest([Pick(paper, UNKNOWN) for paper in papers[:5]]),
        "digest-catch-up": _catch_up(papers),
        "digest-asks-for-a-sign": written.digest(_picks(papers[:3]), asked_on=TODAY),
        "digest-twenty-long-papers": written.digest(_picks(written.stored(long_records()))),
        **written.account_mails(),
    }


def of_the_sample() -> list[Paper]:
    """Store the bundled papers, and return those with most attention first."""
    with jsonl.fetch(SAMPLE) as lines:
        stored = written.stored(jsonl.parse(lines, lambda number, problem: None))
    return sorted(stored, key=lambda paper: (-(paper.trend or 0), paper.identifier))


def _picks(papers: list[Paper]) -> list[Pick]:
    """Pick papers for one interest after the other."""
    return [
        Pick(paper, {"sentence": written.answering(paper), "trend": paper.trend} | why)
        for paper, why in zip(papers, cycle(INTERESTS), strict=False)
    ]


def _all_sections(papers: list[Paper]) -> EmailMultiAlternatives:
    """Write what is rare on one day: curator's words, people followed, one from outside, news, papers that gave way."""
    picks = _picks(papers[:8])
    picks[0].reason["folded"] = [paper.pk for paper in papers[30:32]]
    picks[5].reason.update({"kind": "author", "label": "", "people": papers[5].shown_authors[:1]})
    picks[6].reason.update({"explored": True})
    picks[7].reason.update({"took_off": {"since": "2026-06-12", "then": 4, "now": 61, "kind": "upvotes"}})
    EditionEntry.objects.filter(paper=picks[1].paper).update(note="Read it for its appendix.")
    Edition.objects.update_or_create(date=TODAY, defaults={"note": NOTE})
    mail = written.digest(picks, papers[20:22], [Pick(paper, {"changes": NEWS}) for paper in papers[40:42]])
    Edition.objects.filter(date=TODAY).update(note="")
    EditionEntry.objects.filter(paper=picks[1].paper).update(note="")
    return mail


def _catch_up(papers: list[Paper]) -> EmailMultiAlternatives:
    picks = _picks(papers[:4])
    for pick in picks:
        pick.reason["catch_up"] = True
    return written.digest(picks)


def long_records() -> list[PaperRecord]:
    """Twenty papers as long as real ones get, with code and ten authors."""
    day = MORNING.date()
    return [
        PaperRecord(
            f"2606.7{number:04}",
            f"{number} times: {TITLE * 2}",
            SENTENCE * 20,
            authors=tuple(f"Somebody-With A. Double-Name the {n}th" for n in range(10)),
            categories=("cond-mat.stat-mech", "physics.data-an", "astro-ph.IM", "cs.RO"),
            announced_on=day,
            github_repo=f"https://github.com/somebody-with-a-long-name/a-repository-with-a-long-name-{number}",
        )
        for number in range(20)
    ]
