"""Pages of development only: the mailbox, and a digest at the press of a button. Production has no URL for them."""

from contextlib import suppress

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from papers.shared_clock import now
from recommender.encoding.query_encoder import EncoderAway
from subscriptions import lifecycle
from subscriptions.development import mailbox
from subscriptions.digests import planning
from subscriptions.digests.status_line import status_line
from subscriptions.enqueue import enqueue
from subscriptions.interests import interest_vectors
from subscriptions.mails.as_page import mail_page
from subscriptions.models import Subscriber, SubscriberStatus
from subscriptions.pages.answers import back_to
from subscriptions.pages.decorators import opened_by
from subscriptions.people.tokens import Purpose


@require_POST
@opened_by(Purpose.PREFERENCES)
def send_now(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    if subscriber.status != SubscriberStatus.ACTIVE:
        raise Http404("Nothing is sent to who is not subscribed.")
    # Pressed seconds after confirming, it must not be faster than the worker that turns interests into vectors.
    with suppress(EncoderAway):
        interest_vectors.rebuild_of(subscriber)
    _, new = planning.plan_today(subscriber, now())
    if new:
        lifecycle.change_schedule(subscriber, now())
        enqueue("deliver_digests")
        messages.success(request, "Today's digest is on its way: look into the mailbox in a few seconds.")
    else:
        messages.info(request, f"There is one digest a day. {status_line(subscriber, now())}")
    return back_to("preferences", token)


@require_safe
def mailbox_list(request: HttpRequest) -> HttpResponse:
    return render(request, "subscriptions/mailbox.html", {"mails": mailbox.mails()})


@require_safe
def mailbox_mail(request: HttpRequest, name: str) -> HttpResponse:
    context = {"mail": _mail(name), "part": request.GET.get("part", "html")}
    return render(request, "subscriptions/mailbox_mail.html", context)


@require_safe
@xframe_options_sameorigin
def mailbox_html(request: HttpRequest, name: str) -> HttpResponse:
    return mail_page(_mail(name).html, framed_by="'self'")


def _mail(name: str) -> mailbox.Mail:
    found_mail = mailbox.mail(name)
    if found_mail is None:
        raise Http404("There is no such mail in the mailbox.")
    return found_mail
