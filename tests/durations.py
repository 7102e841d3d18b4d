"""Keep how long each file of tests took, from the report of a run.

Usage: python -m tests.durations REPORT.xml
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from defusedxml.ElementTree import parse

SLOW = 5  # seconds of a file whose tests are left out of the quick ones
KEPT = Path(__file__).parent / "durations.json"


def of_files(report: Path) -> Counter[str]:
    """Seconds of each file; the name of a class in it is no part of its path."""
    seconds = Counter[str]()
    for case in parse(report).iter("testcase"):
        parts = [part for part in case.attrib["classname"].split(".") if not part[0].isupper()]
        seconds["/".join(parts) + ".py"] += float(case.attrib["time"])  # type: ignore[assignment]
    return seconds


def slow(seconds: Counter[str]) -> Iterator[tuple[str, int]]:
    """The slowest first."""
    for file, taken in sorted(seconds.items(), key=lambda one: (-one[1], one[0])):
        if taken >= SLOW:
            yield file, round(taken)


if __name__ == "__main__":
    KEPT.write_text(json.dumps(dict(slow(of_files(Path(sys.argv[1])))), indent=1) + "\n")
