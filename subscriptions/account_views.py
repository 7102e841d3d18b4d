"""Pages about the account itself: another address, a copy of everything, the end of everything."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from subscriptions import lifecycle, rates, tokens
from subscriptions.account_forms import ADDRESS_WORDS, ADDRESS_WORDS_HASH, AddressForm
from subscriptions.decorators import page, secret
from subscriptions.export import export as export_of
from subscriptions.models import AddressChange, Subscriber
from subscriptions.tokens import Purpose

EXPORTS_A_DAY = 10
LINK_SENT = (
    "Thank you. If that address can get our mail, a link is on its way to it. Until you use it, nothing changes."
)
ENOUGH_ADDRESSES = (
    "You asked for several addresses today. Please use one of the links that were sent, or come back tomorrow."
)
ENOUGH_EXPORTS = "You downloaded your data several times today. Please come back tomorrow."
MOVED = "Done. Your digests go to this address from now on."


def _subscriber(token: str) -> Subscriber:
    return get_object_or_404(Subscriber, handle__in=tokens.read(Purpose.PREFERENCES, token))


def _change(token: str) -> AddressChange | None:
    changes = AddressChange.objects.select_related("subscriber")
    return changes.filter(handle__in=tokens.read(Purpose.NEW_ADDRESS, token)).first()


def _back(token: str, section: str) -> HttpResponse:
    return redirect(reverse("preferences", args=[token]) + f"#{section}")


@require_POST
@secret
def change_address(request: HttpRequest, token: str) -> HttpResponse:
    """The same answer whoever has the new address: it is not for others to find out."""
    subscriber = _subscriber(token)
    form = AddressForm(request.POST, present=subscriber.email)
    if not form.is_valid():
        messages.error(request, str(form.errors["email"][0]))
    elif lifecycle.ask_for_address(subscriber, form.cleaned_data["email"], now()):
        messages.success(request, LINK_SENT)
    else:
        messages.error(request, ENOUGH_ADDRESSES)
    return _back(token, "address")


@page
@secret
def new_address(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link in the mail to a new address leads; the button on it makes the change."""
    change = _change(token)
    if change and request.method == "POST":
        if lifecycle.apply_change(change, form_text_hash=ADDRESS_WORDS_HASH, now=now()):
            messages.success(request, MOVED)
            return redirect("preferences", tokens.make(Purpose.PREFERENCES, change.subscriber.handle))
        change = _change(token)
    state = lifecycle.change_state(change, now())
    context = {"state": state, "email": change.new_email if change else "", "words": ADDRESS_WORDS}
    return render(request, "subscriptions/new_address.html", context, status=200 if change else 404)


@require_POST
@secret
def export(request: HttpRequest, token: str) -> HttpResponseBase:
    subscriber = _subscriber(token)
    key = rates.secret_key("export", str(subscriber.pk))
    if not rates.take(key, 1, limit=EXPORTS_A_DAY, period=rates.DAY, now=now()):
        messages.error(request, ENOUGH_EXPORTS)
        return _back(token, "data")
    headers = {"Content-Disposition": f'attachment; filename="paper-round-{now():%Y-%m-%d}.json"'}
    return StreamingHttpResponse(export_of(subscriber, now()), content_type="application/json", headers=headers)


@page
@secret
def erase(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = _subscriber(token)
    if request.method == "POST":
        lifecycle.erase(subscriber)
        return redirect("erased")
    return render(request, "subscriptions/erase.html", {"subscriber": subscriber, "token": token})


@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    return render(request, "subscriptions/erased.html")
