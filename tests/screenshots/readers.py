"""Readers in every state that a link of theirs can meet, and the pages behind their links."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.urls import reverse
from playwright.sync_api import Page

from papers.models import Paper, Topic
from subscriptions import lifecycle
from subscriptions.delivery import batches
from subscriptions.development import mailbox
from subscriptions.digests import planning
from subscriptions.interests import interest_vectors
from subscriptions.models import (
    AddressChange,
    Consent,
    DeliveryStatus,
    LibraryUpload,
    PastPicks,
    Role,
    SkipReason,
    Subscriber,
    UploadState,
)
from subscriptions.models.past_picks import shelved
from subscriptions.pages.account_forms import ADDRESS_WORDS_HASH
from subscriptions.pages.desk.sections import SECTIONS
from subscriptions.people import links, private_feeds
from subscriptions.people.links import Row
from subscriptions.people.tokens import Purpose
from subscriptions.people.wishes import Wishes
from tests.screenshots import odd_papers
from tests.screenshots.shots import Shot

HASH = "5f" * 32
DAY = timedelta(days=1)
LONG_AGO = 30 * DAY
NAMES = (f"a.reader.with.a.long.name.{number}@mathematics.example.org" for number in count(1))


def pages(wishes: Wishes, now: datetime) -> dict[str, Shot]:
    """Make the readers, who want this, and return the pages behind their links."""
    ada = _with_everything(wishes, now)
    return (
        _own("", ada)
        | _own("new-", confirmed(replace(wishes, topics=wishes.topics[:1]), now))
        | _of_digests(ada, now)
        | _slowed(wishes, now)
        | _stopped(wishes, now)
        | _account(ada, now)
        | _confirming(wishes, now)
        | _new_addresses(wishes, now)
        | _ways_back(wishes, now)
        | _uploads(wishes, now)
    )


def confirmed(wishes: Wishes, now: datetime, **columns: Any) -> Subscriber:
    """Make a subscriber who confirmed it then, and whose row holds this."""
    consent = _asked(wishes, now)
    lifecycle.confirm(consent, now)
    Subscriber.objects.filter(pk=consent.subscriber_id).update(**columns)
    return Subscriber.objects.get(pk=consent.subscriber_id)


def _asked(wishes: Wishes, now: datetime) -> Consent:
    address = next(NAMES)
    lifecycle.sign_up(address, wishes, form_text_hash=HASH, now=now)
    return Consent.objects.select_related("subscriber").get(email=address)


def _with_everything(wishes: Wishes, now: datetime) -> Subscriber:
    """Somebody who uses all that there is, and has had a digest this morning."""
    asked = replace(
        wishes,
        arxiv_ids=(odd_papers.MATHS, "2401.99999"),
        authors=(odd_papers.AUTHOR, odd_papers.ENDLESS[:80]),
        labs=("An Institute for the Study of Everything",),
        library=(odd_papers.CROWD,),
        excluded_terms=("survey", "blockchain"),
    )
    ada = confirmed(asked, now - DAY, next_digest_at=now, digest_size=10)
    mailed(ada, now)
    _had_before(ada, now)
    private_feeds.make(ada, now)
    first, *others = Paper.objects.filter(identifier__in=odd_papers.NAMED.values()).order_by("identifier")
    words = dict.fromkeys((paper.identifier for paper in others), "save") | {first.identifier: "less"}
    ada.feedback.bulk_create(
        ada.feedback.model(subscriber=ada, paper=paper, kind=words[paper.identifier], at=now)
        for paper in (first, *others)
    )
    upload = {"here": 212, "looked_up": 31, "unknown": 17, "repeated": 4, "unreadable": 2, "mismatched": 1}
    lines = [[17, "The entry does not end."], [1204, "No key stands behind the brace."]]
    LibraryUpload.objects.update_or_create(
        subscriber=ada,
        defaults={
            "state": UploadState.READ,
            "uploaded_at": now,
            "finished_at": now,
            "unreadable_lines": lines,
            "short_dois": 3,
            **upload,
        },
    )
    return ada


def mailed(reader: Subscriber, now: datetime) -> None:
    """Have the reader's digest sent."""
    interest_vectors.rebuild_of(reader)
    planning.plan(now)
    batches.deliver_waiting(lambda: now)


def newest_mail() -> Shot:
    """Return what came last into the mailbox of development."""
    return Shot(reverse("mailbox_html", args=[mailbox.mails()[0].id]))


