"""The account of a folder of bibliographies: a line a file, and no entry of which nothing is told."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from subscriptions.bibliographies import evaluation

BIBTEX = "@misc{a, title={Whale song}, eprint={2606.00001}}\n\n@misc{b}\n@misc{c, doi={10.1234/c}}\n"
RIS = "TY  - JOUR\nTI  - On sonar\nDO  - 10.1234/d\nER  -\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "my.bib").write_text(BIBTEX)
    (tmp_path / "other.txt").write_text(RIS)
    (tmp_path / "prose.md").write_text("A shopping list.")
    return tmp_path


def evaluated(folder: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("evaluate", "libraries", "--data", str(folder), *options, stdout=out)
    return out.getvalue()


def test_each_file_has_a_line_each_unreadable_entry_another_and_the_sum_is_the_last(folder: Path) -> None:
    rows = [line.split() for line in evaluated(folder).splitlines()]
    assert rows[1][:8] == ["BibTeX", "3", "2", "1", "0", "1", "1", "1"]
    assert rows[1][-1] == "deep/my.bib"
    assert " ".join(rows[2]) == "line 3: it has no fields"
    assert rows[3][:8] == ["RIS", "1", "1", "0", "0", "0", "1", "1"]
    assert " ".join(rows[4]).startswith("none prose.md: No entry could be read")
    assert rows[5][:8] == ["all", "4", "3", "1", "0", "1", "2", "2"]


def test_the_same_as_json(folder: Path) -> None:
    bibtex, ris, prose = json.loads(evaluated(folder, "--json"))
    assert (bibtex["unreadable"], bibtex["lost"]) == ([[3, "it has no fields"]], [])
    assert (ris["begun"], prose["format"]) == (1, "")


def test_an_entry_of_which_nothing_is_told_ends_the_command_with_an_error(folder: Path) -> None:
    """What looks like an entry within the braces of another: a person must look whether it is one."""
    (folder / "deep" / "my.bib").write_text("@misc{a, title={x}, note={See\n@misc{b}\nand more}}\n")
    with pytest.raises(CommandError, match=r"(?s)line 2: lost, and not told\n.*Of 1 entries .* nothing is told"):
        evaluated(folder)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file in"):
        evaluated(tmp_path)


def test_what_is_read_of_real_bibliographies_is_counted_without_a_limit(tmp_path: Path) -> None:
    (tmp_path / "large.bib").write_text(BIBTEX * 2_000)
    [account] = evaluation.accounts(tmp_path)
    assert (account.begun, account.read, len(account.unreadable), account.lost) == (6_000, 4_000, 2_000, ())
