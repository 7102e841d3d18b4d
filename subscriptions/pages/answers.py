"""Where a reader is led after a form was sent."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


def back_to(page: str, token: str, section: str = "main") -> HttpResponse:
    """Lead to the part of a page where messages stand: its beginning, or a section with messages of its own.

    The part is always named. Browsers keep that of the address before, so that whoever came by a link into the middle
    of a page would not see whether anything was done; and what has the focus is what screen readers read first.
    """
    return redirect(reverse(page, args=[token]) + f"#{section}")
