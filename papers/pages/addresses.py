"""Where lists, their feeds and their files are found."""

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
