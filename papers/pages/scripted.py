"""What a script of the page asks for, as against a browser."""

from django.http import HttpRequest


def wants_part(request: HttpRequest) -> bool:
    """Tell whether a script asks only for what changes; going back in history needs the whole page."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"
