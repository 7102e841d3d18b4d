"""The API's addresses, below /api/v1/. What each of them takes and answers stands in its description."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import NinjaAPI, Path, Query
from ninja.errors import ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from papers.arxiv.arxiv_ids import canonical_id
from papers.editions.lists import Span
from papers.ingest.identity import find
from recommender.api import answers, lists, problems, searching
from recommender.api.addresses import PROBLEM
from recommender.api.paging import Day, Name, Paging
from recommender.api.problems import Problem, Refused

VERSION = "1.0"
ABOUT = "Read papers, lists and search of this site. No key, no cookies; GET and HEAD only."
# Every address can answer these beside its own.
ALWAYS: dict[int, type] = dict.fromkeys((400, 422, 429), Problem)
ONE: dict[int, type] = ALWAYS | {404: Problem}


class Api(NinjaAPI):
    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """Describe errors as what they are: problem details, not the JSON of answers."""
        schema = super().get_openapi_schema(**where)
        for operation in (one for path in schema["paths"].values() for one in path.values()):
            for status, response in operation["responses"].items():
                if int(status) >= HTTPStatus.BAD_REQUEST:
                    response["content"] = {PROBLEM: response["content"]["application/json"]}
        return schema

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = Api(title="Paper Round", version=VERSION, description=ABOUT, docs_url=None, urls_namespace="api")
api.add_exception_handler(Refused, problems.of_refused)
api.add_exception_handler(ValidationError, problems.of_invalid)


@api.get("/papers", response={200: answers.Named, **ALWAYS}, summary="Papers by their identifiers", tags=["papers"])
def list_papers(
    request: HttpRequest,
    id: Annotated[
        list[Name], Query(min_length=1, max_length=50, description="arXiv's identifiers or links; repeat it.")
    ],
) -> answers.Named:
    known, unknown = lists.named(id)
    return answers.Named(papers=answers.papers(known), unknown=unknown)


@api.get("/papers/{path:id}", response={200: answers.Paper, **ONE}, summary="One paper", tags=["papers"])
def get_paper(
    request: HttpRequest,
    id: Annotated[Name, Path(description="Its identifier, with or without a version; slashes as they are.")],
) -> answers.Paper:
    paper = find(canonical_id(id) or id)
    if paper is None:
        raise Refused(HTTPStatus.NOT_FOUND, "There is no such paper here. Search for its title, or try again later.")
    return answers.papers([paper])[0]


@api.get("/search", response={200: answers.Found, **ALWAYS}, summary="Search by meaning and words", tags=["search"])
def search(request: HttpRequest, search: Query[searching.Search], paging: Query[Paging]) -> answers.Found:
    results, following = searching.found(search, paging)
    return answers.found(results, following)


@api.get("/trending", response={200: answers.Papers, **ALWAYS}, summary="What gains attention", tags=["lists"])
def trending(
    request: HttpRequest,
    paging: Query[Paging],
    span: Annotated[
        Span, Query(description="Of the newest edition, or of the 7 or 30 days that end with it.")
    ] = Span.TODAY,
    field: Annotated[str, Query(max_length=16, description="Only papers of this archive, such as cs.")] = "",
    topic: Annotated[str, Query(max_length=50, description="Only papers shown under this topic, by its slug.")] = "",
) -> answers.Papers:
    page = lists.trending(span, field, topic, paging)
    return answers.Papers(papers=answers.papers(page.papers), next=page.next)


@api.get("/topics", response={200: answers.Topics, **ALWAYS}, summary="All topics", tags=["lists"])
def topics(request: HttpRequest) -> answers.Topics:
    return answers.Topics(topics=[answers.topic(topic, recent) for topic, recent in lists.topics()])


@api.get("/editions", response={200: answers.Editions, **ALWAYS}, summary="Editions, newest first", tags=["lists"])
def editions(request: HttpRequest, paging: Query[Paging]) -> answers.Editions:
    rows, following = lists.editions(paging)
    return answers.Editions(editions=[answers.edition(*row) for row in rows], next=following)


@api.get("/editions/{date}", response={200: answers.EditionPapers, **ONE}, summary="One edition", tags=["lists"])
def get_edition(
    request: HttpRequest, date: Annotated[Day, Path(description="Its day, such as 2026-06-30.")], paging: Query[Paging]
) -> answers.EditionPapers:
    found = lists.edition_of(date)
    if found is None:
        raise Refused(HTTPStatus.NOT_FOUND, "There is no edition of this day: /api/v1/editions lists those there are.")
    page = lists.of_edition(found[0], paging)
    return answers.EditionPapers(edition=answers.edition(*found), papers=answers.papers(page.papers), next=page.next)
