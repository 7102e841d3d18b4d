"""The page on which a curator makes one topic part of another: first which, then what that does, then done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from papers.admin_rights import GuardedAdmin
from papers.editions.topics import CannotMerge
from papers.models import Topic
from papers.shared_clock import now
from recommender.embedding import topic_overlaps
from subscriptions.curating import topic_desks
from subscriptions.people import followers

MOVED_AT_ONCE = 2_000  # followers, while the curator waits; the workers move the others within minutes


def show(model_admin: GuardedAdmin, request: HttpRequest, topic: Topic) -> HttpResponse:
    """Ask into which topic this one is merged and say what that does, or do it."""
    into = _chosen(request)
    if request.method == "POST" and into:
        return _merge(model_admin, request, topic, into)
    context = model_admin.admin_site.each_context(request) | {
        "opts": model_admin.opts,
        "title": f"Merge “{topic}” into another topic",
        "topic": topic,
        "into": into,
        "desk": topic_desks.desk(topic, now()),
        "others": Topic.objects.offered().exclude(pk=topic.pk).order_by("name"),
        **(_what_it_does(topic, into) if into else {}),
    }
    return TemplateResponse(request, "admin/papers/topic/merge.html", context)


def _chosen(request: HttpRequest) -> Topic | None:
    key = (request.POST or request.GET).get("into", "")
    return Topic.objects.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 10 else None


def _what_it_does(topic: Topic, into: Topic) -> dict[str, Any]:
    counts = followers.counts([topic.pk, into.pk])
    papers, cosine = topic_overlaps.between(topic.pk, into.pk, now())
    return {
        "followers": counts.get(topic.pk, 0),
        "followers_of_both": followers.shared(topic, into),
        "followers_of_other": counts.get(into.pk, 0),
        "papers_of_both": papers,
        "cosine": cosine,
    }


def _merge(model_admin: GuardedAdmin, request: HttpRequest, topic: Topic, into: Topic) -> HttpResponse:
    try:
        with transaction.atomic():
            other = followers.merge(topic.pk, into.pk)
            model_admin.record(request, [topic], CHANGE, f"Merged into “{other}”.")
            model_admin.record(request, [other], CHANGE, f"Took in “{topic}”.")
    except CannotMerge as error:
        model_admin.message_user(request, str(error), messages.ERROR)
        return redirect("admin:papers_topic_changelist")
    moved = followers.settle(MOVED_AT_ONCE)
    people = "1 follower follows" if moved == 1 else f"{moved:,} followers follow"
    model_admin.message_user(request, f"“{topic}” is part of “{other}” now: {people} that.", messages.SUCCESS)
    return redirect(reverse("admin:papers_topic_change", args=[other.pk]))
