"""The DNS of a sender's domain: a right zone has no findings, and each way of being wrong has its own."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_django import Settings

from subscriptions.doctor.findings import Finding, Level
from subscriptions.doctor.senders import domains
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.doctor.conftest import dkim_record
from tests.subscriptions.doctor.dns_server import DnsServer

DOMAIN = "papers.example.org"
LOOP = "loop.example.net TXT"
KEY = f"s1._domainkey.{DOMAIN} TXT"
SPF, MX, DMARC = f"{DOMAIN} TXT", f"{DOMAIN} MX", "_dmarc.example.org TXT"
# Made by openssl, since the library refuses to make one so short.
SHORT_KEY = (
    '"v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAJ6oHcYlnKtQqno+Jm9CGxPSh8bY'
    '0BDIe4XM6e8x+iMhUPYfZ10j3F/sgOKPU5BPWKNW9ZhvcqBZ2e++i/qzsxECAwEAAQ=="'
)
# A record that includes two others, which include two others each, and so on: 2 + 4 + 8 questions.
DEEP = {
    f"n{number}.example.net TXT": [
        f'"v=spf1 include:n{2 * number}.example.net include:n{2 * number + 1}.example.net -all"'
    ]
    for number in range(1, 16)
} | {f"n{number}.example.net TXT": ['"v=spf1 ip4:192.0.2.1 -all"'] for number in range(16, 32)}


def wrong() -> list[Finding]:
    return [finding for finding in domains.check(MORNING) if finding.level != Level.OK]


def test_nothing_is_said_against_a_right_zone(zone: DnsServer) -> None:
    assert wrong() == []


@pytest.mark.parametrize(
    ("records", "subject", "word"),
    [
        ({SPF: []}, "SPF", "no record"),
        ({SPF: ['"v=spf1 mx -all"', '"v=spf1 a -all"']}, "SPF", "2 records"),
        ({SPF: ['"v=spf1 mx +all"']}, "SPF", "everybody"),
        ({SPF: ['"v=spf1 include:n1.example.net -all"']} | DEEP, "SPF", "more than ten"),
        ({SPF: ['"v=spf1 mx"']}, "SPF", "does not end"),
        ({SPF: ['"v=spf1 ipv4:192.0.2.1 -all"']}, "SPF", "ipv4"),
        ({SPF: ['"v=spf1 ip4:192.0.2.999 -all"']}, "SPF", "192.0.2.999"),
        ({SPF: ['"v=spf1 include:gone.example.net -all"']}, "SPF", "gone.example.net"),
        (
            {SPF: ['"v=spf1 include:loop.example.net -all"'], LOOP: ['"v=spf1 include:loop.example.net -all"']},
            "SPF",
            "loop",
        ),
        ({SPF: ['"v=spf1 a:v1.example.net a:v2.example.net a:v3.example.net -all"']}, "SPF", "3/2"),
        ({SPF: ['"v=spf1 -all mx"']}, "SPF", "after the all"),
        ({KEY: []}, "DKIM", "no key"),
        ({KEY: ['"v=DKIM1; k=rsa; p="']}, "DKIM", "revoked"),
        ({KEY: ['"v=DKIM1; k=rsa; p=bm90IGEga2V5"']}, "DKIM", "cannot be read"),
        ({DMARC: []}, "DMARC", "no record"),
        ({DMARC: ['"v=DMARC1; rua=mailto:dmarc@example.org"']}, "DMARC", "no policy"),
        ({DMARC: ['"v=dmarc1; p=none"']}, "DMARC", "no record"),
        ({DMARC: ['"v=DMARC1; p=none; sp=nothing"']}, "DMARC", "nothing"),
        ({DMARC: ['"v=DMARC1; p=none; rua=dmarc@example.org"']}, "DMARC", "dmarc@example.org"),
        ({DMARC: ['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"']}, "DMARC", "2 records"),
        ({MX: ["0 ."]}, "MX", "takes no mail"),
        ({MX: []}, "MX", "No host"),
        ({"example.org MX": []}, "MX of example.org", "No host"),
    ],
)
def test_each_broken_zone_has_one_finding(
    zone: DnsServer, records: dict[str, list[str]], subject: str, word: str
) -> None:
    zone.records |= records
    [finding] = wrong()
    assert finding.subject.startswith(subject)
    assert word in finding.what
    assert finding.why
    assert finding.remedy


@pytest.mark.parametrize(
    ("record", "name"),
    [(DMARC, f"_dmarc.{DOMAIN}"), (KEY, f"s1._domainkey.{DOMAIN}"), (MX, DOMAIN)],
)
def test_the_remedy_names_the_record_to_add(zone: DnsServer, record: str, name: str) -> None:
    zone.records[record] = []
    [finding] = wrong()
    assert f" {name} " in f"{finding.remedy} ".replace(",", " ")


@pytest.mark.parametrize(
    "record", ['"V=SPF1 MX -ALL"', '"v=spf1 ip4:192.0.2.1" " -all"', '"v=spf1 redirect=spf.example.net"']
)
def test_a_right_record_may_be_written_in_many_ways(zone: DnsServer, record: str) -> None:
    zone.records[SPF] = [record]
    assert wrong() == []


def test_an_included_record_whose_server_is_away_is_not_called_missing(zone: DnsServer) -> None:
    zone.broken = {"spf.example.net"}
    assert [finding.subject for finding in wrong()] == [f"DNS of {DOMAIN}"]


def test_what_was_mended_is_seen_at_once(zone: DnsServer) -> None:
    right, zone.records["spf.example.net TXT"] = zone.records["spf.example.net TXT"], []
    assert len(wrong()) == 1
    zone.records["spf.example.net TXT"] = right
    assert wrong() == []


@pytest.mark.parametrize(("bits", "level"), [(512, Level.ERROR), (1024, Level.WARNING)])
def test_a_key_that_is_too_short_is_told(zone: DnsServer, bits: int, level: Level) -> None:
    made = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    zone.records[KEY] = [SHORT_KEY if bits == 512 else dkim_record(made)]
    [finding] = wrong()
    assert finding.level == level
    assert f"{bits} bits" in finding.what


def test_mail_that_a_stranger_signs_is_not_the_domains_own(zone: DnsServer, settings: Settings) -> None:
    settings.DKIM_SELECTORS = ["s1._domainkey.example.net"]
    zone.records["s1._domainkey.example.net TXT"] = zone.records[KEY]
    [finding] = wrong()
    assert "signed by example.net, not by papers.example.org" in finding.what


def test_a_signature_of_the_same_organisation_counts_unless_dmarc_is_strict(
    zone: DnsServer, settings: Settings
) -> None:
    settings.DKIM_SELECTORS = ["s1._domainkey.mail.example.org"]
    zone.records["s1._domainkey.mail.example.org TXT"] = zone.records[KEY]
    assert wrong() == []
    zone.records[DMARC] = ['"v=DMARC1; p=reject; adkim=s"']
    [finding] = wrong()
    assert "not by papers.example.org" in finding.what


def test_a_provider_with_its_own_return_address_makes_a_missing_spf_record_a_warning(
    zone: DnsServer, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    zone.records[SPF] = []
    assert [finding.level for finding in wrong()] == [Level.WARNING]


def test_keys_that_nobody_named_are_asked_for(zone: DnsServer, settings: Settings) -> None:
    settings.DKIM_SELECTORS = []
    [finding] = wrong()
    assert "DKIM_SELECTORS" in finding.remedy


def test_one_address_for_digests_and_account_mail_is_warned_of(zone: DnsServer, settings: Settings) -> None:
    settings.ACCOUNT_FROM_EMAIL = settings.DEFAULT_FROM_EMAIL
    [finding] = wrong()
    assert "ACCOUNT_FROM" in finding.remedy


def test_a_dns_that_does_not_answer_is_a_finding_and_no_crash(zone: DnsServer) -> None:
    zone.is_broken = True
    assert {finding.subject for finding in wrong()} == {f"DNS of {DOMAIN}", "DNS of example.org"}


def test_a_sender_of_this_machine_only_is_warned_of(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL, settings.REPLY_TO = "digest@localhost", ""
    [finding] = wrong()
    assert "this machine only" in finding.what
