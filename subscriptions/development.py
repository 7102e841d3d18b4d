"""Pages of development only: the mailbox, and a digest at the press of a button. Production has no URL for them."""

from contextlib import suppress

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from recommender.query_encoder import EncoderAway
from subscriptions import interest_vectors, lifecycle, mailbox, scheduling, tokens
from subscriptions.decorators import secret
from subscriptions.models import Subscriber, SubscriberStatus
from subscriptions.nudges import nudge
from subscriptions.status_line import status_line
from subscriptions.tokens import Purpose


@require_POST
@secret
def send_now(request: HttpRequest, token: str) -> HttpResponse:
    handles = tokens.read(Purpose.PREFERENCES, token)
    subscriber = get_object_or_404(Subscriber, handle__in=handles, status=SubscriberStatus.ACTIVE)
    # Pressed seconds after confirming, it must not be faster than the worker that turns interests into vectors.
    with suppress(EncoderAway):
        interest_vectors.rebuild_of(subscriber)
    _, new = scheduling.plan_today(subscriber, now())
    if new:
        lifecycle.change_schedule(subscriber, now())
        nudge("deliver_digests")
        messages.success(request, "Today's digest is on its way: look into the mailbox in a few seconds.")
    else:
        messages.info(request, f"There is one digest a day. {status_line(subscriber, now())}")
    return redirect("preferences", token)


@require_safe
def mailbox_list(request: HttpRequest) -> HttpResponse:
    return render(request, "subscriptions/mailbox.html", {"mails": mailbox.mails()})


@require_safe
def mailbox_mail(request: HttpRequest, name: str) -> HttpResponse:
    context = {"mail": _mail(name), "part": request.GET.get("part", "html")}
    return render(request, "subscriptions/mailbox_mail.html", context)


@require_safe
def mailbox_html(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(_mail(name).html)


def _mail(name: str) -> mailbox.Mail:
    found = mailbox.mail(name)
    if found is None:
        raise Http404("There is no such mail in the mailbox.")
    return found
