"""Values of BibTeX's fields, in a stretch of text whose braces are paired."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from subscriptions.bibliographies.entries import FIELD

MOST_PARTS = 100  # that one value is joined of
MOST_QUOTES = 20  # within one value that quotes enclose
FEW = 20  # characters
_BRACES = re.compile(r"[{}]")
_BRACES_UNESCAPED = re.compile(r"\\.|[{}]", re.DOTALL)
_QUOTE_OR_BRACE = re.compile(r'["{]')
_AFTER_QUOTE = re.compile(r'\s*+(?:[,}#)%]|\Z|[^\s,={}"#%()@]++\s*+=)')
_NEXT_FIELD = re.compile(r'[,\n][ \t]*+[^\s,={}"#%()@]++[ \t]*+=[ \t]*+[{"]')
# Words in no brackets, up to one that an equals sign follows: that is the next field, and a comma was forgotten.
# (The group gives nothing back, since nothing follows it; to say so misleads older builds of Python 3.11.)
_BARE = re.compile(r'[^\s,{}"#)]*+(?:[ \t]++[^\s,{}"#)=]++(?![ \t]*+=))*')
_JOINT = re.compile(r'\s*+#\s*+(?:(?=["{])|(?=([^\s,{}"#)]++)))')


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the text in which no brace belongs to one outside."""

    text: str
    start: int
    end: int
    closing: Mapping[int, int]  # from the place of an opening brace to that of its partner
    balanced: bool


def stretch(text: str, start: int, end: int) -> Stretch:
    """Pair the braces as BibTeX does, which counts escaped ones; without those where only that comes out even."""
    closing, balanced = _paired(_BRACES, text, start, end)
    if not balanced:
        otherwise, balanced = _paired(_BRACES_UNESCAPED, text, start, end)
        closing = otherwise if balanced else closing
    return Stretch(text, start, end, closing, balanced)


def _paired(braces: re.Pattern[str], text: str, start: int, end: int) -> tuple[dict[int, int], bool]:
    closing: dict[int, int] = {}
    opened: list[int] = []
    strays = 0
    for brace in braces.finditer(text, start, end):
        if brace[0] == "{":
            opened.append(brace.start())
        elif brace[0] == "}" and opened:
            closing[opened.pop()] = brace.start()
        elif brace[0] == "}":
            strays += 1
    return closing, not opened and not strays


def value(where: Stretch, position: int, macros: Mapping[str, str]) -> tuple[str, int]:
    """Return a field's value from this place, its parts joined, and where it ends; macros are named in lower case."""
    part, position = _part(where, position, macros)
    parts = [part]
    while len(parts) < MOST_PARTS and (joint := _JOINT.match(where.text, position, where.end)):
        word = joint[1]
        if word and not word.isdecimal() and word.lower() not in macros:
            break  # a remark, and nothing that could be joined
        part, position = _part(where, joint.end(), macros)
        parts.append(part)
    return "".join(parts)[:FIELD], position


def _part(where: Stretch, position: int, macros: Mapping[str, str]) -> tuple[str, int]:
    match where.text[position : min(position + 1, where.end)]:
        case "{":
            return _enclosed(where, position, where.closing.get(position), is_sure=where.balanced)
        case '"':
            return _enclosed(where, position, _closing_quote(where, position + 1), is_sure=False)
    bare = _BARE.match(where.text, position, where.end)
    assert bare
    return macros.get(bare[0].lower(), bare[0][:FIELD]), bare.end()


def _enclosed(where: Stretch, opening: int, closing: int | None, *, is_sure: bool) -> tuple[str, int]:
    """Return what stands in brackets; up to the next field where these may be closed too late, or never."""
    end = where.end if closing is None else closing
    after = min(end + 1, where.end)
    if not is_sure and (cut := _NEXT_FIELD.search(where.text, opening + 1, end)):
        end = after = cut.start()
    elif closing is None:
        return "", after  # nobody can tell where it would have ended
    content = where.text[opening + 1 : min(end, opening + 1 + FIELD)]
    return content.rstrip('", \n') if end == after else content, after


def _closing_quote(where: Stretch, position: int) -> int | None:
    """Find the quote that ends a value: outside braces, and followed by what may follow a value."""
    quotes = 0
    while quotes < MOST_QUOTES and (sign := _QUOTE_OR_BRACE.search(where.text, position, where.end)):
        if sign[0] == '"':
            quotes += 1
            if _AFTER_QUOTE.match(where.text, sign.end(), where.end):
                return sign.start()
            if where.text[max(position, sign.start() - FEW) : sign.start()].rstrip().endswith("="):
                return None  # it opens the next field
        position = 1 + where.closing.get(sign.start(), sign.start())
    return None
