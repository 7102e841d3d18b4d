"""What a reader is told about arXiv's announcement: which one it is, how much came, what is late, when the next is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from papers.arxiv.announcements import DAY, batch_on_or_after, eastern_date, next_announcement, why_quiet
from papers.arxiv.archives import is_within
from papers.feeds import feed_states
from papers.feeds.health import BEHIND, CALENDARS, by_calendar, judge
from papers.models import FeedState

NAMED = 3  # late categories are named up to here, beyond they are counted


@dataclass(frozen=True, slots=True)
class Header:
    """The newest announcement that came; papers counts the new ones in it, in the reader's categories."""

    announced_on: date
    papers: int
    is_own: bool  # the reader has categories; else they are all
    today: date  # by Eastern time
    next_announcement: datetime
    late: tuple[str, ...] = ()  # categories that are late, stale or failing
    missing: date | None = None  # the announcement that has not come at all

    @property
    def quiet(self) -> str:
        """Return 'weekend' or 'holiday' where nothing is announced today, and nothing was all the same; else ''."""
        return why_quiet(self.today) if self.announced_on < self.today else ""

    @property
    def words(self) -> str:
        coming = f"{self.next_announcement:%a %H:%M} ET"
        if self.quiet and not self.late and not self.missing:
            return f"No arXiv announcement today ({self.quiet}); next: {coming}."
        return f"{'; '.join(filter(None, (_news_words(self), _late_words(self))))}. Next: {coming}."


class Announced:
    """What the feeds hold at one time, loaded once for many readers."""

    def __init__(self, now: datetime) -> None:
        rows = {
            row.category: feed_states.believable(row, now) for row in FeedState.objects.filter(source=feed_states.ARXIV)
        }
        self._now, self._whole = now, rows.pop("", None)
        rows.pop(feed_states.FROM_FILE, None)
        self._rows = [(name, row, judge(row, now) in BEHIND) for name, row in sorted(rows.items())]
        self._known: dict[frozenset[str], Header | None] = {}

    def header(self, categories: Collection[str]) -> Header | None:
        """Return the header for a reader of these categories or archives, of all for none; None before any feed."""
        wanted = frozenset(categories)
        if wanted not in self._known:
            self._known[wanted] = self._header(wanted)
        return self._known[wanted]

    def _header(self, categories: frozenset[str]) -> Header | None:
        whole, now = self._whole, self._now
        if whole is None or whole.last_batch_on is None:
            return None
        read = [row for row in self._rows if not categories or is_within(row[0], categories)]
        missing = _missing_announcement(whole, now)
        return Header(
            announced_on=whole.last_batch_on,
            papers=sum(row.items for _, row, _ in read if row.last_batch_on == whole.last_batch_on),
            is_own=bool(categories),
            today=eastern_date(now),
            next_announcement=next_announcement(now),
            late=() if missing else tuple(name for name, _, is_late in read if is_late),
            missing=missing,
        )


def edition_header(categories: Collection[str], now: datetime) -> Header | None:
    """Return the header for a reader of these categories or archives, of all for none; None before the first feed."""
    return Announced(now).header(categories)


def _missing_announcement(whole: FeedState, now: datetime) -> date | None:
    """Return the date of the announcement that is late as a whole; a failed attempt is not a reader's concern."""
    calendar = CALENDARS[feed_states.ARXIV]
    if by_calendar(whole, now, calendar) not in BEHIND:
        return None
    return max(calendar.due(now), whole.dated_on or calendar.due(now))


def _news_words(header: Header) -> str:
    if header.quiet:
        return f"No arXiv announcement today ({header.quiet})"
    if header.missing:
        return ""
    number = f"{header.papers:,}" if header.papers else "no"
    papers = f"{number} paper{'' if header.papers == 1 else 's'}{' in your categories' if header.is_own else ''}"
    return f"arXiv announcement of {_day_words(header.announced_on)}: {papers}"


def _late_words(header: Header) -> str:
    """Say 'cs.AI is late and will be added tomorrow', or on Monday; '' where nothing is late."""
    if header.missing:
        which = "that" if header.quiet else "The arXiv announcement"
        return f"{which} of {_day_words(header.missing)} is late and will be added when it comes"
    if not header.late:
        return ""
    batch = batch_on_or_after(header.today + DAY)
    when = "tomorrow" if batch == header.today + DAY else f"on {batch:%A}"
    return f"{listed(header.late)} {'is' if len(header.late) == 1 else 'are'} late and will be added {when}"


def listed(names: Sequence[str]) -> str:
    """Join names: 'cs.AI', 'cs.AI and cs.CL', 'cs.AI, cs.CL, cs.LG and 4 more'."""
    shown = list(names) if len(names) <= NAMED + 1 else [*names[:NAMED], f"{len(names) - NAMED} more"]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _day_words(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
