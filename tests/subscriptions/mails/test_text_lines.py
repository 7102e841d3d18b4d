"""Mails as programs for plain text show them: the text part, and the HTML part without its layout."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from papers.models import Edition, EditionEntry, Paper
from subscriptions.mails import emails
from subscriptions.mails.typesetting import WIDTH, hanging
from subscriptions.models import AccountMail, AccountMailKind, AddressChange, Digest, Role, Subscriber
from tests.subscriptions.conftest import MORNING, axis
from tests.subscriptions.mails.letters import add, make_digest, writer_of

pytestmark = pytest.mark.django_db
LONG = "Of words that go on and on until no line of any mail program can hold all of them "
PARAGRAPH = re.compile(r"<(?:p|h[1-3])\b[^>]*>(.*?)</(?:p|h[1-3])>", re.DOTALL)


@pytest.fixture
def digest(make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]) -> Digest:
    """Twelve papers, each with all that a card can have, and all of it long."""
    words = {"title": LONG * 2, "abstract": LONG * 8, "authors": [f"Ada{n} Lovelace" for n in range(30)]}
    papers = [make_paper(number, axis(number % 8), **words) for number in range(1, 15)]
    categories = ["cond-mat.mtrl-sci", "physics.comp-ph", "cs.LG", "q-bio.QM"]
    Paper.objects.update(github_repo="owner/name", categories=categories)
    EditionEntry.objects.update(note=LONG * 3)
    Edition.objects.update(note=LONG * 3)
    label = {"label": LONG, "folded": [papers[13].pk], "sentence": LONG, "terms": ["one", "another"] * 5}
    made = make_digest(make_subscriber(), papers[:12], **label)
    add(made, papers[12], 1, Role.NEAR_MISS)
    return made


def shown(html: str) -> list[str]:
    """The text of each title, and of each line of a paragraph."""
    lines = [line for found in PARAGRAPH.findall(html) for line in found.split("<br>")]
    return [" ".join(unescape(re.sub("<[^>]+>", "", line)).split()) for line in lines]


def too_long(text: str) -> list[str]:
    """A line may be longer only for a link, which must stay whole: then there is little else on it."""
    return [line for line in text.split("\n") if len(line) > WIDTH and len(re.sub(r"https?://\S+", "", line)) > 20]


def test_no_line_of_a_digest_is_too_long_but_for_a_link(digest: Digest) -> None:
    text = str(writer_of(digest).mail(digest).body)
    assert LONG.strip() not in text
    assert too_long(text) == []


def test_a_title_goes_on_below_its_first_word(digest: Digest) -> None:
    lines = str(writer_of(digest).mail(digest).body).split("\n")
    for number in (1, 12):
        at = next(position for position, line in enumerate(lines) if line.startswith(f"{number}. Of words"))
        assert lines[at + 1].startswith("    ")
        assert " ".join(" ".join(lines[at : at + 3]).split()).startswith(f"{number}. {(LONG * 2).strip()[:140]}")


def test_what_is_short_stays_as_it_is() -> None:
    assert hanging("A title") == "A title"


def test_picks_have_their_numbers_in_the_html_too(digest: Digest) -> None:
    html = str(writer_of(digest).mail(digest).alternatives[0][0])
    titles = [text for text in shown(html) if LONG[:20] in text and re.match(r"\d+\. ", text)]
    assert [text.partition(".")[0] for text in titles] == [str(number) for number in range(1, 13)]


def test_no_dot_between_two_links_is_left_alone_where_a_line_is_broken(digest: Digest) -> None:
    """Text browsers have some seventy characters a line: what is joined by dots fits, so that none begins a line."""
    html = str(writer_of(digest).mail(digest).alternatives[0][0])
    dotted = [text for text in shown(html) if " · " in text or text.endswith("·") or text.startswith("·")]
    assert dotted
    assert all(len(text) <= 72 and not text.startswith("·") and not text.endswith("·") for text in dotted), dotted


def test_a_paper_of_which_little_is_known_has_no_dot_before_its_only_link(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    paper = make_paper(1, axis(0), arxiv_id="doi:10.1101/12")
    Paper.objects.update(categories=[], github_repo="owner/name")
    digest = make_digest(make_subscriber(), [paper], trend=None)
    assert "code · similar · rate" in shown(str(writer_of(digest).mail(digest).alternatives[0][0]))


def test_no_line_of_an_account_mail_is_too_long_but_for_a_link(make_subscriber: Callable[..., Subscriber]) -> None:
    reader = make_subscriber()
    consent = reader.consents.create(form_text_hash="hash", requested_at=MORNING)
    change = AddressChange.objects.create(subscriber=reader, new_email="b@example.org", requested_at=MORNING)
    about = {"subscriber": reader, "consent": consent, "change": change, "next_attempt_at": MORNING}
    for kind in AccountMailKind:
        mail = AccountMail.objects.create(kind=kind, **about)
        assert too_long(str(emails.account_mail(mail, MORNING).body)) == [], kind
