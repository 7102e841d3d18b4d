"""Every link from one document of the project to another leads to a file and a section that are there."""

import re
from pathlib import Path

import pytest

from tests.services import ROOT

DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/**/*.md"), *ROOT.glob("findings/*.md")]
)


def anchor(heading: str) -> str:
    """As Markdown is shown on the web: small letters, hyphens for blanks, and no other signs."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def is_there(target: str, beside: Path) -> bool:
    path, _, section = target.partition("#")
    document = beside.parent / path if path else beside
    if not section or document.suffix != ".md":
        return document.exists()
    return document.exists() and section in map(anchor, re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_link_between_documents_is_dead(document: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", document.read_text())
    assert not [target for target in targets if "://" not in target and not is_there(target, document)]
