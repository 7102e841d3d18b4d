"""A digest as it arrived, pasted by the operator: is its signature one that receivers count."""

import io
import json
from pathlib import Path

import dkim
import pytest
from django.core.management import CommandError, call_command

from subscriptions.doctor.findings import Level
from subscriptions.doctor.senders.pasted_mail import SIGNED, examine
from tests.subscriptions.doctor.dns_server import DnsServer

RAW = b"""\
From: Paper Round <digest@papers.example.org>
To: ada@example.com
Subject: Three papers for you
Date: Tue, 30 Jun 2026 08:00:00 +0000
Message-ID: <1@papers.example.org>
List-Id: Paper Round <digest.papers.example.org>
List-Unsubscribe: <https://papers.example.org/u/abc/>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
Content-Type: text/plain; charset=utf-8

Paper 1
"""


def signed(pem: bytes, *left_out: str, domain: str = "papers.example.org") -> bytes:
    headers = [name.encode() for name in SIGNED if name not in left_out]
    raw = RAW.replace(b"\n", b"\r\n")
    return bytes(dkim.sign(raw, b"s1", domain.encode(), pem, include_headers=headers)) + raw


def said(raw: bytes) -> list[str]:
    return [f"{finding.level} {finding.what}" for finding in examine(raw)]


def test_a_mail_that_is_signed_as_it_should_be_is_in_order(zone: DnsServer, signing_pem: bytes) -> None:
    [finding] = examine(signed(signing_pem))
    assert finding.level == Level.OK


def test_line_ends_of_a_file_that_was_saved_here_do_not_matter(zone: DnsServer, signing_pem: bytes) -> None:
    [finding] = examine(signed(signing_pem).replace(b"\r\n", b"\n"))
    assert finding.level == Level.OK


@pytest.mark.parametrize("name", SIGNED[1:])  # no signer can leave out From
def test_a_header_that_the_signature_leaves_out_is_named(zone: DnsServer, signing_pem: bytes, name: str) -> None:
    [finding] = examine(signed(signing_pem, name))
    assert finding.what == f"The signature does not cover {name}."
    assert finding.level == (Level.ERROR if "Unsubscribe" in name else Level.WARNING)


def test_a_mail_that_was_changed_on_its_way_is_told(zone: DnsServer, signing_pem: bytes) -> None:
    [said_of_it] = said(signed(signing_pem).replace(b"Paper 1", b"Paper 2"))
    assert said_of_it.startswith("error The signature is not valid")


def test_a_mail_whose_key_is_not_in_the_dns_is_told(zone: DnsServer, signing_pem: bytes) -> None:
    zone.records["s1._domainkey.papers.example.org TXT"] = []
    [said_of_it] = said(signed(signing_pem))
    assert "there is no key at s1._domainkey.papers.example.org" in said_of_it


def test_a_mail_that_only_the_provider_signed_is_told(zone: DnsServer, signing_pem: bytes) -> None:
    zone.records["s1._domainkey.provider.example.net TXT"] = zone.records["s1._domainkey.papers.example.org TXT"]
    [said_of_it] = said(signed(signing_pem, domain="provider.example.net"))
    assert "signed by provider.example.net, not by papers.example.org" in said_of_it


def test_the_providers_own_signature_beside_a_good_one_harms_nobody(zone: DnsServer, signing_pem: bytes) -> None:
    zone.records["s1._domainkey.provider.example.net TXT"] = zone.records["s1._domainkey.papers.example.org TXT"]
    raw = signed(signing_pem, domain="provider.example.net").partition(b"From:")[0] + signed(signing_pem)
    [finding] = examine(raw)
    assert finding.level == Level.OK


def test_what_is_wrong_with_the_better_of_two_signatures_is_told(zone: DnsServer, signing_pem: bytes) -> None:
    zone.records["s1._domainkey.provider.example.net TXT"] = zone.records["s1._domainkey.papers.example.org TXT"]
    ours = signed(signing_pem, "Date")
    [finding] = examine(signed(signing_pem, domain="provider.example.net").partition(b"From:")[0] + ours)
    assert finding.what == "The signature does not cover Date."


def test_a_mail_without_a_signature_and_without_headers_for_unsubscribing_is_told(zone: DnsServer) -> None:
    [headers, signature] = said(b"From: digest@papers.example.org\r\nSubject: Hello\r\n\r\nHello\r\n")
    assert "List-Unsubscribe-Post" in headers
    assert "not signed" in signature


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense",
        b"DKIM-Signature: v=1\r\nFrom: a\r\n\r\n",
        b"DKIM-Signature: v=1\r\n\xd2 no header\r\nFrom: a\r\n\r\n",
        b"From: Group: a@b, ;@c\r\nDKIM-Signature: a=b\r\n\r\n",
        b"\xff\x00\xfe",
    ],
)
def test_nonsense_is_a_finding_and_no_crash(zone: DnsServer, raw: bytes) -> None:
    assert "error" in said(raw)[0]


def test_the_command_takes_a_file_and_ends_with_one_on_an_error(
    zone: DnsServer, signing_pem: bytes, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.eml", tmp_path / "bad.eml"
    good.write_bytes(signed(signing_pem))
    bad.write_bytes(RAW)
    said_of_good = io.StringIO()
    call_command("doctor", "--json", "--mail", str(good), stdout=said_of_good)
    assert [finding["level"] for finding in json.loads(said_of_good.getvalue())] == ["ok"]
    with pytest.raises(SystemExit, match="1"):
        call_command("doctor", "--mail", str(bad), stdout=io.StringIO())


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("doctor", "--mail", str(tmp_path / "nothing"))
