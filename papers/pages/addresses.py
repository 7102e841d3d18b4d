"""Where lists, their feeds and their files are found."""

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.urls import reverse


def of_list(field: str) -> str:
    """Return the path of the list of a field, of all for ''."""
    return reverse("field", args=[field]) if field else reverse("home")


def of_file(field: str) -> str:
    """Return the path of its file for a bibliography, less what says in which format: .bib, .ris or .json."""
    return f"{of_list(field)}list"


def of_feed(field: str) -> str:
    """Return the path of its feed, less what says in which form: .atom or .json."""
    return f"{of_list(field)}feed"


def moved(request: HttpRequest, name: str, *arguments: str) -> HttpResponsePermanentRedirect:
    """Lead on for good to a page of this name, with whatever else was asked for."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(reverse(name, args=arguments) + (f"?{query}" if query else ""))
