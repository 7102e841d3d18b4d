"""Turn an uploaded file's bytes into entries, whatever the file is."""

import codecs
import json
from collections.abc import Iterator

from subscriptions.bibliographies import bibtex, ris
from subscriptions.bibliographies.entries import MOST_BYTES, MOST_ENTRIES, TOO_LARGE, BibliographyError, Entry

FORMATS = (ris, bibtex)
CHOOSE = "Please choose a BibTeX (.bib) or RIS (.ris) file."
UNPACK = "This is a compressed file. Please unpack it, and choose the .bib or .ris file in it."
NOT_TEXT = {
    b"PK\x03\x04": UNPACK,
    b"\x1f\x8b": UNPACK,
    b"7z\xbc\xaf": UNPACK,
    b"%PDF": f"This is a PDF and not a bibliography. {CHOOSE}",
    b"\x89PNG": f"This is a picture and not a bibliography. {CHOOSE}",
    b"\xff\xd8\xff": f"This is a picture and not a bibliography. {CHOOSE}",
    b"SQLite format 3": "This is a database of a program. Please export BibTeX (.bib) or RIS (.ris) from it.",
}
NONE_READ = "An entry begins in line {} of this file, but none could be read: it is damaged. Please export it again."


def read(data: bytes) -> list[Entry]:
    """Return the entries of a file, in its order; raise BibliographyError where it is none, or too large."""
    text = _decoded(data)
    for format_module in FORMATS:
        beginnings = format_module.begun(text)
        if first := next(beginnings, None):
            _refuse_more_than(MOST_ENTRIES, 1 + sum(1 for _ in beginnings))
            line = 1 + text.count("\n", 0, first.start())
            if entries := list(format_module.read(text)):
                return entries
            raise BibliographyError(NONE_READ.format(line))
    raise BibliographyError(f"No entry could be read in this file. {CHOOSE}")


def to_lines(data: bytes) -> Iterator[str]:
    """Yield the entries for another process, one a line; a line with an object says why there are none."""
    try:
        yield from (entry.to_line() for entry in read(data))
    except BibliographyError as error:
        yield json.dumps({"refused": str(error)})


def _decoded(data: bytes) -> str:
    """Return the text of a file, its lines ended by line feeds alone; raise BibliographyError."""
    if len(data) > MOST_BYTES:
        raise BibliographyError(TOO_LARGE)
    for beginning, why in NOT_TEXT.items():
        if data.startswith(beginning):
            raise BibliographyError(why)
    return _text(data).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def _text(data: bytes) -> str:
    is_utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if is_utf_16 else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _refuse_more_than(most: int, count: int) -> None:
    if count > most:
        raise BibliographyError(f"Please keep to {most} entries; this file has {count}. You can upload it in parts.")
