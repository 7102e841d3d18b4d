"""Sign-up: what you care about beside the digest that you would have got, then an address. GET changes nothing."""

from functools import partial
from typing import Any
from urllib.parse import quote, unquote

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_cookie

from papers.shared_clock import now
from subscriptions import lifecycle
from subscriptions.builder import own_papers, strangers_library
from subscriptions.builder.preview import first_digest
from subscriptions.builder.volumes import topic_volumes
from subscriptions.limits import client_address
from subscriptions.models import Consent
from subscriptions.pages.answers import back_to
from subscriptions.pages.decorators import opened_by, page
from subscriptions.pages.forms import LibraryForm
from subscriptions.pages.subscribing import parts, starts
from subscriptions.pages.subscribing.forms import FORM_WORDS, FORM_WORDS_HASH, SubscribeForm, only_shows
from subscriptions.people import library_uploads, links
from subscriptions.people.tokens import Purpose
from subscriptions.people.wishes import Wishes
from subscriptions.signup import admission, proof_of_work
from subscriptions.signup.admission import Answer, Sender

SIGNED_UP = f"{settings.COOKIE_PREFIX}signed_up"
WELCOME = (
    "Welcome! Your subscription is confirmed, and there is nothing more to do. Here you can change what you asked for."
)
OWN_SHOWN = 30
EXAMPLES = 4


@page
@csp_update({"worker-src": ["blob:"]})  # in which the widget computes the proof of work
def subscribe(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        began = starts.filled(request)
        return _page(request, SubscribeForm(began, shows=True), began=began is not None)
    form = SubscribeForm(request.POST, shows=only_shows(request.POST))
    if not form.shows and form.is_valid() and _is_taken(request, form):
        return _thank(form.cleaned_data["email"])
    return _page(request, form)


def _page(request: HttpRequest, form: SubscribeForm, **more: Any) -> HttpResponse:
    moment = now()
    topics = form.topics_by_field(topic_volumes(moment))
    context: dict[str, Any] = {
        "form": form,
        "guess_zone": "timezone" not in request.POST,
        "topics_by_field": topics,
        "form_words": FORM_WORDS,
    }
    context["examples"] = [options[0] for _, options in topics[:EXAMPLES]]
    context["challenge"] = _challenge(client_address.network(request), moment)
    context["preview_url"] = reverse("subscribe_preview")
    context |= parts.shown(request, form, moment) | _own(request, form) | more
    context["deciding"] = parts.deciding(form, context.get("met", {}))
    refused = form.errors and not form.shows
    return render(request, "subscriptions/subscribe.html", context, status=400 if refused else 200)


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Answer what is typed with the digest that it brings, as parts of the page; nothing is stored."""
    form = SubscribeForm(request.POST, shows=True)
    context: dict[str, Any] = {"form": form, "preview_url": request.path} | parts.shown(request, form, now())
    context["noted"] = parts.notes(form, context)
    return render(request, "subscriptions/_preview_answer.html", context)


@require_POST
def library(request: HttpRequest) -> HttpResponse:
    """Read a bibliography, and show the page again with the papers that are in it."""
    upload, posted = LibraryForm(request.POST, request.FILES), request.POST.copy()
    if upload.is_valid():
        pieces = iter(partial(upload.cleaned_data["file"].read, library_uploads.PIECE), b"")
        read = strangers_library.read(pieces, client_address.network(request), now())
    else:
        read = strangers_library.Read(problem=str(upload.errors["file"][0]))
    posted.appendlist("library", " ".join(read.identifiers))
    return _page(request, SubscribeForm(posted, shows=True), library_read=read)


def _own(request: HttpRequest, form: SubscribeForm) -> dict[str, Any]:
    """Return papers of arXiv by the name that was typed, without those that are ticked already."""
    name = form.cleaned_data.get("own_name", "") if form.is_bound and "find" in request.POST else ""
    if not name:
        return {}
    ticked = {paper.pk for paper in form.marked["own"]}
    found = own_papers.authored(name, OWN_SHOWN)
    return {"looked_for": name, "found": [paper for paper in found if paper.arxiv_id and paper.pk not in ticked]}


def _challenge(network: str, moment: Any) -> dict[str, Any] | None:
    """Return what the browser has to compute before the form is taken, None if nothing."""
    if not admission.asks_for_proof(moment, network):
        return None
    return proof_of_work.challenge(moment, admission.load(moment, network))


def _is_taken(request: HttpRequest, form: SubscribeForm) -> bool:
    """Leave the sign-up to a worker, who alone looks whether the address is known; else the form says why not."""
    if form.is_from_a_robot():
        return True
    data = form.cleaned_data
    address = client_address.address(request) if settings.RECORD_CONSENT_NETWORK else None
    sender = Sender(client_address.network(request), address, proof=data["altcha"], patient=data["patience"])
    answer = admission.receive(data["email"], form.wishes(), sender, form_text_hash=FORM_WORDS_HASH, now=now())
    if answer != Answer.TAKEN:
        form.add_error(None, answer.value)
    return answer == Answer.TAKEN


def _thank(email: str) -> HttpResponse:
    """Give the same answer for every address; a short-lived cookie, and not a session in the database, repeats it."""
    response = redirect("subscribed")
    response.set_signed_cookie(
        SIGNED_UP, quote(email), max_age=600, httponly=True, samesite="Lax", secure=not settings.DEBUG
    )
    return response


@require_safe
@never_cache
@vary_on_cookie
def subscribed(request: HttpRequest) -> HttpResponse:
    email = unquote(request.get_signed_cookie(SIGNED_UP, default="") or "")
    return render(request, "subscriptions/subscribe_done.html", {"email": email})


@page
@opened_by(Purpose.CONFIRM, unknown_too=True)
def confirm(request: HttpRequest, consent: Consent | None, token: str) -> HttpResponse:
    state = lifecycle.consent_state(consent, now())
    if consent and request.method == "POST" and lifecycle.confirm(consent, now()):
        messages.success(request, WELCOME)
        return back_to("preferences", links.token(Purpose.PREFERENCES, consent.subscriber))
    context: dict[str, Any] = {"state": state, "email": consent.subscriber.email if consent else "", "token": token}
    if consent and state == "ready":
        context["cards"] = first_digest(Wishes.from_json(consent.wishes), now()).cards
    return render(request, "subscriptions/confirm.html", context, status=200 if consent else 404)
