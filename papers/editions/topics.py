"""The curated topics that come with the project."""

import json
from pathlib import Path

from papers.models import Topic

TOPICS = Path(__file__).parent / "topics.json"


def load() -> int:
    """Create the topics that are missing, in the order of the file, and return their number; existing ones stay."""
    bundled = json.loads(TOPICS.read_text(encoding="utf-8"))
    known = set(Topic.objects.values_list("slug", flat=True))
    topics = [Topic(position=number, **topic) for number, topic in enumerate(bundled, 1) if topic["slug"] not in known]
    Topic.objects.bulk_create(topics, ignore_conflicts=True)
    return len(topics)