def _had_before(reader: Subscriber, now: datetime) -> None:
    """Remember digests of earlier days that ended otherwise."""
    ends: list[dict[str, Any]] = [
        {"status": DeliveryStatus.SKIPPED, "reason": SkipReason.EMPTY},
        {"status": DeliveryStatus.SENT},
        {"status": DeliveryStatus.UNCERTAIN},
    ]
    for days, end in enumerate(ends, 1):
        moment = now - days * DAY
        times = {"due_at": moment, "next_attempt_at": moment, "claimed_at": moment, "finished_at": moment}
        reader.digests.create(local_date=moment.date(), composed_at=moment, considered=3, **times, **end)
    papers = [*Paper.objects.order_by("pk")[:5], Paper.objects.get(identifier=odd_papers.LONG_WORDS)]
    put_away = [(paper.pk, now.date() - (100 + number % 2) * DAY) for number, paper in enumerate(papers)]
    for shelf, picks in shelved(put_away).items():
        PastPicks.objects.create(subscriber=reader, shelf=shelf, picks=picks.tobytes())


def _own(prefix: str, reader: Subscriber) -> dict[str, Shot]:
    token = links.token(Purpose.PREFERENCES, reader)
    return {f"own-{prefix}{section.page}": Shot(reverse(section.page, args=[token])) for section in SECTIONS}


def _of_digests(reader: Subscriber, now: datetime) -> dict[str, Shot]:
    sent, thin = [
        reader.digests.filter(status=status).order_by("-local_date")[0]
        for status in (DeliveryStatus.SENT, DeliveryStatus.SKIPPED)
    ]
    near = Paper.objects.filter(identifier=odd_papers.LONG_WORDS)
    for paper in near:
        thin.items.create(subscriber=reader, paper=paper, role=Role.NEAR_MISS, rank=1, score=0.2, relevance=0.2)
    return {
        "digest": _shot("digest", Purpose.DIGEST, sent),
        "digest-rated": _shot("digest", Purpose.DIGEST, sent)._replace(then=_rate),
        "digest-thin": _shot("digest", Purpose.DIGEST, thin),
        "send-link": _shot("send_link", Purpose.DIGEST, sent),
        "unsubscribe": _shot("unsubscribe", Purpose.UNSUBSCRIBE, reader),
    }


def _slowed(wishes: Wishes, now: datetime) -> dict[str, Shot]:
    """Somebody who has given no sign for weeks, so that their digests come weekly by now, and another who is asked."""
    silent: dict[str, Any] = {"last_sign_on": now.date() - 2 * LONG_AGO, "asked_on": now.date() - LONG_AGO}
    asked = confirmed(wishes, now, **silent)
    slowed = confirmed(wishes, now, reading_minutes=10, slowed_on=now.date() - LONG_AGO + 7 * DAY, **silent)
    _had_before(asked, now)
    sent = asked.digests.get(status=DeliveryStatus.SENT)
    own = _own("slowed-", slowed)["own-slowed-preferences"]
    return {"own-slowed-preferences": own, "digest-asking": _shot("digest", Purpose.DIGEST, sent)}


def _rate(page: Page) -> None:
    page.locator(".rating").first.get_by_text("keep").click()
    page.get_by_role("button", name="Save my ratings").click()
    page.get_by_text("Thank you").wait_for()


def _stopped(wishes: Wishes, now: datetime) -> dict[str, Shot]:
    paused, left, refused = [confirmed(wishes, now) for _ in range(3)]
    lifecycle.pause(paused, now.date() + 12 * DAY)
    lifecycle.unsubscribe(left, now)
    lifecycle.suppress(refused.email, "hard bounce")
    found = {}
    for name, reader in {"paused-": paused, "left-": left, "refused-": refused}.items():
        fresh = Subscriber.objects.get(pk=reader.pk)
        own = _own(name, fresh)
        found |= {
            page: own[page] for page in own if page.split("-")[-1] in {"preferences", "pause", "account_link", "leave"}
        }
    gone = _shot("unsubscribe", Purpose.UNSUBSCRIBE, left)._replace(then=_press("Unsubscribe", "You are unsubscribed"))
    return found | {"unsubscribed": gone}


def _press(button: str, heading: str) -> Any:
    def press(page: Page) -> None:
        page.get_by_role("button", name=button).click()
        page.get_by_role("heading", name=heading).wait_for()

    return press


