"""Pages about the account itself: another address and the way back, a copy of everything, the end of everything.

The first and the last two open for an hour by a link that was sent to the present address.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from papers.shared_clock import now
from subscriptions import lifecycle
from subscriptions.limits import rate_buckets
from subscriptions.models import AddressChange, Subscriber
from subscriptions.pages.account_forms import ADDRESS_WORDS, ADDRESS_WORDS_HASH, AddressForm
from subscriptions.pages.answers import back_to
from subscriptions.pages.decorators import opened_by, page
from subscriptions.people import links
from subscriptions.people.export import export as export_of
from subscriptions.people.tokens import Purpose

EXPORTS_A_DAY = 10
LINK_SENT = (
    "Thank you. If that address can get our mail, a link is on its way to it. Until you use it, nothing changes."
)
ENOUGH_ADDRESSES = (
    "You asked for several addresses today. Please use one of the links that were sent, or come back tomorrow."
)
ENOUGH_EXPORTS = "You downloaded your data several times today. Please come back tomorrow."
MOVED = "Done. Your digests go to this address from now on, and the links in earlier mails have ended."


@require_safe
@opened_by(Purpose.ACCOUNT)
def account(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    context: dict[str, Any] = {"subscriber": subscriber, "token": token}
    context["may_change_address"] = lifecycle.may_change_address(subscriber)
    context["preferences_token"] = links.token(Purpose.PREFERENCES, subscriber)
    return render(request, "subscriptions/account.html", context)


@require_POST
@opened_by(Purpose.ACCOUNT)
def change_address(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Give the same answer whoever has the new address: it is not for others to find out."""
    form = AddressForm(request.POST, present=subscriber.email)
    if not form.is_valid():
        messages.error(request, str(form.errors["email"][0]), "address")
    elif lifecycle.ask_for_address(subscriber, form.cleaned_data["email"], now()):
        messages.success(request, LINK_SENT, "address")
    else:
        messages.error(request, ENOUGH_ADDRESSES, "address")
    return back_to("account", token, "address")


@page
@opened_by(Purpose.NEW_ADDRESS, unknown_too=True)
def new_address(request: HttpRequest, change: AddressChange | None, token: str) -> HttpResponse:
    """Show the page of the link in the mail to a new address; the button on it makes the change."""
    if change and request.method == "POST":
        if lifecycle.apply_change(change, form_text_hash=ADDRESS_WORDS_HASH, now=now()):
            messages.success(request, MOVED)
            moved = Subscriber.objects.get(pk=change.subscriber_id)
            return back_to("preferences", links.token(Purpose.PREFERENCES, moved))
        change = AddressChange.objects.select_related("subscriber").filter(pk=change.pk).first()
    state = lifecycle.change_state(change, now())
    context = {"state": state, "email": change.new_email if change else "", "words": ADDRESS_WORDS}
    return render(request, "subscriptions/new_address.html", context, status=200 if change else 404)


@page
@opened_by(Purpose.MOVE_BACK, unknown_too=True)
def move_back(request: HttpRequest, change: AddressChange | None, token: str) -> HttpResponse:
    """Show the page of the link in the mail to the former address; the button on it takes the change back."""
    done = bool(change and request.method == "POST" and lifecycle.move_back(change, now()))
    change = AddressChange.objects.select_related("subscriber").filter(pk=change.pk).first() if change else None
    state = "done" if done else lifecycle.back_state(change, now())
    context = {"state": state, "email": change.old_email if change and state != "already" else ""}
    if change and state in {"suppressed", "taken"}:
        context["unsubscribe_token"] = links.token(Purpose.UNSUBSCRIBE, change.subscriber)
    return render(request, "subscriptions/move_back.html", context, status=200 if change else 404)


@require_POST
@opened_by(Purpose.ACCOUNT)
def export(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponseBase:
    key = rate_buckets.secret_key("export", str(subscriber.pk))
    if not rate_buckets.take(key, 1, limit=EXPORTS_A_DAY, period=rate_buckets.DAY, now=now()):
        messages.error(request, ENOUGH_EXPORTS, "data")
        return back_to("account", token, "data")
    headers = {"Content-Disposition": f'attachment; filename="paper-round-{now():%Y-%m-%d}.json"'}
    return StreamingHttpResponse(export_of(subscriber, now()), content_type="application/json", headers=headers)


@page
@opened_by(Purpose.ACCOUNT)
def erase(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    if request.method == "POST":
        lifecycle.erase(subscriber)
        return redirect("erased")
    return render(request, "subscriptions/erase.html", {"subscriber": subscriber, "token": token})


@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    return render(request, "subscriptions/erased.html")
