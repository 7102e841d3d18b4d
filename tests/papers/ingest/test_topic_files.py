"""Topics as a file: written, read back, and refused whole where anything in it is wrong."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from papers.editions import topic_files, topics
from papers.editions.topic_files import Changed, FileUnusable
from papers.models import Topic
from papers.text.words import FIELD_LABELS

pytestmark = pytest.mark.django_db
ROBOTS = {"slug": "robots", "name": "Robots", "field": "cs", "description": "They move.", "categories": ["cs.RO"]}


def as_bytes(*entries: dict[str, Any]) -> bytes:
    return json.dumps(entries).encode()


def stored(**changes: Any) -> Topic:
    return Topic.objects.create(**ROBOTS | changes)


def test_what_comes_with_the_project_is_written_and_read_back_as_it_is() -> None:
    topics.load()
    text = topic_files.write()
    assert json.loads(text) == json.loads(topics.TOPICS.read_text())
    planned = topic_files.plan(topic_files.read(text.encode()))
    assert (planned.changes, planned.unchanged, planned.others) == ([], Topic.objects.count(), 0)


def test_a_whole_set_of_topics_moves_to_another_site() -> None:
    stored(examples=["2606.00001"], counterexamples=["2606.00002"])
    stored(slug="walkers", name="Walkers", is_active=False)
    text, before = topic_files.write(), list(Topic.objects.values("slug", "is_active", "examples", "counterexamples"))
    Topic.objects.all().delete()
    topic_files.apply(topic_files.read(text.encode()))
    assert list(Topic.objects.values("slug", "is_active", "examples", "counterexamples")) == before


def test_a_merged_topic_is_in_no_file_and_comes_by_none() -> None:
    one, other = stored(), stored(slug="walkers", name="Walkers")
    topics.merge(one.pk, other.pk)
    assert [entry["slug"] for entry in json.loads(topic_files.write())] == ["walkers"]
    with pytest.raises(FileUnusable, match=r"Entry 1 \(“robots”\): it was merged into “Walkers”; take it out"):
        topic_files.plan(topic_files.read(as_bytes(ROBOTS)))


def test_only_what_differs_is_written() -> None:
    stored(position=7)
    stored(slug="walkers", position=9)
    changed = ROBOTS | {"description": "They move by themselves."}
    planned = topic_files.apply(topic_files.read(as_bytes(changed, ROBOTS | {"slug": "arms", "name": "Arms"})))
    assert [(one.is_new, [*one.fields]) for one in planned.changes] == [
        (False, ["description"]),
        (True, ["name", "field", "description", "categories"]),
    ]
    assert list(Topic.objects.values_list("slug", "position")) == [("robots", 7), ("walkers", 9), ("arms", 10)]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"[{]", r"Line 1, column 3 is not JSON .*: mend it there and try again\."),
        (b'[\n{"slug": "\xff"}]', r"Line 2 is not UTF-8: save the file as UTF-8"),
        (b"{}", r"must be a list of topics"),
        (b"[]", r"have at least one"),
        (b"[" * 100_000, r"cannot be read as JSON|is not JSON"),
        (b"[" + b"9" * 5_000 + b"]", r"cannot be read as JSON"),
        (b"\n ", r"There is nothing in it: choose a file"),
        (b"[" + b" " * 800_000, r"The file has 800,001 bytes; one of topics has at most 800,000"),
        (as_bytes(ROBOTS, ROBOTS), r"Entry 2 \(“robots”\): entry 1 has the same slug; keep one of them"),
        (b"[3]", r"Entry 1: it must be an object"),
    ],
)
def test_what_is_no_such_file_is_refused_with_the_place_and_the_remedy(data: bytes, why: str) -> None:
    with pytest.raises(FileUnusable, match=why):
        topic_files.read(data)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"colour": "red"}, r"“colour” is not known; a topic has categories, counterexamples, description"),
        ({"name": ""}, r"name must be a text that is not empty"),
        ({"name": "x" * 61}, r"name has 61 characters; at most 60 are allowed"),
        ({"description": "\0"}, r"description must be a text"),
        ({"description": 3}, r"description must be a text"),
        ({"slug": "r o"}, r"slug may have letters, digits, - and _ only"),
        ({"field": "alchemy"}, rf"field “alchemy” is none of arXiv's: {', '.join(sorted(FIELD_LABELS))}"),
        ({"categories": "cs.LG"}, r'categories must be a list of texts, such as \["cs.LG"'),
        ({"examples": ["x"] * 21}, r"examples has 21 texts; at most 20 are allowed"),
        ({"examples": ["x" * 300]}, r"examples has a text of 300 characters"),
        ({"examples": ["a"], "counterexamples": ["a"]}, r"a is among the examples and the counterexamples"),
        ({"retired": "no"}, r"retired must be true or false"),
    ],
)
def test_a_bad_entry_is_named_by_its_number_and_slug(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(FileUnusable, match=rf"Entry 2 \(“.*”\): {why}"):
        topic_files.read(as_bytes(ROBOTS, ROBOTS | {"slug": "arms"} | changes))


def test_a_missing_field_is_named() -> None:
    with pytest.raises(FileUnusable, match=r"Entry 1 \(“robots”\): description is missing"):
        topic_files.read(as_bytes({name: value for name, value in ROBOTS.items() if name != "description"}))


def test_nothing_is_written_where_topics_were_changed_since_somebody_looked() -> None:
    stored()
    entries = topic_files.read(as_bytes(ROBOTS | {"name": "Machines"}))
    seen = topic_files.plan(entries).stored
    Topic.objects.update(description="Somebody else was faster.")
    with pytest.raises(Changed):
        topic_files.apply(entries, seen)
    assert Topic.objects.get().name == "Robots"


class TestCommand:
    def run(self, *arguments: object) -> str:
        out = StringIO()
        call_command("topics", *map(str, arguments), stdout=out)
        return out.getvalue()

    def test_it_writes_and_reads(self, tmp_path: Path) -> None:
        stored()
        self.run("export", tmp_path / "topics.json")
        assert self.run("export") == (tmp_path / "topics.json").read_text()
        Topic.objects.all().delete()
        told = self.run("import", tmp_path / "topics.json", "--dry-run")
        assert told == "robots: new\n1 topics would be written, 0 unchanged.\n"
        assert not Topic.objects.exists()
        assert self.run("import", tmp_path / "topics.json") == "robots: new\n1 topics written, 0 unchanged.\n"
        Topic.objects.update(name="Machines")
        assert self.run("import", tmp_path / "topics.json").startswith("robots: name\n")

    def test_a_bad_file_changes_nothing_and_says_why(self, tmp_path: Path) -> None:
        (tmp_path / "bad.json").write_bytes(as_bytes(ROBOTS, {"slug": "arms"}))
        with pytest.raises(CommandError, match=r"bad.json: Entry 2 \(“arms”\): categories is missing\."):
            self.run("import", tmp_path / "bad.json")
        assert not Topic.objects.exists()

    def test_a_file_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match=r"none.json cannot be used: No such file or directory\."):
            self.run("import", tmp_path / "none.json")
