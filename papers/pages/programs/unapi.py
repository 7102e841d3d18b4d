"""The papers of a list for Zotero's button, after unAPI: each card names its paper, and this address hands it out.

Of what Zotero's own translators read on a page with several works there are two ways. A context object for each (COinS)
has to hold the whole reference, some 500 bytes, and has no room for an abstract; unAPI takes 60 bytes of the page, is
asked for nothing before somebody presses the button, and then hands out all that the file of a paper has. Links with
rel="alternate" to such files are read by none of them.
"""

from http import HTTPStatus
from xml.sax.saxutils import quoteattr

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from papers.arxiv.arxiv_ids import canonical_id
from papers.citations.formats import FORMATS
from papers.ingest.identity import find

OFFERED = {"ris": "ris", "bibtex": "bib"}  # a format's name in unAPI, and the suffix of its files
XML = "application/xml; charset=utf-8"
NOT_OFFERED = f"Papers are given as {' or '.join(OFFERED)}."


@require_safe
def unapi(request: HttpRequest) -> HttpResponse:
    """Answer with a paper in a format, or with the formats that there are: of all papers, or of one."""
    identifier, name = request.GET.get("id", ""), request.GET.get("format", "")
    if not identifier:
        return HttpResponse(_formats(""), content_type=XML)
    paper = find(canonical_id(identifier) or identifier)
    if paper is None:
        raise Http404("There is no such paper here.")
    if not name:
        return HttpResponse(_formats(identifier), status=HTTPStatus.MULTIPLE_CHOICES, content_type=XML)
    if name not in OFFERED:
        return HttpResponse(NOT_OFFERED, status=HTTPStatus.NOT_ACCEPTABLE, content_type="text/plain; charset=utf-8")
    form = FORMATS[OFFERED[name]]
    return HttpResponse(form.write([paper]), content_type=form.media_type)


def _formats(identifier: str) -> str:
    whose = f" id={quoteattr(identifier)}" if identifier else ""
    offered = "".join(
        f'<format name="{name}" type="{FORMATS[suffix].media_type.partition(";")[0]}"/>'
        for name, suffix in OFFERED.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<formats{whose}>{offered}</formats>\n'
