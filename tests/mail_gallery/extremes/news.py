"""What happened to papers that a reader kept, each kind of change with as much to tell as can be."""

from typing import Any

from papers.models import ChangeKind
from tests.mail_gallery.extremes.extreme import ENDLESS, SENTENCE

DETAILS = {
    ChangeKind.REVISED: "v2",
    ChangeKind.RETITLED: f"before: {ENDLESS * 3}",
    ChangeKind.OTHER_AUTHORS: f"before: {'N' * 240}, אדה לאבלייס",
    ChangeKind.OTHER_ABSTRACT: f"{ENDLESS} {SENTENCE}",
    ChangeKind.WITHDRAWN: "",
    ChangeKind.BACK: "",
    ChangeKind.CODE_ADDED: "https://github.com/" + "n" * 270,
    ChangeKind.DOI_ADDED: "10.1000/" + "d" * 190,
}


def all_changes() -> list[dict[str, Any]]:
    """Return them as an item of the news stores them."""
    return [{"id": key, "kind": kind.value, "detail": detail} for key, (kind, detail) in enumerate(DETAILS.items(), 1)]
