"""The reference of the API for people, made from its own description."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    from recommender.api.operations import api  # see recommender.api.addresses
    from recommender.api.reference import operations, shapes

    described = api.get_openapi_schema()
    context = {"operations": operations(described), "shapes": shapes(described), "per_minute": settings.API_PER_MINUTE}
    return render(request, "recommender/reference.html", context)
