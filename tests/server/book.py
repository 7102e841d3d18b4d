"""The operator's book, docs/operations.md: its blocks, and the list of commands that no test runs."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.services import ROOT

TEXT = (ROOT / "docs" / "operations.md").read_text()
FENCED = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KINDS = {"sh run", "sh untried", "text seen", "text example", "yaml example"}


class Step(NamedTuple):
    """Commands, and what must be seen after them ('' for whatever comes)."""

    commands: str
    seen: str


def blocks() -> list[tuple[str, str]]:
    """The kind and the text of each block, in their order."""
    return FENCED.findall(TEXT)


def steps() -> Iterator[Step]:
    """What a test runs."""
    found = blocks()
    for (kind, commands), (next_kind, seen) in zip(found, [*found[1:], ("", "")], strict=True):
        if kind == "sh run":
            yield Step(commands, seen if next_kind == "text seen" else "")


def untried() -> list[str]:
    """Each line that no test runs, there or elsewhere in the book."""
    run = {line for step in steps() for line in step.commands.splitlines()}
    lines = [line for kind, text in blocks() if kind == "sh untried" for line in text.splitlines()]
    return [line for line in lines if line not in run]


def listed() -> list[str]:
    """How these lines begin, by the list at the end."""
    section = TEXT.split("\n# Commands that no test runs\n")[1]
    return [
        name for line in re.findall(r"^- ([^:\n]*)", section, re.MULTILINE) for name in re.findall(r"`([^`]+)`", line)
    ]


def is_seen(expected: str, said: str) -> bool:
    """Whether it was said, line by line; … stands for anything, alone on a line also for several or none."""
    lines = [re.escape(line).replace("…", ".*") for line in expected.splitlines()]
    pattern = "".join("(?:.*\n)*" if line == ".*" else f"{line}\n" for line in lines)
    return bool(re.search(f"^{pattern}", said + "\n", re.MULTILINE))
