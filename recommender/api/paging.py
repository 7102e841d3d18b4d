"""Pages that hold their place: a cursor says after which paper a page begins, not how many stood before it.

What comes in while somebody pages moves nothing. A cursor is opaque to others; each field of it is checked when it
comes back, as of anything that a stranger sends.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Self

from django.db.models import Q
from ninja import Field, Schema
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from papers.storable import is_storable
from recommender.api.problems import wrong

LONGEST = 600  # characters of a cursor
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HIGHEST = 2**63 - 1
UNKNOWN = "This is none of the cursors given here: leave it out to begin at the first page."


def _written_out(value: object) -> object:
    """Refuse what pydantic takes for a day as well, such as seconds since 1970."""
    if isinstance(value, str) and not DAY.fullmatch(value):
        raise ValueError("is no day such as 2026-06-30")
    return value


Name = Annotated[str, Field(min_length=1, max_length=200)]
Day = Annotated[date, BeforeValidator(_written_out)]


class Paging(Schema):
    limit: int = Field(20, ge=1, le=50, description="How many at most on a page.")
    cursor: str = Field("", max_length=LONGEST, description="The next of the page before; empty for the first page.")


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("holds what no database can store")
    return text


class Cursor(BaseModel):
    """Where a page begins; each list has one of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)

    def written(self) -> str:
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the place that a cursor means, None for the first page; raise Refused for anything else."""
        if not text:
            return None
        try:
            padded = text + "=" * (-len(text) % 4)
            return cls.model_validate_json(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (binascii.Error, ValidationError, ValueError) as error:
            raise wrong("cursor", UNKNOWN) from error


Identifier = Annotated[str, Field(max_length=200), AfterValidator(_storable)]
Trend = Annotated[float, Field(ge=-1, le=1)]


class TrendCursor(Cursor):
    """The last paper of a page in the order of trend, and the edition that the whole list ends with."""

    edition: date
    featured: bool
    trend: Trend
    listed_on: date
    identifier: Identifier


class DayCursor(Cursor):
    """The last edition of a page of editions."""

    edition: date


class SearchCursor(Cursor):
    """How many hits were shown, and the newest paper that there was when the search began."""

    shown: Annotated[int, Field(ge=0, le=10_000)]
    newest: Annotated[int, Field(ge=0, le=HIGHEST)]


def after(place: Sequence[tuple[str, Any]]) -> Q:
    """Return the condition of what comes after a place in a list that is in descending order of these columns."""
    *before, (name, value) = place
    condition = Q(**{f"{name}__lt": value})
    for name, value in reversed(before):
        condition = Q(**{f"{name}__lt": value}) | (Q(**{name: value}) & condition)
    return condition
