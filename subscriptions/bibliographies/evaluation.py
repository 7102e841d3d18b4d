"""Read a folder of bibliographies and account for every entry that begins in them."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from papers.evaluation.rows import DataUnusable
from subscriptions.bibliographies import files
from subscriptions.bibliographies.entries import BibliographyError, Entry
from subscriptions.bibliographies.reading import Lines, Unreadable

HEADS = ("format", "begun", "read", "unread", "lost", "arXiv", "DOI", "title", "ms", "file")
COUNTS = ("begun", "read", "arxiv_ids", "dois", "titles", "milliseconds")


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the entries of one file; or why there are none."""

    file: str
    format: str = ""
    refusal: str = ""
    begun: int = 0
    read: int = 0
    unreadable: tuple[tuple[int, str], ...] = ()  # line and reason
    lost: tuple[int, ...] = ()  # lines in which an entry seems to begin, of which nothing came and nothing is told
    arxiv_ids: int = 0  # entries that have one; so are DOIs and titles counted
    dois: int = 0
    titles: int = 0
    milliseconds: float = 0.0  # of a processor


def accounts(folder: Path) -> list[Account]:
    """Read every file of the folder, without the limit of entries; raise DataUnusable if there is none."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    if not paths:
        raise DataUnusable(f"There is no file in {folder}; name a folder of bibliographies.")
    return [_account(path, str(path.relative_to(folder))) for path in paths]


def _account(path: Path, name: str) -> Account:
    start = time.process_time()
    try:
        text = files.decoded(path.read_bytes())
        format_module, _ = files.format_of(text)
        found = list(format_module.read(text))
    except BibliographyError as error:
        return Account(name, refusal=str(error))
    seconds = time.process_time() - start
    lines = Lines(text)
    begun = Counter(lines.of(beginning.start()) for beginning in format_module.begun(text))
    return _counted(name, format_module.NAME, found, begun, seconds)


def _counted(
    name: str, format_name: str, found: Sequence[Entry | Unreadable], begun: Counter[int], seconds: float
) -> Account:
    entries = [entry for entry in found if isinstance(entry, Entry)]
    lost = begun - Counter(one.line for one in found)
    return Account(
        file=name,
        format=format_name,
        begun=len(found) + lost.total(),
        read=len(entries),
        unreadable=tuple((one.line, one.reason) for one in found if isinstance(one, Unreadable)),
        lost=tuple(sorted(lost.elements())),
        arxiv_ids=sum(bool(entry.arxiv_id) for entry in entries),
        dois=sum(bool(entry.doi) for entry in entries),
        titles=sum(bool(entry.title) for entry in entries),
        milliseconds=round(1000 * seconds, 1),
    )


def lost(found: Iterable[Account]) -> int:
    """Count the entries that begin, and are neither read nor told."""
    return sum(len(account.lost) for account in found)


def as_json(found: Iterable[Account]) -> str:
    return json.dumps([asdict(account) for account in found], ensure_ascii=False)


def table(found: Sequence[Account]) -> Iterator[str]:
    """Yield a line a file, below it a line for each entry that could not be read, and the sum."""
    yield "{:>15} {:>6} {:>6} {:>6} {:>5} {:>6} {:>6} {:>6} {:>8}  {}".format(*HEADS)
    for account in found:
        yield _row(account) if account.format else f"{'none':>15}  {account.file}: {account.refusal}"
        yield from (f"{'':>17}line {line}: {reason}" for line, reason in account.unreadable)
        yield from (f"{'':>17}line {line}: lost, and not told" for line in account.lost)
    yield _row(_sum([account for account in found if account.format]))


def _row(account: Account) -> str:
    counts = f"{account.begun:>6} {account.read:>6} {len(account.unreadable):>6} {len(account.lost):>5}"
    ids = f"{account.arxiv_ids:>6} {account.dois:>6} {account.titles:>6} {account.milliseconds:>8.1f}"
    return f"{account.format:>15} {counts} {ids}  {account.file}"


def _sum(found: Sequence[Account]) -> Account:
    counts = {name: sum(getattr(account, name) for account in found) for name in COUNTS}
    return Account(
        file=f"{len(found)} files",
        format="all",
        unreadable=tuple(one for account in found for one in account.unreadable),
        lost=tuple(line for account in found for line in account.lost),
        **counts,
    )
