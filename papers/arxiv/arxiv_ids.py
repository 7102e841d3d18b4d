"""The many ways to write an arXiv identifier, and the one under which a paper is stored."""

import re
from collections.abc import Iterator
from datetime import date

# Since April 2007 a year, a month and a number: four digits until the end of 2014, five since.
MODERN = r"(?:0[7-9]|1[0-4])(?:0[1-9]|1[0-2])\.\d{4}|(?:1[5-9]|[2-9]\d)(?:0[1-9]|1[0-2])\.\d{5}"
ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|dg-ga|"
    "funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math|math-ph|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol|physics|plasm-ph|"
    "q-alg|q-bio|quant-ph|solv-int|supr-con"
)
# Some archives have classes of several words: cond-mat.str-el, physics.acc-ph.
SUBJECT_CLASS = re.compile(r"\.[a-z]{2,4}(?:-[a-z]{2,4})?/", re.IGNORECASE | re.ASCII)
BEFORE_2007 = rf"(?:{ARCHIVES})(?:\.[a-z]{{2,4}}(?:-[a-z]{{2,4}})?)?/\d{{2}}(?:0[1-9]|1[0-2])\d{{3}}"
IDENTIFIER = rf"(?P<id>{MODERN}|{BEFORE_2007})(?:v(?P<version>[1-9]\d{{0,3}}))?"
MIRRORS = (
    r"(?:[a-z0-9]+\.){0,2}arxiv\.org/(?:abs|pdf|html|format|ps|src|e-print)/(?:arxiv:)?"
    r"|(?:dx\.)?doi\.org/10\.48550/arxiv\."
    r"|(?:www\.)?alphaxiv\.org/(?:[a-z]{2}/)?(?:abs|pdf|html|overview|forum)/"
    r"|(?:www\.)?ar5iv\.org/(?:abs|pdf|html)/"
    r"|(?:www\.)?(?:huggingface\.co|hf\.co|emergentmind\.com|arxiv-vanity\.com)/papers?/(?:arxiv:)?"
    r"|(?:www\.)?scirate\.com/arxiv/"
    r"|(?:(?:www|api)\.)?semanticscholar\.org/(?:arxiv[:/]|paper/arxiv:)"
)
PREFIX = rf"(?:(?:https?://)?(?:{MIRRORS})|10\.48550/arxiv\.|(?:oai:)?arxiv(?:\.org)?(?:\s*:\s*|[.\s_-])?)?"
# What the stamp in the margin of arXiv's PDFs says after the identifier: [cs.LG] 24 Jun 2026.
STAMP = r"(?:\s*\[[a-z-]{2,8}(?:\.[a-z-]{2,8})?\](?:\s+\d{1,2} [a-z]{3} \d{4})?)?"
WRITTEN = re.compile(rf"{PREFIX}{IDENTIFIER}(?:\.pdf)?/?(?:[?#]\S*)?{STAMP}", re.IGNORECASE | re.ASCII)
# In running text an identifier must not be a piece of a longer number, word, name or DOI, nor be viXra's; it may follow
# arXiv's name.
OTHER_DOI = r"(?<![\w.])10\.(?!48550/)\d{4,9}/[^\s,;|]*"
IN_TEXT = re.compile(
    rf"{OTHER_DOI}|(?<!vixra:)(?<!vixra\.org/abs/)"
    rf"(?:(?<![\w.-])|(?<=arxiv)|(?<=arxiv[._-])){IDENTIFIER}(?!\w|[.-]\d)",
    re.IGNORECASE | re.ASCII,
)
# Zero-width spaces, soft hyphens, marks of direction: a copied text has them, and nobody sees them.
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]")
QUOTES = " \t\r\n\"'`‘’“”„«»‹›–—<>()"  # and other signs around an identifier
FULL_WIDTH = {
    code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)
}  # letters, digits and signs of East Asian keyboards


def split(text: str) -> tuple[str, int | None]:
    """Split 'arXiv:2606.15610v2', or a link to it, into ('2606.15610', 2); raise ValueError for anything else."""
    match = WRITTEN.fullmatch(visible(text).strip(QUOTES))
    if match is None:
        raise ValueError(f"{text[:80]!r} is no arXiv identifier; write it like 2606.15610 or hep-th/9901001")
    return _stored_form(match["id"]), int(match["version"]) if match["version"] else None


def canonical(text: str) -> str:
    """Return '2606.15610' for 'arXiv:2606.15610v2' or a link to it; raise ValueError if the text is no identifier."""
    return split(text)[0]


def canonical_id(text: str) -> str:
    """Return the same as canonical, but '' where the text is no identifier."""
    try:
        return canonical(text)
    except ValueError:
        return ""


def find_all(text: str) -> list[str]:
    """List every paper named in a pasted text, by identifier or link, once each and in the order of the text."""
    return list(dict.fromkeys(_found(text)))


def _found(text: str) -> Iterator[str]:
    return (_stored_form(match["id"]) for match in IN_TEXT.finditer(visible(text)) if match["id"])


def visible(text: str) -> str:
    """Return the text without characters that nobody sees, full-width ones in their common width."""
    return UNSEEN.sub("", text).translate(FULL_WIDTH)


def _stored_form(identifier: str) -> str:
    """Return the form that arXiv itself stores: math/0309136 for math.GT/0309136, which is the same paper."""
    return SUBJECT_CLASS.sub("/", identifier.lower())


def month(identifier: str) -> date:
    """Return the first day of the month in a stored identifier, which is the month in which its paper was announced."""
    digits = identifier.rpartition("/")[2]
    year = int(digits[:2])
    return date((1900 if year > 90 else 2000) + year, int(digits[2:4]), 1)
