import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client

from papers.ingest import plain_forms
from papers.models import Edition, EditionEntry, Paper
from subscriptions import lifecycle
from subscriptions.delivery import outbox
from subscriptions.lifecycle import Wishes
from subscriptions.mails import reason_words
from subscriptions.models import AccountMail, AccountMailKind, AddressChange, DeliveryStatus, Subscriber
from tests.subscriptions.conftest import MORNING, TODAY, axis, deliver_due
from tests.subscriptions.mails.letters import links, pages

pytestmark = pytest.mark.django_db
URL = re.compile(r"https?://[^\s\"'<>]+")


def deliver(at: object = MORNING) -> EmailMessage:
    deliver_due()
    raw = mail.outbox[-1].message().as_bytes()
    return message_from_bytes(raw, policy=default)  # type: ignore[return-value]


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def digest(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> EmailMessage:
    make_subscriber(follows=(0, 4))
    return deliver()


def test_both_parts_carry_the_same_papers_and_links(digest: EmailMessage) -> None:
    text, html = part(digest, "plain"), part(digest, "html")
    for number in range(4):
        assert f"Paper {number}" in text
        assert f"Paper {number}" in html
    assert pages(text) == pages(html)


def test_every_pick_says_why_it_was_chosen(digest: EmailMessage) -> None:
    for kind in ("plain", "html"):
        assert part(digest, kind).count("For you: Topic 0") == 1
        assert part(digest, kind).count("For you: Topic 4") == 1
        assert len(re.findall(r"\d\d % alike", part(digest, kind))) == 4


def test_the_unsubscribe_header_is_one_short_line_of_plain_ascii(digest: EmailMessage) -> None:
    raw = mail.outbox[-1].message().as_bytes()
    [line] = [line for line in raw.split(b"\n") if line.lower().startswith(b"list-unsubscribe:")]
    assert re.fullmatch(rb"List-Unsubscribe: <https?://[!-~]+/u/[\w-]{22}>", line.strip())
    assert len(line) <= 76
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in raw


def test_the_link_of_the_header_unsubscribes_at_one_click(digest: EmailMessage) -> None:
    path = urlsplit(str(digest["List-Unsubscribe"]).strip("<>")).path
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert Subscriber.objects.get().status == "unsubscribed"


def test_a_digest_is_marked_as_automatic_and_keeps_its_id(digest: EmailMessage) -> None:
    assert digest["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f]{32}@localhost>", digest["Message-ID"])
    assert digest["List-Id"] == "Paper Round <digest.localhost>"


def test_nothing_is_tracked_and_no_link_is_rewritten(digest: EmailMessage) -> None:
    html = part(digest, "html")
    assert "<img" not in html
    hosts = {urlsplit(url).hostname for url in links(html)}
    assert hosts == {"127.0.0.1", "arxiv.org"}


NASTY = [
    "<script>alert(1)</script>",
    "a<b and b>c & d",
    "{{ 7|add:7 }} {% now 'Y' %}",
    "‮right to left",
    "emoji 🦉 and \"quotes\" 'both'",
    "</td></tr></table>",
    "x" * 3000,
]


@pytest.mark.parametrize("title", NASTY)
def test_a_title_is_text_whatever_it_holds(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper], title: str
) -> None:
    make_paper(1, axis(0), title=title, abstract=title)
    make_subscriber()
    message = deliver()
    assert "<script>" not in part(message, "html")
    assert "</td></tr></table>" not in part(message, "html").replace("</td></tr></table>\n", "").split("<h2")[1][:80]
    assert len(str(message["Subject"])) <= 150


