"""Where the API's addresses hang: what answers them is loaded when the first of them is asked for.

It is the heaviest part of the site's pages, and workers, beat and commands, which make links to pages, answer nothing.
"""

from typing import Any

from django.core.checks import CheckMessage
from django.urls.resolvers import RoutePattern, URLResolver

PROBLEM = "application/problem+json"  # the kind of an answer that tells what was wrong


class _WhenAskedFor(URLResolver):
    def _populate(self) -> None:
        """Name nothing to whoever makes a link to another page: these addresses have a namespace of their own."""

    def check(self) -> list[CheckMessage]:
        """Leave the checks to the tests, which ask for every address."""
        return []


def when_asked_for(route: str) -> Any:
    """Return the API's addresses below a route, for a list of addresses."""
    return _WhenAskedFor(RoutePattern(route), "recommender.api.urls", app_name="ninja", namespace="api")
