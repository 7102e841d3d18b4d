"""SPF of a domain: who may send under its name. checkdmarc reads the record, and those that it includes."""

from collections.abc import Iterator

from checkdmarc import spf, utils
from django.conf import settings
from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer

from subscriptions.doctor.findings import REFUSED, Finding, error, fine, warning
from subscriptions.doctor.senders.dns_records import PATIENCE, resolver, texts

VERSION = "v=spf1"


def examine(domain: str) -> Iterator[Finding]:
    records, subject = _records_of(domain), f"SPF of {domain}"
    if not records:
        remedy = 'Add one TXT record to the domain, such as "v=spf1 include:… -all", as your mail provider says.'
        # A provider's API sends from a return address of its own, whose domain has a record.
        grade = warning if settings.EMAIL_BACKEND.startswith("anymail.backends.") else error
        yield grade(subject, "There is no record.", why=REFUSED, remedy=remedy)
    elif len(records) > 1:
        remedy = "Join them into one TXT record."
        yield error(subject, f"There are {len(records)} records.", why="Receivers then use none.", remedy=remedy)
    else:
        yield _of_record(records[0], domain, subject)


def _of_record(record: str, domain: str, subject: str) -> Finding:
    if _lets_everybody(record):
        remedy = 'End it with "-all" instead.'
        return error(subject, '"+all" lets everybody send.', why="Spam under your name ruins it.", remedy=remedy)
    try:
        doubts = read(record, domain)
    except spf.SPFTooManyDNSLookups:
        why = "Receivers stop at ten and treat it as broken."
        remedy = "Remove includes of services that you no longer use."
        return error(subject, "It needs more than ten questions to the DNS.", why=why, remedy=remedy)
    except spf.SPFError as problem:
        why, remedy = "Receivers treat the whole record as broken.", "Mend or remove that part of the TXT record."
        return error(subject, str(problem), why=why, remedy=remedy)
    if doubts:
        why, remedy = "Receivers may pass over that part.", "Mend or remove that part of the TXT record."
        return warning(subject, " ".join(doubts), why=why, remedy=remedy)
    if not _has_an_end(record):
        why, remedy = "It then says nothing about strangers.", 'End it with "-all" or "~all".'
        return warning(subject, 'It does not end with "all".', why=why, remedy=remedy)
    return fine(subject, record)


def _records_of(domain: str) -> list[str]:
    return [text for text in texts(domain) if text.lower().split()[:1] == [VERSION]]


def read(record: str, domain: str) -> list[str]:
    """Tell what is doubtful in the record and in those that it includes.

    SPFError where receivers give up; DNSException where the DNS did not answer.
    """
    # Answers are kept by name alone, whoever was asked: what an operator has just mended would stay broken.
    utils.DNS_CACHE.clear()
    plain = VERSION + record[len(VERSION) :]  # "V=SPF1" is as good, and not understood
    try:
        return list(spf.parse_spf_record(plain, domain, resolver=resolver(), timeout=PATIENCE)["warnings"])
    except spf.SPFRecordNotFound as problem:
        raise _outage_behind(problem) or problem from None


def _outage_behind(problem: BaseException | None) -> DNSException | None:
    """Find the DNS that did not answer, which the library takes for a record that is not there."""
    while problem is not None:
        if isinstance(problem, DNSException) and not isinstance(problem, NXDOMAIN | NoAnswer):
            return problem
        problem = problem.__cause__ or problem.__context__
    return None


def _lets_everybody(record: str) -> bool:
    return not {"all", "+all"}.isdisjoint(record.lower().split())


def _has_an_end(record: str) -> bool:
    """Tell whether it says what happens to everyone else."""
    terms = record.lower().split()
    return any(term.lstrip("+-~?") == "all" or term.startswith("redirect=") for term in terms)
