"""SPF of a domain: who may send under its name."""

from collections.abc import Iterator

from django.conf import settings

from subscriptions.doctor.findings import REFUSED, Finding, error, fine, warning
from subscriptions.doctor.names import texts

MOST_LOOKUPS = 10  # RFC 7208, 4.6.4: above, receivers give up and treat it as broken
ASKING = ("include", "a", "mx", "ptr", "exists", "redirect")


def examine(domain: str) -> Iterator[Finding]:
    records, subject = records_of(domain), f"SPF of {domain}"
    if not records:
        remedy = 'Add one TXT record to the domain, such as "v=spf1 include:… -all", as your mail provider says.'
        # A provider's API sends from a return address of its own, whose domain has a record.
        grade = warning if settings.EMAIL_BACKEND.startswith("anymail.backends.") else error
        yield grade(subject, "There is no record.", why=REFUSED, remedy=remedy)
    elif len(records) > 1:
        remedy = "Join them into one TXT record."
        yield error(subject, f"There are {len(records)} records.", why="Receivers then use none.", remedy=remedy)
    else:
        yield from of_record(records[0], subject)


def of_record(record: str, subject: str) -> Iterator[Finding]:
    if lets_everybody(record):
        remedy = 'End it with "-all" instead.'
        yield error(subject, '"+all" lets everybody send.', why="Spam under your name ruins it.", remedy=remedy)
    elif lookups(record) > MOST_LOOKUPS:
        why = "Receivers stop at ten and treat it as broken."
        remedy = "Remove includes of services that you no longer use."
        yield error(subject, "It needs more than ten questions to the DNS.", why=why, remedy=remedy)
    elif not has_an_end(record):
        why, remedy = "It then says nothing about strangers.", 'End it with "-all" or "~all".'
        yield warning(subject, 'It does not end with "all".', why=why, remedy=remedy)
    else:
        yield fine(subject, record)


def records_of(domain: str) -> list[str]:
    return [text for text in texts(domain) if text.lower().split()[:1] == ["v=spf1"]]


def lets_everybody(record: str) -> bool:
    return not {"all", "+all"}.isdisjoint(record.lower().split())


def has_an_end(record: str) -> bool:
    """Whether it says what becomes of everyone else."""
    terms = record.lower().split()
    return any(term.lstrip("+-~?") == "all" or term.startswith("redirect=") for term in terms)


def lookups(record: str, left: int = MOST_LOOKUPS) -> int:
    """How many questions to the DNS the record costs, those of the records it includes too; counted until left + 1."""
    count = 0
    for term in record.lower().split()[1:]:
        if count > left:
            break
        count += _cost(term.lstrip("+-~?"), left - count - 1)
    return count


def _cost(term: str, left: int) -> int:
    name, value = _parts(term)
    if name not in ASKING:
        return 0
    other = records_of(value) if name in {"include", "redirect"} and "%" not in value and left >= 0 else []
    return 1 + sum(lookups(record, left) for record in other[:1])


def _parts(term: str) -> tuple[str, str]:
    """A term's name and what it names, of "include:example.org", "redirect=example.org" and "a/24"."""
    for sign in (":", "=", "/"):
        name, found, value = term.partition(sign)
        if found:
            return name, value
    return term, ""
