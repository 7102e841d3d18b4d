"""A reader as an operator sees them: their state, their consent, what was sent and reported, and why they get what."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from papers.admin_rights import GuardedAdmin
from papers.shared_clock import now
from subscriptions.digests import breakdown_lines
from subscriptions.digests.status_line import cold_line, status_line
from subscriptions.models import Role, Subscriber, Suppression
from subscriptions.staff import mail_previews
from subscriptions.staff.timeline import timeline

LOOKED = "Looked at why they get their papers."
RIGHTS = ("preview", "suppress", "lift", "unsubscribe", "export", "erase", "change")


def overview(model_admin: GuardedAdmin, request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Show a reader's page; a constant number of queries."""
    interests = list(subscriber.interests.select_related("topic"))
    context = _context(model_admin, request, subscriber) | {
        "state": status_line(subscriber, now()),
        "cold": cold_line(subscriber, interests),
        "interests": interests,
        "suppression": Suppression.objects.filter(address_hash=subscriber.address_hash).first(),
        "consents": subscriber.consents.order_by("-requested_at"),
        "moments": timeline(subscriber),
    }
    context |= {f"may_{right}": getattr(model_admin, f"has_{right}_permission")(request) for right in RIGHTS}
    return TemplateResponse(request, "admin/subscriptions/subscriber/reader.html", context)


def why(model_admin: GuardedAdmin, request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Show today's picks and near misses of a reader by interest, with the numbers; a look is a line in the log."""
    mail_previews.enter_into_log(model_admin, request, subscriber, LOOKED)
    found = breakdown_lines.explanation(subscriber, now().date())
    items = sorted(found.items, key=lambda one: (one.interest, one.role != Role.PICK, one.rank))
    groups = [(interest, list(of_interest)) for interest, of_interest in groupby(items, key=lambda one: one.interest)]
    context = _context(model_admin, request, subscriber) | {"found": found, "groups": groups}
    return TemplateResponse(request, "admin/subscriptions/subscriber/why.html", context)


def _context(model_admin: GuardedAdmin, request: HttpRequest, subscriber: Subscriber) -> dict[str, object]:
    return model_admin.admin_site.each_context(request) | {
        "opts": model_admin.opts,
        "title": subscriber.email,
        "subscriber": subscriber,
    }