def test_twenty_papers_stay_well_below_the_size_at_which_mail_programs_clip(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    long = "A sentence of some length that says what was found and why it matters to anybody. " * 30
    for number in range(20):
        make_paper(number, axis(number % 8), title=f"{number} {'long title ' * 20}", abstract=long)
    make_subscriber(follows=tuple(range(8)), digest_size=20)
    html = part(deliver(), "html")
    assert len(html.encode()) < 80_000


def test_a_curators_word_on_a_paper_and_on_the_day_is_in_the_mail(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    Edition.objects.filter(date=TODAY).update(note="A quiet day for theory.")
    EditionEntry.objects.filter(paper=some_papers[0]).update(note="Read the appendix first.")
    make_subscriber()
    message = deliver()
    for kind in ("plain", "html"):
        assert "A quiet day for theory." in part(message, kind)
        assert "Read the appendix first." in part(message, kind)


def test_a_short_digest_says_that_it_is_short_on_purpose(digest: EmailMessage) -> None:
    assert "Nothing else did" in part(digest, "plain")


def sign_up(email: str = "ada@example.org") -> None:
    wishes = Wishes(texts=("<a href=//evil>buy</a>",))
    lifecycle.sign_up(email, wishes, form_text_hash="hash", now=MORNING)


def test_the_confirm_mail_leaves_the_outbox_once_and_holds_nothing_that_was_typed() -> None:
    sign_up()
    assert outbox.send_waiting(lambda: MORNING) == 1
    assert outbox.send_waiting(lambda: MORNING) == 0
    raw = mail.outbox[0].message().as_bytes().decode()
    assert "/confirm/" in raw
    assert "evil" not in raw
    assert "buy" not in raw


def test_account_mail_and_digests_have_different_senders(digest: EmailMessage) -> None:
    sign_up("bob@example.org")
    outbox.send_waiting(lambda: MORNING)
    assert mail.outbox[-1].from_email != digest["From"]


def test_a_suppression_that_comes_before_the_outbox_is_emptied_wins() -> None:
    sign_up()
    lifecycle.suppress("ada@example.org", "bounced")
    assert outbox.send_waiting(lambda: MORNING) == 0
    assert AccountMail.objects.get().status == DeliveryStatus.SKIPPED


def test_a_flood_of_sign_ups_sends_no_more_than_the_hours_allowance(settings: object) -> None:
    settings.SIGN_UPS_PER_HOUR = 3  # type: ignore[attr-defined]
    for number in range(5):
        sign_up(f"victim{number}@example.org")
    assert outbox.send_waiting(lambda: MORNING) == 3
    assert outbox.send_waiting(lambda: MORNING) == 0
    assert outbox.send_waiting(lambda: MORNING + timedelta(hours=1, minutes=1)) == 2


def test_every_kind_of_account_mail_can_be_rendered(make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber()
    consent = subscriber.consents.create(form_text_hash="hash", requested_at=MORNING)
    change = AddressChange.objects.create(subscriber=subscriber, new_email="b@example.org", requested_at=MORNING)
    about = {"subscriber": subscriber, "consent": consent, "change": change, "next_attempt_at": MORNING}
    for kind in AccountMailKind:
        AccountMail.objects.create(kind=kind, **about)
    assert outbox.send_waiting(lambda: MORNING) == len(AccountMailKind)
    assert len(mail.outbox) == len(AccountMailKind)
    assert all(message.subject and message.body and message.alternatives for message in mail.outbox)


@pytest.mark.parametrize(
    ("label", "words"), [("papers in your library", "in your library"), ("papers you named", "you named")]
)
def test_a_reason_tells_a_library_from_papers_that_were_named(label: str, words: str) -> None:
    reason = {
        "kind": "papers",
        "label": label,
        "closeness": 0.74,
        "closeness_words": "very close",
        "papers": ["a", "b"],
    }
    titles = {"a": "On cells"}
    assert reason_words.why(reason, titles) == f"Very close to papers {words}, such as “On cells” (74 % alike)"
    assert reason_words.why(reason | {"papers": ["a"]}, titles).startswith(f"Very close to a paper {words}: “On cells”")


def test_both_parts_and_the_subject_show_tex_as_unicode(
    make_paper: Callable[..., Paper], make_subscriber: Callable[..., Subscriber]
) -> None:
    served = {
        "title": r"$\ell_1$ after Erd\H{o}s",
        "abstract": r"Within $10^{-3}$, of 5\%.",
        "authors": [r"Jos\'e Lee"],
    }
    make_paper(1, axis(0), **served)
    plain_forms.fill_missing()
    make_subscriber(follows=(0,))
    message = deliver()
    assert "ℓ₁ after Erdős" in message["Subject"]
    for kind in ("plain", "html"):
        for piece in ("ℓ₁ after Erdős", "Within 10⁻³, of 5%.", "José Lee"):
            assert piece in unescape(part(message, kind))
