"""TeX as arXiv serves it into Unicode for people to read: known accents, known commands and simple maths.

Everything else stays as served. A segment of maths that cannot be read for sure stays whole, dollars included.
"""

import re
import unicodedata
from itertools import islice

from papers.text.tex import markup, maths, pieces, prose, symbols
from papers.text.tex.commands import environments
from papers.text.tex.tokens import UnreadableError

TITLE_KEY_LENGTH = 200
LONGEST_TITLE = 2_000  # characters that are looked at; no title comes near
LONGEST = 10_000  # characters; no abstract comes near

TEX = re.compile(r"[\\$~`]|--|''")
URL = r"https?://(?:[^\s{}<>\\$'\"`]|\\[_%#&~$])+"
PATH = r"(?<![A-Za-z])[A-Za-z]:\\\w+(?:\\\S*)?|\\\\\w+\\\w\S*"
SPECIAL = re.compile(
    rf"(?P<taken>[{pieces.PIECES}])|(?P<url>{URL})|(?P<path>{PATH})|(?P<break>\\\\)|\\(?P<sign>[$%&#_{{}}])"
    rf"|(?P<maths>\$\$?|\\\(|\\\[|\\begin\{{(?:{'|'.join(environments.DISPLAYED)})\*?\}})"
)
ENDS = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}
# What ends a segment, and what stands between: braces, and escaped signs that are neither.
ENDS |= {rf"\begin{{{name}{star}}}": rf"\end{{{name}{star}}}" for name in environments.DISPLAYED for star in ("", "*")}
CLOSING = {opening: re.compile(rf"(?P<end>{re.escape(end)})|\\.|[{{}}]") for opening, end in ENDS.items()}
# Between the signs of a segment: one that is too long to be read is still kept whole.
FARTHEST = 2 * maths.LONGEST
UNBALANCED = 100  # braces
NEAR = 200  # characters around a bracket in which a program's expression would show
DISPLAYED = frozenset(opening for opening in ENDS if opening.startswith(r"\begin"))

TEXT_ARGUMENT = re.compile(r"\\(?:text\w*|mathrm|mathit|mathbf|mathsf|operatorname|[mh]box|emph)\*?\s*\{[^{}]*\}")
TEX_SIGN = re.compile(r"[\\^_]")
WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}\s+[A-Za-z]{2,}(?![A-Za-z])")
LONE_WORD = re.compile(r"(?:^|\s)(?!(?:log|ln|max|min|mod|exp|sin|cos|tan|det|dim)\b)[A-Za-z]{2,}(?:\s|$)")
LONE_LONG_WORD = re.compile(r"(?:^|\s)[A-Za-z]{4,}(?:\s|$)")
# An underlined part of a word: an acronym's letters, for which there is no accent to read.
LINED_LETTERS = re.compile(r"\\underline\{(?:\\(?:textbf|mathbf|text|mathrm|rm)\s*)?\{?([A-Za-z]+)\}?\}")
# Neither a price nor a name of a shell: a letter of Greek, or one letter and a relation, as in $z=$3.
BEFORE_NUMBER = re.compile(r"[\u0370-\u03ff]|\A[A-Za-z]\s?[=<>~]\Z")
PATTERN = re.compile(r"(?<!\\)\\[dwsDWSbB](?![A-Za-z])|\\[()\[\]]?[+*?]$")  # of a program's regular expression


def to_unicode(source: str) -> str:
    """Turn a title, name or abstract as served into one line, its TeX accents and simple maths as Unicode.

    Never raises: what cannot be read stays as served. Outside maths no word is lost.
    """
    line = " ".join(source.split())
    if len(line) > LONGEST or not TEX.search(line):
        return line
    try:
        return " ".join(converted(line).split())
    except Exception:  # whatever a stranger's text may provoke, the text itself is better than none
        return line


def title_key(title: str) -> str:
    """Return a title's letters and digits alone, without case or accents: the same for one paper in all sources.

    At most TITLE_KEY_LENGTH characters; '' for a title without a letter or digit.
    """
    letters = unicodedata.normalize("NFKD", to_unicode(title[:LONGEST_TITLE])).casefold()
    return "".join(islice(filter(str.isalnum, letters), TITLE_KEY_LENGTH))


def converted(line: str) -> str:
    pieces: dict[str, str] = {}
    text = prose.to_text(hidden(line, pieces))
    return text.translate({ord(sign): piece for piece, sign in pieces.items()})


def hidden(line: str, pieces: dict[str, str]) -> str:
    """Replace each piece that is settled already by one character of private use, and add the piece to pieces."""
    parts, position = [], 0
    while match := SPECIAL.search(line, position):
        parts.append(line[position : match.start()])
        piece, position = settled(line, match)
        parts.append(keep(piece, pieces))
    return "".join([*parts, line[position:]])


