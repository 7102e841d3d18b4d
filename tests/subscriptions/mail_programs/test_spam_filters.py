"""No mail of ours looks like spam to the filters that most mail servers ask."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.subscriptions.mail_programs.letters import Letter
from tests.subscriptions.mail_programs.spam_filters import Rspamd, spamassassin

LEAST = 1.0  # points of both; SpamAssassin says spam at 5, rspamd lets a mail wait at 4
# What rspamd holds against this test and not against the mail: no host has sent it, date and domain are those of tests.
OF_THE_TEST = {"HFILTER_HOSTNAME_UNKNOWN", "DATE_IN_PAST", "MID_RHS_NOT_FQDN"}
URL = re.compile(r"https?://[^\s<>\")]+")


@pytest.fixture(scope="module")
def rspamd() -> Iterator[Rspamd]:
    rspamd = Rspamd()
    rspamd.start()
    yield rspamd
    rspamd.remove()


def test_spamassassin_has_nothing_against_any_mail(letters: list[Letter], tmp_path: Path) -> None:
    found = spamassassin(letters, tmp_path)
    assert len(found) == len(letters)
    assert {name: judged for name, judged in found.items() if judged[0] >= LEAST} == {}


def test_rspamd_has_next_to_nothing_against_any_mail(letters: list[Letter], rspamd: Rspamd) -> None:
    for letter in letters:
        points = {name: score for name, score in rspamd.judge(letter).items() if name not in OF_THE_TEST}
        assert sum(points.values()) < LEAST, (letter.name, points)


def test_links_of_a_digest_s_text_stand_an_even_number_of_times_in_both_parts(letters: list[Letter]) -> None:
    """Rspamd has a rule (URI_COUNT_ODD) against mails in which they do not: a whole point, for one link.

    Account mails say theirs once more, as a button.
    """
    for letter in letters:
        if not letter.name.startswith("digest"):
            continue
        in_text, in_html = Counter(URL.findall(letter.text)), Counter(letter.links)
        assert sum(in_text[link] + in_html[link] for link in in_text) % 2 == 0, (letter.name, in_text, in_html)
