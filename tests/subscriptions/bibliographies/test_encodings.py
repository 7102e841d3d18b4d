"""Whatever encoding a file is in, its words are read, and one wrong byte changes nothing but itself."""

import pytest

from subscriptions.bibliographies.encodings import text_of
from subscriptions.bibliographies.files import read

BIBTEX = "@misc{a, title = {Über Wale – “Gesang”}, author = {Hořava, Petr}, eprint = {2606.00001}}\n"


def test_one_wrong_byte_leaves_the_rest_of_a_file_as_it_is() -> None:
    data = BIBTEX.encode() + b"@misc{b, title = {Na\xefve M\xfcller \x96 caf\xe9}}"
    first, second = read(data).entries
    assert (first.title, first.authors) == ("Über Wale – “Gesang”", ("Hořava, Petr",))
    assert second.title == "Naïve Müller – café"


def test_a_character_that_was_cut_in_two_is_two_wrong_bytes() -> None:
    assert text_of("Über".encode()[:1] + b" x " + "Ü".encode()) == "Ã x Ü"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_file_is_read_in(encoding: str) -> None:
    text = BIBTEX if encoding != "cp1252" else BIBTEX.replace("ř", "r")
    [entry] = read(text.encode(encoding)).entries
    assert (entry.title, entry.arxiv_id) == ("Über Wale – “Gesang”", "2606.00001")


@pytest.mark.parametrize(
    ("line", "encoding"),
    [
        ("% Encoding: Cp1250", "cp1250"),
        ("% Encoding: ISO8859_2", "iso8859_2"),
        ("%% Saved with string encoding Western (Mac OS Roman)", "mac_roman"),
        ("% Encoding: GBK", "gbk"),
        ("% Encoding: SJIS", "sjis"),
    ],
)
def test_the_encoding_that_a_program_wrote_into_the_file_is_believed(line: str, encoding: str) -> None:
    title = {"gbk": "深海鲸歌 {x}", "sjis": "ソナー表", "mac_roman": "Über Wale"}.get(encoding, "Hořava")
    data = f"{line}\n@misc{{a, title = {{{title}}}, eprint = {{2606.00001}}}}".encode(encoding)
    [entry] = read(data).entries
    assert (entry.title, entry.arxiv_id) == (title.replace("{x}", "{x}"), "2606.00001")


@pytest.mark.parametrize("line", ["% Encoding: zip", "% Encoding: idna", "% Encoding: UTF8", "% Encoding: nonsense-9"])
def test_unless_it_is_none_or_wrong(line: str) -> None:
    data = f"{line}\n@misc{{a, title = {{Über}}}}".encode("cp1252")
    assert read(data).entries[0].title == "Über"


def test_japanese_in_seven_bits_closes_no_entry() -> None:
    title = "寺の歌と笹の箭"
    japanese = title.encode("iso2022_jp")
    assert (japanese.count(b"{"), japanese.count(b"}")) == (2, 1)
    data = b"@misc{a, title = {" + japanese + b"}, eprint = {2606.00001}}\n" + BIBTEX.encode()
    first, second = read(data).entries
    assert (first.title, first.arxiv_id) == (title, "2606.00001")
    assert second.title == "Über Wale – “Gesang”"


def test_nor_where_its_end_was_lost() -> None:
    data = b"@misc{a, note = {" + "鯨の歌".encode("iso2022_jp")[:-3] + b"\n}, eprint = {2606.00001}}"
    assert read(data).entries[0].arxiv_id == "2606.00001"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_on_any_system(end: str) -> None:
    assert [entry.line for entry in read((BIBTEX + "\n" + BIBTEX).replace("\n", end).encode()).entries] == [1, 3]
