"""Each machine brings the files of pages together by itself: once for all its processes, and anew after a kill."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config import settings as read
from config.web import static_files
from tests.services import ROOT


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {"VAR_DIR": str(tmp_path), "DEBUG": "true"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("STATIC_ROOT", raising=False)
    return tmp_path / "static"


def test_an_empty_folder_is_filled_once_and_after_a_kill_anew(root: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: static_files.make(root, read.STATICFILES_DIRS, ROOT), range(2)))
    files = {file for file in root.rglob("*") if file.is_file()}
    assert len(files) > 100
    sample = min(files)
    made = sample.stat().st_mtime_ns
    static_files.make(root, read.STATICFILES_DIRS, ROOT)
    assert sample.stat().st_mtime_ns == made

    root.with_suffix(".made").write_text(static_files.UNFINISHED)
    whole = sample.read_bytes()
    sample.write_bytes(whole[:10])  # newer than its source, so that it would pass for done
    (root / "half").write_bytes(b"")
    static_files.make(root, read.STATICFILES_DIRS, ROOT)
    assert sample.read_bytes() == whole
    assert not (root / "half").exists()


def test_a_folder_that_cannot_be_filled_is_told_and_ends_nothing(
    root: Path, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").write_text("a file")
    static_files.make(tmp_path / "elsewhere" / "static", read.STATICFILES_DIRS, ROOT)
    assert "could not be brought together" in caplog.text


def test_a_new_release_of_a_file_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a")
    before = static_files._version([tmp_path])
    assert static_files._version([tmp_path]) == before
    os.utime(tmp_path / "a.css", (1, 1))
    assert static_files._version([tmp_path]) != before
