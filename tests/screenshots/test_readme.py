"""The pictures of the README are there, light enough to be read on the way, and told to who does not see them."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PICTURES = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
LIGHT = 150_000  # bytes


def test_there_are_four_and_no_others_lie_about() -> None:
    shown = {ROOT / path for _, path in PICTURES}
    assert shown == set((ROOT / "docs" / "pictures").iterdir())
    assert len(shown) == 4


@pytest.mark.parametrize(("words", "path"), PICTURES, ids=[path for _, path in PICTURES])
def test_each_is_light_and_has_words(words: str, path: str) -> None:
    assert len(words.split()) >= 8
    assert (ROOT / path).read_bytes()[8:12] == b"WEBP"
    assert (ROOT / path).stat().st_size <= LIGHT
