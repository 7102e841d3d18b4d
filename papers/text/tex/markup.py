"""Commands with arguments in running text: emphasis, links, notes, citations, layout, and authors' own."""

import re
from collections.abc import Callable

from papers.text.tex import symbols
from papers.text.tex.commands import numerals
from papers.text.tex.pieces import FREE, IN_BRACES, INNER, LETTER, OPTION, PIECES

Replacement = str | Callable[[re.Match[str]], str]

DEEPEST = 8  # commands within each other
KEPT = (
    "ac|acf|acl|acp|acs|Ac|acrshort|acrlong|acrfull|emph|gls|Gls|glspl|hbox|mbox|small|tcode|text|textbf|textit|textmd|"
    "textnormal|textrm|textsf|textsl|texttt|textup|uline|ul|underline|url|uwave|hl|st|sout|mathrm|mathbf|mathit|"
    "boldmath|textcircled|uppercase|lowercase|MakeUppercase|title|section|subsection|paragraph|thanks|ensuremath"
)
DECLARED = (
    "em|it|bf|tt|sc|sl|rm|sf|cal|tiny|scriptsize|footnotesize|small|normalsize|large|Large|LARGE|huge|Huge|itshape|"
    "bfseries|scshape|slshape|upshape|ttfamily|rmfamily|sffamily|boldmath|unboldmath|centering|raggedright|relax"
)
ABBREVIATED = {"eg": "e.g.", "ie": "i.e.", "etal": "et al."}
LISTS = "itemize|enumerate|description|center|quote|quotation|abstract|flushleft|document|small|footnotesize|keywords"
# Of a program's regular expression: where one stands, a backslash is not TeX's.
PROGRAM = re.compile(r"(?<!\\)\\[dwsDWSbB](?![A-Za-z{])")


def without(text: str) -> str:
    """Return the text with commands as what they show, the innermost first, and without what is layout alone."""
    for _ in range(DEEPEST if "\\" in text else 0):
        before = text
        for pattern, replacement in COMMANDS:
            text = pattern.sub(replacement, text)
        if text == before:
            break
    rest = SMALL + OWN if not PROGRAM.search(text) else SMALL
    for pattern, replacement in SIGNS + rest if "\\" in text else SIGNS:
        text = pattern.sub(replacement, text)
    return text


def _script(match: re.Match[str]) -> str:
    return (symbols.superscript if match[1] == "super" else symbols.subscript)(match[2]) or match[2]


def _link(match: re.Match[str]) -> str:
    """Return the text and the address of a link, or only one where they are the same or the other is empty."""
    address, shown = match[1].strip(), match[2].strip()
    return f"{shown} ({address})" if address and shown and address != shown else shown or address


def set_off(match: re.Match[str]) -> str:
    """Return a blank where the match follows a word directly."""
    before = match.string[match.start() - 1 : match.start()]
    return "" if before in {"", " ", "(", "[", "~"} else " "


def _note(match: re.Match[str]) -> str:
    return f"{set_off(match)}({match[match.lastindex or 1].strip()})"


def _citation(match: re.Match[str]) -> str:
    """Put what is cited in brackets, and after it the place in it."""
    notes = [note.strip() for note in match.groups()[:-1] if note and note.strip()]
    return f"{set_off(match)}[{', '.join([match[match.lastindex or 1].strip(), *notes])}]"


def _small_capitals(match: re.Match[str]) -> str:
    """Return the text, a numeral of an ion in capitals and set off from its element."""
    numeral = numerals.stage(match[1]) if match[1].strip().isalpha() else ""
    return f"{set_off(match)}{numeral}" if numeral else match[1]


def _own(match: re.Match[str]) -> str:
    """Return the text that an author's own command sets; a short argument belongs to its name, as in GF(5)."""
    name, shown = match[1], match[2].strip()
    sets_words = name.islower() and re.match(rf"[{PIECES}<]|{LETTER}{{3}}|\w+\s", shown)
    return shown if sets_words else f"{name}({shown})" if shown else name


def _split_angle(match: re.Match[str]) -> str:
    return f".{match[2]}{symbols.SPLIT_UNITS[match[1]]}"


def _item(match: re.Match[str]) -> str:
    return f" {match[1] or '•'} "


def _abbreviation(match: re.Match[str]) -> str:
    return ABBREVIATED[match[1]]


