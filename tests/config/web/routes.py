"""Every route of the site with words put into its places, found by walking the URL configuration."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern, RoutePattern

WORDS = {"int": "1", "slug": "x", "str": "x", "path": "x", "uuid": "00000000-0000-4000-8000-000000000000"}


def paths(found: "list[URLPattern | URLResolver] | None" = None, prefix: str = "/") -> Iterator[str]:
    for one in get_resolver().url_patterns if found is None else found:
        path = prefix + filled(one.pattern)
        if isinstance(one, URLResolver):
            yield from paths(one.url_patterns, path)
        else:
            yield path


def filled(pattern: RoutePattern | RegexPattern) -> str:
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<(?:(\w+):)?\w+>", lambda place: WORDS[place[1] or "str"], str(pattern))
    return re.sub(r"\(\?P<\w+>[^)]*\)", "x", str(pattern)).strip("^$").removesuffix("\\Z")
