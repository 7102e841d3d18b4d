"""The page of a paper, and what it offers to take along."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from papers.arxiv.arxiv_ids import canonical_id
from papers.citations.bibtex import bibtex
from papers.citations.formats import FORMATS
from papers.citations.meta_tags import coins, tags
from papers.citations.reference import key_of
from papers.editions.curation import stands_for
from papers.ingest.identity import find
from papers.models import Paper
from papers.pages.history import history
from papers.pages.kept import kept
from papers.pages.programs import bibliography_files
from papers.pages.share_card import BusyError, Card, card, picture
from papers.text.formulas import stretches

DOI = re.compile(r"\b10\.\d{4,9}/[!-~]{1,180}")


@require_safe
@kept
def paper(request: HttpRequest, identifier: str) -> HttpResponse:
    canonical = canonical_id(identifier)
    if canonical and canonical != identifier:
        return redirect("paper", canonical, permanent=True)
    found = find(identifier)
    if found is None:
        return _unknown(request, identifier, canonical)
    if found.identifier != identifier:
        return redirect(found, permanent=True)
    return render(request, "papers/paper.html", _paper_context(found))


def _unknown(request: HttpRequest, asked: str, arxiv_id: str) -> HttpResponse:
    """Say what to do next, by what seems to be asked for."""
    doi = match[0] if (match := DOI.search(asked)) else ""
    return render(request, "papers/unknown.html", {"arxiv_id": arxiv_id, "doi": doi, "asked": asked[:100]}, status=404)


@require_safe
def share_card(request: HttpRequest, identifier: str) -> HttpResponse:
    """Return the picture for shared links; whoever has it already is told so before it is drawn."""
    found = find(identifier)
    if found is None:
        raise Http404
    shown = card(found)
    try:
        response = get_conditional_response(request, etag=shown.etag) or _drawn(shown)
    except BusyError:
        return HttpResponse(status=503, headers={"Retry-After": "1", "Cache-Control": "no-store"})
    patch_cache_control(response, public=True, max_age=86_400)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # shown by other sites is what it is for
    return response


def _drawn(shown: Card) -> HttpResponse:
    return HttpResponse(picture(shown), content_type="image/png", headers={"ETag": shown.etag})


def _paper_context(paper: Paper) -> dict[str, object]:
    cited = {"bibtex": bibtex(paper), "citation_formats": FORMATS, "tags": tags(paper), "coins": coins(paper)}
    return {"paper": paper, "stays": stands_for(paper), "history": history(paper)} | cited | _texts(paper)


def _texts(paper: Paper) -> dict[str, object]:
    """Return title and abstract in words and formulas, and whether there are any formulas to set."""
    title = stretches(paper.title, paper.shown_title)
    abstract = stretches(paper.abstract, paper.shown_abstract)
    return {"title": title, "abstract": abstract, "has_formulas": any(part.tex for part in (*title, *abstract))}


@require_safe
def citation(request: HttpRequest, identifier: str, suffix: str) -> HttpResponse:
    """Return a file for a bibliography, under the one identifier of its paper."""
    found = find(canonical_id(identifier) or identifier)
    if found is None:
        raise Http404
    if found.identifier != identifier:
        return redirect("citation", identifier=found.identifier, suffix=suffix, permanent=True)
    return bibliography_files.respond([found], suffix, key_of(found))