COMMANDS: list[tuple[re.Pattern[str], Replacement]] = [
    (re.compile(rf"\{{\s*\\(?:sc|scshape)(?![A-Za-z])\s*{INNER}\}}"), _small_capitals),
    (re.compile(rf"\\textsc{IN_BRACES}"), _small_capitals),
    (re.compile(rf"\\(?:{KEPT})\*?{IN_BRACES}"), r"\1"),
    (re.compile(rf"\{{\s*\\(?:{DECLARED})(?![A-Za-z])\s*{INNER}\}}"), r"\1"),
    (re.compile(rf"\{{\s*\\(?:color|hypersetup)\s*\{{[^{{}}]*\}}\s*{INNER}\}}"), r"\1"),
    (re.compile(rf"\\[kK]eywords{IN_BRACES}"), r"Keywords: \1"),
    (re.compile(rf"\\enquote{IN_BRACES}"), r"“\1”"),
    (re.compile(rf"\\text(super|sub)script{IN_BRACES}"), _script),
    (re.compile(rf"\\(?:href|hyperlink){IN_BRACES}{IN_BRACES}"), _link),
    (re.compile(rf"\\texorpdfstring{IN_BRACES}{IN_BRACES}"), r"\1"),
    (
        re.compile(
            rf"\\(?:textcolor|color|colorbox|foreignlanguage|scalebox|raisebox)\s*{OPTION}\{{[^{{}}]*\}}{IN_BRACES}"
        ),
        r"\2",
    ),
    (re.compile(rf"\\footnote(?:text)?{OPTION}{IN_BRACES}"), _note),
    (re.compile(r"\\footnote(?:text)?\{(?=[^{}]*\Z)([^{}]*)"), _note),
    (re.compile(rf"~?\\cite[a-z]*\*?{OPTION}{OPTION}{IN_BRACES}"), _citation),
    (re.compile(rf"~?\\(?:[cC]|auto|page|name)?ref\*?{IN_BRACES}"), _citation),
    (re.compile(rf"~?\\eqref{IN_BRACES}"), _note),
]
SIGNS: list[tuple[re.Pattern[str], Replacement]] = [
    (re.compile(r"(?<=\d)\{,\}(?=\d)"), ","),
    (re.compile(r"(?<=\w)~(?=\s)"), " "),
]
SMALL: list[tuple[re.Pattern[str], Replacement]] = [
    (re.compile(r"\\(eg|ie|etal)(?![A-Za-z])(?:\{\})?\.?"), _abbreviation),
    (
        re.compile(r"\\(?:noindent|newline|allowbreak|q?quad|smallskip|medskip|bigskip|par|xspace)(?![a-z])(?:\{\})?"),
        " ",
    ),
    (re.compile(rf"(?<=[\w.,)\]}}%{PIECES}])\\[ ;]|(?<!\\)\\,|(?<=[\w.,)])\\[:>](?=\w)"), " "),
    (re.compile(rf"(?<=[{PIECES}])\\!"), ""),
    (re.compile(rf"(?<={LETTER})\\-(?={LETTER}|\s)"), "-"),
    (re.compile(r"(?<=[\w.)])\\[@/](?=[\s\w.]|$)"), ""),
    (re.compile(r"\s~(?=\\[A-Za-z])"), " "),
    (re.compile(r"\\(farcs|farcm|fdg)(?![A-Za-z])(?:\{\}|\s)?\{?(\d+)\}?"), _split_angle),
    (re.compile(rf"\\(?:begin|end)\{{(?:{LISTS})\*?\}}{OPTION}"), " "),
    (re.compile(rf"\\item(?![A-Za-z])\s*{OPTION}"), _item),
    (re.compile(r"\\(?:label|vspace|hspace|hypersetup)\*?\{[^{}]*\}"), ""),
    # In the colour's name of \color{ddtD}ecoupled a letter of the word is lost to it.
    (re.compile(r"\\(?:text)?color\s*\{[^{}]*\}(?![a-z])"), ""),
    (re.compile(rf"{FREE}\\fa[A-Z][A-Za-z]+(?:\{{\}})?"), ""),  # small pictures
    (re.compile(r"\\footnotemark(?:\[\d+\])?(?:\{\})?"), ""),
    (re.compile(r"\\verb\*?([+|!])([^+|!]*)\1"), r"\2"),
    (re.compile(r"\\([\^~])\{\}|\\([~>])(?=\d)"), r"\1\2"),
    (re.compile(r"\\footnote(?=[A-Z])|\\(?=https?:)"), " "),
    (re.compile(r"\\(ding|romannumeral|char)(?:\{|(?=[\d\"]))\"?([0-9A-F]{1,5})\}?"), numerals.character),
    (re.compile(rf"\\(?:href|hyperlink){IN_BRACES}\{{(?=[^{{}}]*\Z)"), r"\1 "),
    (re.compile(rf"\\(?:href|hyperlink){IN_BRACES}"), r"\1"),
    (re.compile(rf"{FREE}\\(?:{DECLARED})(?![A-Za-z])\s?"), ""),
]
OWN: list[tuple[re.Pattern[str], Replacement]] = [
    (re.compile(rf"{FREE}\\([A-Za-z]{{2,}})\*?\{{{INNER}\}}"), _own),
    (re.compile(r"\\[A-Za-z]{2,}\*?\{(?=[^{}]*\Z)"), " "),  # cut off before its end
    (re.compile(rf"{FREE}\{{\\([A-Za-z]{{2,}})\}}"), r"\1"),
    (re.compile(r"\\[a-z]\{([A-Za-z]{3}[^{}]*)\}"), r"\1"),
    (re.compile(rf"{FREE}\\([A-Za-z]{{2,}})(?:\{{\}})?"), r"\1"),
    (re.compile(rf"(?<=[\w)}}\]{PIECES}])\\[)\]](?![+*?{{])"), ""),  # of maths that was never opened
]
