"""The meaning of a provider's report: from its many words and codes to the few meanings that we act upon.

A row of the table of providers knows its words, and the code of RFC 3463 that the other mail server gave can only make
a bounce milder: a reader who is dropped by mistake never learns why. A word that nobody knows means nothing.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from anymail.signals import AnymailTrackingEvent

from subscriptions.models import Meaning
from subscriptions.providers import table
from subscriptions.providers.heard import ByCode
from subscriptions.reports.safe_values import WHAT_VALUES_RAISE, without_addresses
from subscriptions.transport.reply_codes import codes_in

logger = logging.getLogger(__name__)
UNREADABLE = "unreadable"  # the type that we give an event that cannot be read
WORD_CHARACTERS = 80

# RFC 3463, from the whole code to its class. 5.1.7 and 5.1.8 are about the sender; 5.4.4 is a broken route (DNS).
CODES = {
    **dict.fromkeys(["5.1.7", "5.1.8", "5.2.3", "5.3.4", "5.4.3", "5.4.4", "5.4.6"], Meaning.BLOCKED),
    **dict.fromkeys(["5.5", "5.6", "5.7", "4.4.3", "4.4.4", "4.7"], Meaning.BLOCKED),
    **dict.fromkeys([*(f"5.1.{detail}" for detail in (0, 1, 2, 3, 4, 6, 9, 10)), "5.2.1"], Meaning.HARD),
    **dict.fromkeys(["5.5.0", "5", "4"], Meaning.SOFT),
}
MILDEST_FIRST = [Meaning.BLOCKED, Meaning.SOFT, Meaning.HARD]
# What Anymail, or a mail server without a code, gives as the reason of a refusal at hand-over.
ANSWERS = {
    **dict.fromkeys(["invalid", "inactive", "rejected", "bounced"], Meaning.REFUSED),
    **dict.fromkeys(["550", "551", "552", "553"], Meaning.SOFT),
    "unsubscribed": Meaning.UNSUBSCRIBED,
}
_unknown: set[str] = set()  # words of which the log has a warning, of this process


@dataclass(frozen=True, slots=True)
class Judged:
    """What a report means; word is the provider's, put together as in its file of the table."""

    meaning: Meaning
    word: str
    is_known: bool = True
    is_of_reading: bool = False


def judge(provider: str, event: AnymailTrackingEvent) -> Judged:
    """Judge a report by what its provider says; the first one with an unknown word leaves a warning in the log."""
    row = table.of_reports(provider)
    heard = row.heard if row else None
    word = _word(heard.word, event.esp_event) if heard else ""
    if heard and heard.is_of_reading(word):
        return Judged(Meaning.NOTHING, word, is_of_reading=True)
    if heard and word in heard.meanings:
        return Judged(_by_codes(heard.meanings[word], _answers(event)), word)
    if event.event_type != UNREADABLE:
        _note_unknown(provider, word)
    return Judged(Meaning.NOTHING, word, is_known=False)


def meaning_of_answer(answer: str) -> Meaning:
    """Return the meaning of a refusal at hand-over: by a code of RFC 3463 in it, or a word such as "rejected"."""
    return next(_codes([answer]), None) or ANSWERS.get(answer.strip().lower(), Meaning.NOTHING)


def forget_unknown() -> None:
    """Let the log have a warning of each unknown word anew."""
    _unknown.clear()


def _word(word_of: Any, report: Any) -> str:
    try:
        return without_addresses(str(word_of(report))[:WORD_CHARACTERS])
    except WHAT_VALUES_RAISE:
        return ""


def _by_codes(meaning: Meaning | ByCode, answers: list[str]) -> Meaning:
    if isinstance(meaning, ByCode):
        return _mildest(_codes(answers)) or meaning.otherwise
    if meaning in (Meaning.HARD, Meaning.SOFT):
        return _mildest([meaning, *_codes(answers)]) or meaning
    return meaning


def _note_unknown(provider: str, word: str) -> None:
    named = f"{provider}: {word}"
    if named in _unknown or len(_unknown) > 1000:
        return
    _unknown.add(named)
    line = "%s reports %r, which nobody here knows: nothing follows from it. Look whether a newer release does."
    logger.warning(line, provider, word, extra={"event": "report_unknown"})


def _mildest(meanings: Iterable[Meaning]) -> Meaning | None:
    present = set(meanings)
    return next((meaning for meaning in MILDEST_FIRST if meaning in present), None)


def _answers(event: AnymailTrackingEvent) -> list[str]:
    """Return the texts where the other mail server's answer may be; for SES and SendGrid a field of its own."""
    statuses = _fields(event.esp_event, "status")
    return [str(text) for text in (event.mta_response, event.description, *statuses) if text]


def _fields(report: Any, name: str) -> Iterator[str]:
    if isinstance(report, Mapping):
        for key, value in report.items():
            if str(key).lower() == name and isinstance(value, str):
                yield value
            else:
                yield from _fields(value, name)
    elif isinstance(report, list):
        for value in report:
            yield from _fields(value, name)


def _codes(texts: Iterable[str]) -> Iterator[Meaning]:
    for text in texts:
        for kind, subject, detail in codes_in(text):
            wholes = (f"{kind}.{subject}.{detail}", f"{kind}.{subject}", kind)
            yield next(CODES[code] for code in wholes if code in CODES)
