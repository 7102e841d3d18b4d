"""No entry of a BibTeX file is lost without being told, however people, programs and line ends have bent it."""

import pytest

from subscriptions.bibliographies.entries import Entry
from subscriptions.bibliographies.formats import bibtex
from subscriptions.bibliographies.reading import Unreadable

ID = "eprint = {2606.00001}"
NEXT = "\n@misc{next, title = {The next}, eprint = {2606.00002}}\n"


def read(text: str) -> list[Entry | Unreadable]:
    return list(bibtex.read(text))


def entries(text: str) -> list[Entry]:
    return [found for found in read(text) if isinstance(found, Entry)]


def what_is_told(text: str) -> list[tuple[int, str]]:
    return [(found.line, found.reason) for found in read(text) if isinstance(found, Unreadable)]


HEADS = {
    "plain": "@misc{a, ",
    "a blank after the sign": "@ misc{a, ",
    "a hyphen in the type": "@mv-misc{a, ",
    "a slash in the type": "@misc/online{a, ",
    "the brace in the next line": "@misc\n{a, ",
    "no type": "@{a, ",
    "no key": "@misc{",
    "no key but its comma": "@misc{, ",
    "no key and the field below": "@misc{\n ",
    "two commas": "@misc{a,, ",
    "an equals sign in the key": "@misc{a=b, ",
    "blanks in the key": "@misc{a b 2020, ",
    "a percent sign in the key": "@misc{a%b, ",
    "no comma behind the key": "@misc{a\n ",
    "a remark behind the key": "@misc{a, % see below\n ",
    "an indented head": "   @misc{a, ",
    "a head in upper case": "@MISC{a, ",
}
MIDDLES = {
    "an escaped closing brace": r"note = {x \} y}, ",
    "an escaped opening brace": r"note = {x \{ y}, ",
    "escaped braces in pairs": r"note = {x \{ y \} z}, ",
    "an escaped brace broken over a line": "note = {x \\{ y \\\n}}, ",
    "a line that looks like a head": "note = {see\n@word{foo} there}, ",
    "an address": "note = {bo@ example {x} and @ noon (y)}, ",
    "no comma": "note = {x}\n",
    "no comma in the line": "year = 2020 ",
    "no comma behind quotes": 'note = "x"\n ',
    "a comma too many": "note = {x},, , ",
    "a remark": "note = {x}, % a remark, with = and {braces}\n ",
    "a remark of its own line": "% a remark\n ",
    "a remark behind a sign of number": "note = {x}, # a remark\n ",
    "a name without a value": "note = , ",
    "a name without anything": "note, ",
    "words in no brackets": "note = Of all the seas, ",
    "a link in no brackets": "url = https://example.org/a?b=c#d, ",
    "quotes within quotes": 'note = "The "big" one", ',
    "a quote in braces": 'note = "The {"}big one", ',
    "text behind the value": "note = {x} and {more}, ",
    "a macro that is not there": "journal = jgr # { B}, month = jan # {~1}, ",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_an_entry_is_read_with(head: str) -> None:
    first, following = entries(f"{head}title = {{Whale}}, {ID}}}{NEXT}")
    assert (first.title, first.arxiv_id, first.line) == ("Whale", "2606.00001", 1)
    assert following.arxiv_id == "2606.00002"


@pytest.mark.parametrize("middle", MIDDLES.values(), ids=MIDDLES)
def test_fields_are_read_beside(middle: str) -> None:
    first, following = entries(f"@misc{{a, title = {{Whale}}, {middle}{ID}}}{NEXT}")
    assert (first.title, first.arxiv_id) == ("Whale", "2606.00001")
    assert following.title == "The next"


@pytest.mark.parametrize("end", ["# remark\n}", "% remark }\n}", ",\n}", "\n\n)}", "# see {x}\n}"])
def test_nothing_is_lost_by_what_stands_behind_the_last_field(end: str) -> None:
    first, following = entries(f"@misc{{a, title = {{Whale}}, {ID} {end}{NEXT}")
    assert (first.title, first.arxiv_id, following.title) == ("Whale", "2606.00001", "The next")


@pytest.mark.parametrize(
    "text",
    [
        "@misc{a, title = {Whale}, " + ID,
        "@misc{a, title = {Whale,\n author = {Ada}, " + ID + "\n}",
        "@misc{a, title = {Whale, author = {Ada}, " + ID + "}",
        '@misc{a, title = "Whale,\n author = "Ada", ' + ID + "\n}",
        '@misc{a, title = "{Whale",\n author = "Ada", ' + ID + "\n}",
        "@misc{a, title = {Whale}}, author = {Ada}, " + ID + "\n}",
        "@misc{a, " + ID + ", title = {Whale}, note = {",
    ],
    ids=["entry", "value", "value in one line", "quotes", "brace in quotes", "closed twice", "last value"],
)
def test_what_is_never_closed_keeps_its_fields_and_takes_no_other_with_it(text: str) -> None:
    first, following = entries(text + NEXT)
    assert (first.title.strip("{"), first.arxiv_id) == ("Whale", "2606.00001")
    assert following.title == "The next"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\n@misc{a, title = {Whale", [(2, "it never ends")]),
        ("@misc{a, author = {Ada},\n", [(1, "it never ends")]),
        ("@misc{a}", [(1, "it has no fields")]),
        ("\n\n@misc{}", [(3, "it has no fields")]),
    ],
)
def test_of_what_cannot_be_read_the_line_and_the_reason_are_told(text: str, told: list[tuple[int, str]]) -> None:
    assert what_is_told(text + NEXT) == told
    assert len(entries(text + NEXT)) == 1


def test_parts_are_joined_with_macros_wherever_they_are_defined() -> None:
    text = (
        '@string{pre = "2606."}\n@misc{a, title = "Wha" # {le} # tail, eprint = PRE # "00001"}\n@string(tail = { song})'
    )
    [entry] = entries(text)
    assert (entry.title, entry.arxiv_id) == ("Whale song", "2606.00001")


@pytest.mark.parametrize("fields", ["title = {}, title = {Whale}", "Title = {Whale}, title = {}"])
def test_of_equal_fields_the_one_that_helps_is_taken(fields: str) -> None:
    [entry] = entries(f"@misc{{a, {fields}, url = {{x}}, url = {{https://arxiv.org/abs/2606.00001}}}}")
    assert (entry.title, entry.arxiv_id) == ("Whale", "2606.00001")


def test_entries_of_one_key_are_all_read() -> None:
    assert [entry.title for entry in entries("@misc{a, title = {One}}\n@misc{a, title = {Two}}")] == ["One", "Two"]


def test_entries_in_one_line_are_all_read() -> None:
    text = "@misc{a, title = {One}} @misc(b, title = {Two (2)}) @misc{c, title = {Three} @misc{d, title = {Four}}"
    assert [entry.title for entry in entries(text)] == ["One", "Two (2)", "Three", "Four"]


@pytest.mark.parametrize(
    "text",
    [
        "@comment{ @misc{no, title = {Not this}} }",
        "@Comment{jabref-meta: groupstree: {\n0 All;}\n}",
        "@comment{ never { closed",
        '@preamble{ "\\newcommand{\\x}{y}" }',
        "@CONTROL{REVTEX41Control}",
        '@CONTROL{apsrev41Control, author = "08"}',
        "@IEEEtranBSTCTL{IEEE:control, CTLuse_forced_etal = {yes}}",
        "write to bo@example {x} or @ noon (y)",
        "@ada (see below)",
        "@word{foo} and more",
    ],
)
def test_what_is_no_entry_is_none(text: str) -> None:
    assert [entry.title for entry in entries(text + NEXT)] == ["The next"]
    assert what_is_told(text + NEXT) == []


def test_an_entry_that_was_made_a_remark_is_read_as_bibtex_reads_it() -> None:
    [entry] = entries("% @misc{a,\n%  title = {Whale},\n%  eprint = {2606.00001},\n% }\n")
    assert (entry.title, entry.arxiv_id) == ("Whale", "2606.00001")


def test_no_macro_and_no_entry_grows_without_end() -> None:
    doubled = "".join(f"@string{{m{n + 1} = m{n} # m{n}}}\n" for n in range(100))
    [entry] = entries('@string{m0 = "w"}\n' + doubled + "@misc{a, title = m100" + " # m100" * 500 + "}")
    assert len(entry.title) == 500


HOSTILE = {
    "beginnings in brackets": "@a(b=\n",
    "joints": '#"a"',
    "words": "w ",
    "remarks": "%\n",
    "groups": "{} ",
    "values never closed": "a={x\n",
    "values closed twice": "a={x}}\n",
    "quotes never closed": 'a="x ',
    "braces in quotes": 'b="{}{}{}{}\n',
    "a quote and blanks": '"' + " " * 500,
    "macros": "@string{a=b#b}\n",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_read_once(piece: str) -> None:
    """Were it read anew from each of its pieces, this would take hours."""
    text = "@misc{a, t=b" + piece * (200_000 // len(piece))
    assert read(text)