def keep(piece: str, pieces: dict[str, str]) -> str:
    """Return the character that stands for the piece, the same one each time; raise OverflowError if none is left."""
    if len(pieces) >= 0xF900 - 0xE000:
        raise OverflowError("more pieces than characters of private use")
    return pieces.setdefault(piece, chr(0xE000 + len(pieces)))


def settled(line: str, match: re.Match[str]) -> tuple[str, int]:
    """Return what stands for the match in the end, and the position where reading goes on."""
    if match["maths"]:
        return _maths_or_sign(line, match)
    if match["url"]:
        return re.sub(r"\\(.)", r"\1", match[0]), match.end()
    if match["break"]:
        stands_free = line[match.start() - 1 : match.start()] in {"", " "} and line[match.end() :][:1] in {"", " "}
        return (" " if stands_free else match[0]), match.end()
    return match["sign"] or match[0], match.end()


def _maths_or_sign(line: str, match: re.Match[str]) -> tuple[str, int]:
    """Return a segment of maths as Unicode or, if that cannot be, as served; the sign alone where none begins here."""
    opening, start = match["maths"], match.end()
    end = _closing(line, start, opening)
    content, after = line[start:end], end + len(ENDS[opening])
    if end < 0 and opening[0] == "\\":
        return ("" if _is_left_open(line, match) else opening), start
    if end >= 0 and content.startswith(r"\href"):  # a link, in maths for its looks
        return converted(content), after
    if end < 0 or not _is_maths(content, line[after : after + 1], opening):
        return opening, start
    if (letters := LINED_LETTERS.fullmatch(content)) and line[after : after + 1].isalpha():
        return letters[1], after
    try:
        shown = maths.to_line(line[match.start() : after] if opening in DISPLAYED else content)
    except UnreadableError:
        return line[match.start() : after], after
    return f"{shown}{_gap(shown, line[after : after + 1])}", after


def _gap(shown: str, after: str) -> str:
    """Return the blank that a relation at the end has on its other side too, before a number: z ~ 2 for $z\\sim$2."""
    return " " if after.isdigit() and shown[-2:-1] == " " and shown[-1] in symbols.RELATIONS else ""


def _is_left_open(line: str, match: re.Match[str]) -> bool:
    """Tell whether maths begins here that nothing ends: not a bracket in a program's expression, nor an environment."""
    is_free = len(match[0]) == 2 and line[match.start() - 1 : match.start()] in {"", " "}
    return is_free and not markup.PROGRAM.search(line, max(0, match.start() - NEAR), match.start() + NEAR)


def _closing(line: str, start: int, opening: str) -> int:
    """Return the position where the segment ends, or -1; a dollar inside braces does not end it."""
    if line.find(ENDS[opening], start) < 0:
        return -1
    depth = 0
    for match in CLOSING[opening].finditer(line, start, start + FARTHEST):
        if match["end"] and depth == 0:
            return match.start()
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if abs(depth) > UNBALANCED:
            break
    return -1


def _is_maths(content: str, after: str, opening: str) -> bool:
    """Tell whether a segment is maths, and not the prose between two prices or a regular expression."""
    inner = content.strip()
    if opening in DISPLAYED:
        return True
    if not inner or PATTERN.search(content) or (opening[0] == "\\" and after in {"+", "*", "?", "{"}):
        return False
    if TEX_SIGN.search(inner):
        return not (WORDS.search(TEXT_ARGUMENT.sub("", inner)) or _is_price(content))
    return not _has_word(inner) and (opening[0] == "\\" or not (_is_lopsided(content, after) or _glued(inner, after)))


def _is_price(content: str) -> bool:
    """Tell whether this stands between the dollars of two prices: $5 for x_1 and $6."""
    return content[0].isdigit() and content[-1].isspace() and "\\" not in content


def _has_word(inner: str) -> bool:
    """Tell whether a word stands free, as in $5 and more$; beside a relation, as in W = BA, only a long word counts."""
    word = LONE_LONG_WORD if re.search(r"[=<>]", inner) else LONE_WORD
    return " " in inner and word.search(inner) is not None


def _is_lopsided(content: str, after: str) -> bool:
    """Tell whether blanks stand as beside prices: on one side, or on both around a number, as in $5, $6 and $ 7."""
    blanks = content[0].isspace() + content[-1].isspace()
    inner = content.strip()
    if blanks == 1 and not inner[0].isdigit() and inner.count("(") == inner.count(")"):
        return after.isalnum() and inner[-1] != "-"
    return blanks == 1 or (blanks == 2 and inner[0].isdigit())


def _glued(inner: str, after: str) -> bool:
    """Tell whether the closing dollar belongs to what follows: a price, or a variable of a shell."""
    if after.isdigit():
        return any(character.isalnum() for character in inner) and not BEFORE_NUMBER.search(inner)
    return after.isalpha() and re.search(r"[A-Za-z]{3}", inner) is not None
