"""Pages on which readers ask for a link of their own, and tell which devices need none."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from papers.shared_clock import now
from subscriptions import lifecycle
from subscriptions.models import PrivateFeed, Subscriber
from subscriptions.pages import devices
from subscriptions.pages.answers import back_to
from subscriptions.pages.decorators import opened_by, page
from subscriptions.pages.desk.sections import TITLES, show
from subscriptions.people import links, private_feeds
from subscriptions.people.addresses import masked
from subscriptions.people.links import Row
from subscriptions.people.tokens import Purpose

ON_ITS_WAY = "A mail with your link is on its way to {}. It arrives within a minute or two."
FEED_MADE = "Done. This is the address of your feed; an earlier one has ended."
FEED_ENDED = "Done. Your feed has ended."
FEEDS = (("Your digests", "feed_of_digests"), ("Your saved papers", "feed_of_saved"))
ENOUGH = "Several links were sent today, and each of them still works: look for the newest one in your mailbox."
REMEMBERED = "This device is remembered: here your digests’ “Preferences” link opens your pages at once."
FORGOTTEN = "This device is forgotten: from now on your digests’ “Preferences” link asks for a mail first."
RENEWED = "Done. All earlier links are useless now, except those that unsubscribe; your pages have a new address."


@page
@opened_by(Purpose.DIGEST, Purpose.CONFIRM, Purpose.ACCOUNT, Purpose.OLD_PREFERENCES, late=True)
def send_link(request: HttpRequest, row: Row, token: str) -> HttpResponse:
    """Mail a link to the reader of a digest, whoever holds it, and do no more than that."""
    subscriber = links.subscriber_of(row)
    current = not _is_of_a_former_address(subscriber, token)
    may_ask = current and lifecycle.may_ask_for_link(subscriber)
    if request.method == "POST" and may_ask:
        _answer(request, subscriber, lifecycle.send_link(subscriber, now()))
        return back_to("send_link", token)
    if current and devices.is_remembered(request, subscriber, now()):
        return redirect(_asked_page(request), links.token(Purpose.PREFERENCES, subscriber))
    context: dict[str, Any] = {"token": token, "may_ask": may_ask, "address": masked(subscriber.email)}
    context["unsubscribe_token"] = links.token(Purpose.UNSUBSCRIBE, subscriber)
    return render(request, "subscriptions/send_link.html", context)


def _asked_page(request: HttpRequest) -> str:
    """Return which of the reader's pages a link was meant for."""
    asked = request.GET.get("to", "")
    return asked if asked in TITLES else "preferences"


def _is_of_a_former_address(subscriber: Subscriber, token: str) -> bool:
    """Tell whether an old link, made before there were epochs, comes after one: it only unsubscribes."""
    return subscriber.link_epoch > 0 and links.find(Purpose.OLD_PREFERENCES, token, now()) is not None


def _answer(request: HttpRequest, subscriber: Subscriber, sent: bool) -> None:
    if sent:
        messages.success(request, ON_ITS_WAY.format(masked(subscriber.email)))
    else:
        messages.error(request, ENOUGH)


@page
@opened_by(Purpose.PREFERENCES)
def account_link(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Tell what needs a fresh link, which an old mail must not open, and send it."""
    may_ask = lifecycle.may_ask_for_link(subscriber)
    if request.method != "POST":
        return show(request, "account_link", {"token": token, "subscriber": subscriber, "may_ask_for_link": may_ask})
    if may_ask:
        _answer(request, subscriber, lifecycle.send_link(subscriber, now(), by_the_reader=True))
    return back_to("account_link", token)


@page
@opened_by(Purpose.PREFERENCES)
def device(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Remember this device, forget it, or disable every link that went out before."""
    if request.method != "POST":
        remembered = devices.is_remembered(request, subscriber, now())
        return show(request, "device", {"token": token, "remembered": remembered, "feed": _feed_of(subscriber)})
    if "renew" in request.POST:
        messages.success(request, RENEWED)
        token = links.token(Purpose.PREFERENCES, lifecycle.renew_links(subscriber))
    answer = back_to("device", token)
    if "remember" in request.POST:
        devices.remember(answer, subscriber)
        messages.success(request, REMEMBERED)
    elif "forget" in request.POST:
        devices.forget(answer)
        messages.success(request, FORGOTTEN)
    return answer


@require_POST
@opened_by(Purpose.PREFERENCES)
def private_feed(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Give the reader's feed an address, or another one, or end it."""
    if "end" in request.POST:
        private_feeds.end(subscriber)
        messages.success(request, FEED_ENDED, "feed")
    elif "make" in request.POST:
        private_feeds.make(subscriber, now())
        messages.success(request, FEED_MADE, "feed")
    return back_to("device", token, "feed")


def _feed_of(subscriber: Subscriber) -> list[tuple[str, str, str]]:
    """Return a line for each of the reader's feeds: its title, and its addresses as Atom and as JSON Feed."""
    private = PrivateFeed.objects.filter(subscriber=subscriber).select_related("subscriber").first()
    if private is None:
        return []
    token = links.token(Purpose.FEED, private)
    site = settings.SITE_URL
    return [
        (title, site + reverse(name, args=[token]), site + reverse(f"{name}_json", args=[token]))
        for title, name in FEEDS
    ]