def _account(reader: Subscriber, now: datetime) -> dict[str, Shot]:
    fresh = links.token(Purpose.ACCOUNT, reader, now + links.ACCOUNT_FOR)
    late = links.token(Purpose.ACCOUNT, reader, now - DAY)
    return {
        "account": Shot(reverse("account", args=[fresh])),
        "account-late": Shot(reverse("account", args=[late])),
        "erase": Shot(reverse("erase", args=[fresh])),
    }


def _confirming(wishes: Wishes, now: datetime) -> dict[str, Shot]:
    ready, old, used = _asked(wishes, now), _asked(wishes, now - LONG_AGO), _asked(wishes, now)
    nothing = _asked(Wishes(texts=()), now)
    lifecycle.confirm(used, now)
    found = {"ready": ready, "expired": old, "already": used, "nothing": nothing}
    return {f"confirm-{name}": _shot("confirm", Purpose.CONFIRM, consent) for name, consent in found.items()}


def _new_addresses(wishes: Wishes, now: datetime) -> dict[str, Shot]:
    changes = {
        "ready": _change(wishes, now),
        "expired": _change(wishes, now - LONG_AGO),
        "void": _change(wishes, now),
        "suppressed": _change(wishes, now),
        "taken": _change(wishes, now, confirmed(wishes, now).email),
        "already": _applied(wishes, now),
    }
    lifecycle.ask_for_address(changes["void"].subscriber, next(NAMES), now + DAY)
    lifecycle.suppress(changes["suppressed"].new_email, "complaint")
    found = {f"address-{name}": _shot("new_address", Purpose.NEW_ADDRESS, change) for name, change in changes.items()}
    return found | {"address-unknown": Shot("/address/ended/")}


def _change(wishes: Wishes, now: datetime, to: str = "") -> AddressChange:
    reader = confirmed(wishes, now)
    lifecycle.ask_for_address(reader, to or next(NAMES), now)
    return AddressChange.objects.select_related("subscriber").get(subscriber=reader)


def _applied(wishes: Wishes, now: datetime) -> AddressChange:
    change = _change(wishes, now)
    lifecycle.apply_change(change, form_text_hash=ADDRESS_WORDS_HASH, now=now)
    return AddressChange.objects.select_related("subscriber").get(pk=change.pk)


def _ways_back(wishes: Wishes, now: datetime) -> dict[str, Shot]:
    changes = {
        "ready": _applied(wishes, now),
        "expired": _applied(wishes, now - LONG_AGO),
        "suppressed": _applied(wishes, now),
        "already": _applied(wishes, now),
        "taken": _applied(wishes, now),
        "done": _applied(wishes, now),
    }
    lifecycle.suppress(changes["suppressed"].old_email, "complaint")
    lifecycle.move_back(changes["already"], now)
    again = changes["taken"].old_email
    lifecycle.sign_up(again, wishes, form_text_hash=HASH, now=now + DAY)
    lifecycle.confirm(Consent.objects.filter(email=again, confirmed_at=None).latest("requested_at"), now + DAY)
    found = {f"back-{name}": _shot("move_back", Purpose.MOVE_BACK, change) for name, change in changes.items()}
    taking = _press("Take the change back", "The change is taken back")
    return found | {"back-done": found["back-done"]._replace(then=taking), "back-unknown": Shot("/address/ended/back/")}


def _uploads(wishes: Wishes, now: datetime) -> dict[str, Shot]:
    waiting, refused = confirmed(wishes, now), confirmed(wishes, now)
    LibraryUpload.objects.create(subscriber=waiting, uploaded_at=now)
    LibraryUpload.objects.create(
        subscriber=refused, uploaded_at=now, state=UploadState.REFUSED, refusal="It is a picture, not a bibliography."
    )
    return {
        "own-library-waiting": Shot(reverse("library", args=[links.token(Purpose.PREFERENCES, waiting)])),
        "own-library-refused": Shot(reverse("library", args=[links.token(Purpose.PREFERENCES, refused)])),
    }


def _shot(page: str, purpose: Purpose, row: Row) -> Shot:
    return Shot(reverse(page, args=[links.token(purpose, row)]))


def topics(*slugs: str) -> tuple[int, ...]:
    return tuple(Topic.objects.filter(slug__in=slugs).values_list("pk", flat=True))
