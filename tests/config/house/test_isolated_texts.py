"""All templates: a text from outside stands in an element that isolates its direction, or its marks are taken out."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR) / "templates"
OUTSIDE = re.compile(
    r"(?!form\.)(.*\.)?(title|shown_title|author|query|note|edition_note|excerpt|shown_abstract|abstract|sentence|quote|comment"
    r"|journal_ref|organization|machine_summary|description|detail|subject|email|address|asked|refusal"
    r"|category|categories|message)|topic\.(name|label)|arxiv_id|mail\.(to|sender)|one"
)
FILTERED = re.compile(r"\|(straight|names|urlencode)\b")
NOT_TEXT = {"one"}  # in itself it may be anything: only where it is shortened, it is an interest in a reader's words
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Walk(HTMLParser):
    """Finds variables by the place where they stand: in an attribute, or in an element."""

    def __init__(self, variables: list[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.variables, self.open = variables, [("", False)]
        self.bare: list[str] = []

    def found(self, text: str) -> list[str]:
        return [self.variables[int(number)] for number in re.findall(r"VAR(\d+)Z", text)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        isolates = tag == "bdi" or ("dir", "auto") in attrs
        for name, value in attrs:
            if name in {"title", "alt", "aria-label", "content", "placeholder"} or (name == "value" and not isolates):
                self.bare += self.found(value or "")
        if tag not in VOID:  # a link hands on what it stands in
            self.open.append((tag, isolates or (tag == "a" and self.open[-1][1])))

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1 and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self.open[-1][1]:
            self.bare += self.found(data)


def bare_texts(template: str) -> list[str]:
    variables: list[str] = []

    def marked(found: re.Match[str]) -> str:
        variables.append(found[1])
        return f"VAR{len(variables) - 1}Z"

    template = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", template, flags=re.DOTALL)
    walk = Walk(variables)
    walk.feed(re.sub(r"\{\{ (.*?) \}\}", marked, template))
    walk.close()
    return [one for one in walk.bare if is_outside(one) and not FILTERED.search(one)]


def is_outside(variable: str) -> bool:
    name = variable.split("|")[0]
    return bool(OUTSIDE.fullmatch(name)) and not (name in NOT_TEXT and "truncatechars" not in variable)


TEMPLATES = [str(path.relative_to(ROOT)) for path in sorted(ROOT.rglob("*.html"))]


@pytest.mark.parametrize("name", TEMPLATES)
def test_texts_from_outside_are_isolated(name: str) -> None:
    assert bare_texts((ROOT / name).read_text()) == []


@pytest.mark.parametrize(
    ("template", "bare"),
    [
        ("<p>On {{ paper.shown_title }}</p>", ["paper.shown_title"]),
        ('<p dir="auto"><b>{{ card.note }}</b></p>', ["card.note"]),
        ("{% block title %}{{ topic.name }}{% endblock %}", ["topic.name"]),
        ('<a aria-label="{{ card.title }}">x</a>', ["card.title"]),
        ("<p><bdi>x</bdi>{{ query|truncatechars:80 }}</p>", ["query|truncatechars:80"]),
        ('<h1 dir="auto"><a href="/">{{ card.title }}</a></h1><bdi>{{ query }}</bdi>{{ card.title|straight }}', []),
    ],
)
def test_the_walk_finds_what_is_not(template: str, bare: list[str]) -> None:
    assert bare_texts(template) == bare
