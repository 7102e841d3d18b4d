"""The DNS of the domains that mail comes from: what receivers look up before they believe a sender."""

from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from dns.exception import DNSException

from subscriptions.doctor.findings import Finding, error, fine, warning
from subscriptions.doctor.senders import dkim_keys, dmarc, dns_records, spf


def check(now: datetime) -> Iterator[Finding]:
    yield from dict.fromkeys(_all_findings())  # one key may sign for both senders


def _all_findings() -> Iterator[Finding]:
    digests, account = address(settings.DEFAULT_FROM_EMAIL), address(settings.ACCOUNT_FROM_EMAIL)
    yield from _two_senders(digests, account)
    for domain in dict.fromkeys(map(domain_of, (digests, account))):
        yield from _of_sender(domain)
    reply_to = domain_of(address(settings.REPLY_TO))
    if reply_to and reply_to not in {domain_of(digests), domain_of(account)}:
        yield from asked(reply_to, _takes_mail)


def address(sender: str) -> str:
    return parseaddr(sender)[1].lower()


def domain_of(mailbox: str) -> str:
    return mailbox.rpartition("@")[2]


def _two_senders(digests: str, account: str) -> Iterator[Finding]:
    if digests == account:
        yield warning(
            "senders",
            f"Digests and account mail both come from {digests}.",
            why="Complaints about digests then also hurt the mails by which people confirm and sign in.",
            remedy="Give DIGEST_FROM and ACCOUNT_FROM different addresses.",
        )


def _of_sender(domain: str) -> Iterator[Finding]:
    if "." not in domain:
        yield warning(
            "senders",
            f"Mail comes from {domain or 'no domain'}, which is known on this machine only.",
            why="Nobody outside accepts mail from it, and its DNS cannot be examined.",
            remedy="Set DIGEST_FROM and ACCOUNT_FROM to addresses of your own domain.",
        )
        return
    for examine in (spf.examine, dkim_keys.examine, dmarc.examine, _takes_mail):
        yield from asked(domain, examine)


def asked(domain: str, examine: Callable[[str], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from examine(domain)
    except DNSException as problem:
        yield error(
            f"DNS of {domain}",
            f"The DNS did not answer: {type(problem).__name__}.",
            why="Whether receivers believe your mail could not be examined.",
            remedy="Try again; if it stays, look at the domain's name servers and at this machine's resolver.",
        )


def _takes_mail(domain: str) -> Iterator[Finding]:
    hosts, subject = dns_records.mail_hosts(domain), f"MX of {domain}"
    if [host for host in hosts if host] or (not hosts and dns_records.has_address(domain)):
        yield fine(subject, f"Mail is taken by {', '.join(hosts) or domain}.")
        return
    yield error(
        subject,
        "The domain says that it takes no mail." if hosts else "No host takes its mail.",
        why="Answers and bounces are lost, and some receivers refuse senders that cannot be answered.",
        remedy=f"Add an MX record for {domain}, or set the sender or REPLY_TO to a domain that has one.",
    )
