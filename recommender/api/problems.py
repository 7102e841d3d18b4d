"""What the API says where it cannot answer: problem details after RFC 9457, one shape for every error."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpRequest, JsonResponse
from ninja import Field, Schema
from ninja.errors import ValidationError
from ninja.types import DictStrAny

from recommender.api.addresses import PROBLEM


class BadParameter(Schema):
    parameter: str = Field(description="Its name in the address.")
    problem: str = Field(description="What is wrong with it.")


class Problem(Schema):
    """What is said where there is no answer (RFC 9457)."""

    type: str = Field(description="Always about:blank: the status says what kind of problem this is.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The status of the answer.")
    detail: str = Field(description="What was wrong, and what to do.")
    errors: list[BadParameter] = Field(description="The parameters that were wrong, where that is the problem.")


class Refused(Exception):
    """A request that cannot be answered, with the status and the words to say so."""

    def __init__(self, status: HTTPStatus, detail: str, errors: Sequence[BadParameter] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, errors


def wrong(parameter: str, problem: str) -> Refused:
    """Return what to raise for a parameter whose value means nothing."""
    return _of_parameters([BadParameter(parameter=parameter, problem=problem)])


def answer(status: int, detail: str, errors: Sequence[BadParameter] = ()) -> JsonResponse:
    title = HTTPStatus(status).phrase
    problem = Problem(type="about:blank", title=title, status=status, detail=detail, errors=list(errors))
    return JsonResponse(problem.model_dump(), status=status, content_type=PROBLEM)


def of_refused(request: HttpRequest, error: Refused | type[Refused]) -> JsonResponse:
    assert isinstance(error, Refused)
    return answer(error.status, error.detail, error.errors)


def of_invalid(request: HttpRequest, error: ValidationError | type[ValidationError]) -> JsonResponse:
    assert isinstance(error, ValidationError)
    return of_refused(request, _of_parameters([_bad(one) for one in error.errors]))


def _bad(error: DictStrAny) -> BadParameter:
    """Turn an error of pydantic into words, without what was sent."""
    names = [str(part) for part in error["loc"][1:] if not isinstance(part, int)]
    return BadParameter(parameter=names[-1] if names else "", problem=str(error["msg"]))


def _of_parameters(errors: Sequence[BadParameter]) -> Refused:
    named = "; ".join(f"{one.parameter}: {one.problem}" for one in errors)
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"Some parameters cannot be used. {named}", errors)
