"""The HTML of every mail in browsers that show text alone, as people read it who use a terminal or have it read out."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.subscriptions.mail_programs.letters import Letter
from tests.subscriptions.mail_programs.overlaid import run_laid_over, unpacked

WIDTH, WIDEST = 72, 80  # columns: what is asked for, and what a terminal has
SHOW = f"""
    export LANG=C.UTF-8 HOME="$PWD"
    for mail in *.html; do
        w3m -dump -cols {WIDTH} -I UTF-8 -O UTF-8 -T text/html "$mail" > "$mail.w3m"
        lynx -dump -width={WIDTH} -assume_charset=utf-8 -display_charset=utf-8 -force_html "$mail" > "$mail.lynx"
    done
"""
PICKS = {"digest-of-one": 1, "digest-of-ten": 10, "digest-of-twenty": 20, "digest-of-hostile-papers": 20}
GARBAGE = re.compile(r"@media|font-size|!important|&(?:nbsp|amp|lt|#\d+);|\ufffd|<!--|\[endif\]")
REFERENCE = re.compile(r"(?m)^ *\d+\. (\S+)$")


class Shown(NamedTuple):
    letter: Letter
    w3m: str
    lynx: str

    @property
    def leads_to(self) -> list[str]:
        """The list of links at the end of what Lynx writes."""
        return REFERENCE.findall(self.lynx.rpartition("\nReferences\n")[2])


@pytest.fixture
def shown(letters: list[Letter], tmp_path: Path) -> list[Shown]:
    program = unpacked("browsers", needed=True)
    for letter in letters:
        (tmp_path / f"{letter.name}.html").write_text(letter.html)
    run_laid_over(program, tmp_path, SHOW)
    return [
        Shown(letter, *((tmp_path / f"{letter.name}.html.{name}").read_text() for name in ("w3m", "lynx")))
        for letter in letters
    ]


def as_one_word(text: str) -> str:
    """Without spaces, for long words are broken, and without the numbers that Lynx gives to links."""
    return "".join(re.sub(r"\[\d+\]", "", text).split())


def test_mails_are_as_good_to_read_without_styles(shown: list[Shown]) -> None:
    for letter, w3m, lynx in shown:
        for text in (w3m, lynx.rpartition("\nReferences\n")[0]):
            whole = as_one_word(text)
            places = [whole.find(as_one_word(heading)) for heading in letter.headings]
            assert min(places) >= 0, (letter.name, letter.headings[places.index(-1)], text)
            assert places == sorted(places), letter.name
            if "hostile" not in letter.name:
                assert GARBAGE.findall(text) == [], letter.name
                assert max(map(len, text.splitlines())) <= WIDEST, letter.name


def test_picks_are_numbered_and_every_link_can_be_followed(shown: list[Shown]) -> None:
    for one in shown:
        assert {link.rstrip("/") for link in one.leads_to} == {link.rstrip("/") for link in one.letter.links}
        picks = [heading for heading in one.letter.headings if re.match(r"\d+\. ", heading)]
        expected = PICKS.get(one.letter.name, 0)
        assert [heading.partition(".")[0] for heading in picks] == [str(number + 1) for number in range(expected)]
