"""The tests themselves: what they need of a machine, and what they do where it is not there."""

from pathlib import Path

import pytest

from tests import processes


@pytest.mark.parametrize("ci", ["", "true"])
def test_without_real_papers_beside_the_checkout_a_test_is_skipped_with_one_line(
    ci: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(processes, "ROOT", tmp_path / "clone")
    with pytest.raises(pytest.skip.Exception, match=r"^\.\./shared/data is missing: .*$"):
        processes.shared_data_folder()
