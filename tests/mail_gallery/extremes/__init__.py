"""Made-up papers that are hard to show in a mail, each for a reason that stands beside it; ALL has them by name."""

from datetime import datetime, timedelta

from papers.records import PaperRecord, SignalRecord
from tests.mail_gallery.extremes import attention, links, people, reasons, scripts, texts, titles
from tests.mail_gallery.extremes.extreme import SENTENCE, Extreme

FIRST = 80_001  # the number of the first, within a month of arXiv's
ALL: dict[str, Extreme] = {
    **titles.TITLES,
    **scripts.SCRIPTS,
    **texts.TEXTS,
    **people.PEOPLE,
    **links.LINKS,
    **attention.ATTENTION,
    **reasons.REASONS,
}


def records(now: datetime) -> dict[str, PaperRecord]:
    """By name, as a source would have served them yesterday, with counts of two days."""
    return {name: _record(number, one, now) for number, (name, one) in enumerate(ALL.items(), FIRST)}


def _record(number: int, one: Extreme, now: datetime) -> PaperRecord:
    day = now.date() - timedelta(days=1)
    usual = {
        "identifier": f"2606.{number}",
        "title": f"An ordinary title of a paper, its number {number}",
        "abstract": SENTENCE * 5,
        "authors": ("Ada Lovelace", "Bo Ek", "Chidi Okonkwo"),
        "categories": ("cs.RO", "cs.LG"),
        "announced_on": day,
        "listed_on": day,
        "signals": _counts(one, now),
    }
    return PaperRecord(**usual | one.paper)


def _counts(one: Extreme, now: datetime) -> tuple[SignalRecord, ...]:
    ago = timedelta(hours=26), timedelta(hours=1)
    return tuple(
        SignalRecord(kind, value, now - before)
        for kind, values in one.counts.items()
        for value, before in zip(values, ago, strict=True)
    )
