"""The pages behind a reader's own link: their names, and the way from one to another."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class Section(NamedTuple):
    page: str  # the name of its route
    label: str  # in the list of all pages
    title: str


SECTIONS = (
    Section("preferences", "Interests", "Your preferences"),
    Section("library", "Library", "Your library"),
    Section("taught", "Ratings", "What you have taught it"),
    Section("saved", "Saved", "Your saved papers"),
    Section("past_digests", "Digests", "Your digests"),
    Section("pause", "Pause", "Pause"),
    Section("account_link", "Address, data", "Your address and your data"),
    Section("device", "Links", "Your links and devices"),
    Section("leave", "Leave", "Leave"),
)
TITLES = {section.page: section.title for section in SECTIONS}


def show(request: HttpRequest, page: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render one of these pages; the context brings the token that they all share."""
    context = {"sections": SECTIONS, "page": page, "heading": TITLES[page]} | context
    return render(request, f"subscriptions/own/{page}.html", context, status=status)
