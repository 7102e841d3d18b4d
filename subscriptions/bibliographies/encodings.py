"""Turn a file's bytes into text, whatever encoding they are in, without losing a file to one wrong byte."""

import codecs
import re

# UTF-32's mark of little ends begins like UTF-16's.
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
SAMPLE = 4_000  # bytes that are looked at for the NULs of UTF-16
# Japanese in seven bits: pairs of printable bytes, braces among them, from one escape to another or the line's end.
_JAPANESE = re.compile(rb"\x1b\$(?:[@B]|\([D])[\x21-\x7e]*+(?:\x1b\([BJ])?")
# What programs write into the first lines; asked only where the bytes are no UTF-8.
_NAMED = re.compile(rb"(?i)encoding:?[ \t]*+(?:[a-z ]*+\()?(mac os roman|[a-z0-9_-]++)")
_BY_NAME = re.compile(
    r"cp\d+|windows-\d+|iso-?8859[-_]\d+|mac.*roman|gbk|gb2312|gb18030|big5|shift_jis|sjis|euc[-_](?:jp|kr)"
)
_STRAYS = re.compile("[\udc80-\udcff]")
_STRAY = {0xDC00 + byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0x100)}


def text_of(data: bytes) -> str:
    """Return the text, its lines ended by line feeds alone and without NULs.

    UTF-8 unless a mark, NULs or escapes say otherwise. Where bytes are no UTF-8, the file is read in the encoding that
    it names; if it names none, these bytes alone are read as Windows in the West has them (CP1252).
    """
    return _decoded(data).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark) and encoding != "utf-8":
            return data.decode(encoding, "replace")
    if encoding := _utf_16_without_mark(data[:SAMPLE]):
        return data.decode(encoding, "replace")
    data = _JAPANESE.sub(_in_utf_8, data.removeprefix(codecs.BOM_UTF8))
    text = data.decode("utf-8", "surrogateescape")
    if (strays := _STRAYS.search(text)) and (named := _named(data[:SAMPLE])):
        return data.decode(named, "replace")
    return text.translate(_STRAY) if strays else text


def _utf_16_without_mark(sample: bytes) -> str:
    """Return the encoding if every other byte is mostly NUL, as of a text that is mostly ASCII; else ''."""
    for encoding, at in {"utf-16-be": 0, "utf-16-le": 1}.items():
        if len(sample) >= 4 and sample[at::2].count(0) > len(sample) / 4 > sample[1 - at :: 2].count(0) * 4:
            return encoding
    return ""


def _in_utf_8(segment: re.Match[bytes]) -> bytes:
    return segment[0].decode("iso2022_jp_2", "replace").encode()


def _named(sample: bytes) -> str:
    named = _NAMED.search(sample)
    name = named[1].decode().lower() if named else ""
    if not _BY_NAME.fullmatch(name):
        return ""
    try:
        return codecs.lookup("mac_roman" if "mac" in name else name).name
    except LookupError:
        return ""
