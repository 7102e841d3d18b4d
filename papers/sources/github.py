"""GitHub's REST API: how many stars the repository of a paper has."""

import json
import re
from datetime import datetime

from django.conf import settings

from papers.fetching import http
from papers.fetching.errors import SourceError
from papers.models import SignalKind
from papers.records import SignalRecord
from papers.sources import reading

NAME = "github"
REPO = re.compile(
    r"(?:(?:https?://|git://|ssh://git@)?(?:www\.)?github\.com/|git@github\.com:)?"
    r"(?P<owner>[a-z0-9](?:[a-z0-9_-]{0,38}))/(?P<name>[a-z0-9._-]{1,100}?)(?:\.git)?(?:[/?#]\S*)?",
    re.IGNORECASE | re.ASCII,
)
CHANGED = reading.format_changed(__name__)


def repo_of(link: str) -> tuple[str, str] | None:
    """Return owner and name, in the one form that GitHub takes for any case, from a link to or into a repository."""
    match = REPO.fullmatch(link.strip().lower())
    if match is None or not match["name"].strip("."):
        return None
    return match["owner"], match["name"]


def fetch(owner: str, name: str) -> http.Page:
    """Return what GitHub says of a repository; raise SourceError, http.NotFound where there is none or it has moved."""
    return http.get(NAME, address(owner, name), headers=headers())


def fetch_if_changed(owner: str, name: str) -> http.Page | None:
    """Return the same, or None where nothing has changed, which with a token costs nothing of what GitHub allows."""
    return http.get_if_changed(NAME, address(owner, name), headers=headers())


def address(owner: str, name: str) -> str:
    return f"{settings.GITHUB_API_URL}/repos/{owner}/{name}"


def headers() -> dict[str, str]:
    wanted = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    token = {"Authorization": f"Bearer {settings.GITHUB_TOKEN}"} if settings.GITHUB_TOKEN else {}
    return wanted | token


def parse(data: bytes, observed_at: datetime) -> SignalRecord:
    """Read the stars of one repository; raise SourceError."""
    try:
        served = json.loads(data)
        stars = reading.count(served["stargazers_count"], "stargazers_count")
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise SourceError(NAME, f"what was served names no count of stars ({str(error)[:100]})", CHANGED) from error
    if stars is None:
        raise SourceError(NAME, "what was served has an empty count of stars", CHANGED)
    return SignalRecord(SignalKind.STARS.value, stars, observed_at)
