"""Topics as a file: the JSON in which the project brings its own, to be kept, edited elsewhere and read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.db.models import Max

from papers.editions.topics import LONGEST, MOST_EXAMPLES
from papers.models import Topic
from papers.storable import is_storable
from papers.text.words import FIELD_LABELS

MOST_BYTES, MOST_TOPICS = 800_000, 1_000
TEXTS = {"slug": 50, "name": 60, "field": 16, "description": LONGEST}  # and how many characters each may have
LISTS = {"categories": 50, "examples": MOST_EXAMPLES, "counterexamples": MOST_EXAMPLES}
OPTIONAL = {"examples", "counterexamples", "retired"}
LIST_OF_TEXTS = 'a list of texts, such as ["cs.LG", "stat.ML"]'


class FileUnusable(Exception):
    """Nothing was read of a file of topics; the message names the place and the remedy."""


class Changed(Exception):
    """The topics are not those that a plan was made for."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a file says of one topic: the fields that would change, with what is stored and what would be."""

    topic: Topic  # as it would be
    is_new: bool
    fields: dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What reading a file would do; stored is a mark of the topics that it was compared with."""

    changes: Sequence[Change]
    unchanged: int
    others: int  # stored topics that the file does not name, which stay as they are
    stored: str


def write() -> str:
    """Return all topics as JSON in their order, retired ones too; one that was merged is part of another."""
    return as_text([_entry(topic) for topic in Topic.objects.filter(merged_into=None)])


def as_text(entries: Sequence[dict[str, Any]]) -> str:
    return json.dumps(entries, ensure_ascii=False, indent=2) + "\n"


def _entry(topic: Topic) -> dict[str, Any]:
    entry = {name: getattr(topic, name) for name in (*TEXTS, "categories")}
    entry |= {name: getattr(topic, name) for name in ("examples", "counterexamples") if getattr(topic, name)}
    return entry if topic.is_active else entry | {"retired": True}


def read(data: bytes) -> list[dict[str, Any]]:
    """Return the entries of a file, complete and checked; raise FileUnusable for the first thing that is wrong."""
    if not data.strip():
        raise FileUnusable("There is nothing in it: choose a file as an export gives it.")
    if len(data) > MOST_BYTES:
        raise FileUnusable(f"The file has {len(data):,} bytes; one of topics has at most {MOST_BYTES:,}.")
    entries = _parsed(data)
    if not isinstance(entries, list) or not entries:
        raise FileUnusable("The file must be a list of topics, [{…}, {…}], as an export is, and have at least one.")
    if len(entries) > MOST_TOPICS:
        raise FileUnusable(f"The file names {len(entries):,} topics; at most {MOST_TOPICS:,} can be read at once.")
    for number, entry in enumerate(entries, 1):
        for problem in _problems(entry):
            raise FileUnusable(f"{_place(number, entry)}: {problem}")
    _refuse_twice(entries)
    return [{"examples": [], "counterexamples": [], "retired": False} | entry for entry in entries]


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FileUnusable(f"Line {line} is not UTF-8: save the file as UTF-8 and try again.") from error
    except json.JSONDecodeError as error:
        place = f"Line {error.lineno}, column {error.colno}"
        raise FileUnusable(f"{place} is not JSON ({error.msg}): mend it there and try again.") from error
    except (RecursionError, ValueError) as error:
        raise FileUnusable("The file cannot be read as JSON: it must be a list of topics, as an export is.") from error


def _place(number: int, entry: object) -> str:
    slug = entry.get("slug") if isinstance(entry, dict) else ""
    return f"Entry {number} (“{slug[:50]}”)" if isinstance(slug, str) and slug else f"Entry {number}"


def _problems(entry: object) -> Iterator[str]:
    """Yield what is wrong with an entry, each with what it must be."""
    if not isinstance(entry, dict):
        yield "it must be an object, {…}, with slug, name, field, description and categories."
        return
    known = {*TEXTS, *LISTS, "retired"}
    if strange := sorted(entry.keys() - known):
        yield f"“{strange[0][:50]}” is not known; a topic has {', '.join(sorted(known))}."
    for name in sorted(known - entry.keys() - OPTIONAL):
        yield f"{name} is missing."
    for name, longest in TEXTS.items():
        yield from _wrong_text(name, entry.get(name, ""), longest)
    for name, most in LISTS.items():
        yield from _wrong_list(name, entry.get(name, []), most)
    if not isinstance(entry.get("retired", False), bool):
        yield "retired must be true or false."
    yield from _wrong_words(entry)


def _wrong_text(name: str, value: object, longest: int) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip() or not is_storable(value):
        yield f"{name} must be a text that is not empty."
    elif len(value) > longest:
        yield f"{name} has {len(value):,} characters; at most {longest:,} are allowed."


def _wrong_list(name: str, value: object, most: int) -> Iterator[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one and is_storable(one) for one in value):
        yield f"{name} must be {LIST_OF_TEXTS}."
    elif len(value) > most:
        yield f"{name} has {len(value)} texts; at most {most} are allowed."
    elif longest := next((one for one in value if len(one) > 200), ""):
        yield f"{name} has a text of {len(longest):,} characters; at most 200 are allowed."


def _wrong_words(entry: dict[str, Any]) -> Iterator[str]:
    try:
        validate_slug(entry["slug"])
    except ValidationError:
        yield "slug may have letters, digits, - and _ only, for it stands in addresses."
    if entry["field"] not in FIELD_LABELS:
        yield f"field “{entry['field']}” is none of arXiv's: {', '.join(sorted(FIELD_LABELS))}."
    if both := {*entry.get("examples", ())} & {*entry.get("counterexamples", ())}:
        yield f"{min(both)} is among the examples and the counterexamples: take it out of one."


def _refuse_twice(entries: Sequence[dict[str, Any]]) -> None:
    numbers: dict[str, int] = {}
    for number, entry in enumerate(entries, 1):
        first = numbers.setdefault(entry["slug"], number)
        if first != number:
            raise FileUnusable(f"{_place(number, entry)}: entry {first} has the same slug; keep one of them.")


def plan(entries: Iterable[dict[str, Any]]) -> Plan:
    """Compare checked entries with what is stored; one query. Raises FileUnusable for a topic that was merged.

    New topics come behind those that are here, in the order of the file; the others keep their place.
    """
    stored = {topic.slug: topic for topic in Topic.objects.select_related("merged_into")}
    place = max((topic.position for topic in stored.values()), default=0)
    changes, unchanged = [], 0
    for number, entry in enumerate(entries, 1):
        topic = stored.pop(entry["slug"], None)
        if topic and topic.merged_into:
            raise FileUnusable(f"{_place(number, entry)}: it was merged into “{topic.merged_into}”; take it out.")
        change = _change(topic or Topic(slug=entry["slug"]), entry)
        if topic is None:
            place += 1
            change.topic.position = place
        if change.fields:
            changes.append(change)
        else:
            unchanged += 1
    return Plan(changes, unchanged, sum(topic.merged_into_id is None for topic in stored.values()), _mark())


def _change(topic: Topic, entry: dict[str, Any]) -> Change:
    values = {name: entry[name] for name in ("name", "field", "description", *LISTS)}
    values["is_active"] = not entry["retired"]
    fields = {name: (getattr(topic, name), value) for name, value in values.items() if getattr(topic, name) != value}
    for name, value in values.items():
        setattr(topic, name, value)
    return Change(topic, topic.pk is None, fields)


def apply(entries: Sequence[dict[str, Any]], expected: str = "") -> Plan:
    """Store what a file says, all of it or nothing, and return what that changed.

    expected is the mark of the plan that somebody agreed to; raises Changed where topics are others by now, and
    FileUnusable.
    """
    try:
        return _apply(entries, expected)
    except IntegrityError as error:  # somebody else has just made one of them
        raise Changed from error


def _apply(entries: Sequence[dict[str, Any]], expected: str) -> Plan:
    with transaction.atomic():
        list(Topic.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        planned = plan(entries)
        if expected and planned.stored != expected:
            raise Changed
        for change in planned.changes:
            change.topic.save(update_fields=None if change.is_new else list(change.fields))
    return planned


def _mark() -> str:
    """Return a mark of all that a file can say of the stored topics, and of which there are."""
    newest = Topic.objects.aggregate(newest=Max("pk"))["newest"]
    return blake2b(f"{newest} {write()}".encode(), digest_size=16).hexdigest()
