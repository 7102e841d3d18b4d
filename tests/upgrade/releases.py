"""The processes of a release, from its own checkout, with the settings that all of them share."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.processes import ROOT, process_environment
from tests.stack import Stack

# As an operator sets it.
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "a long and random secret of this rehearsal, used nowhere else at all",
    "ALLOWED_HOSTS": "papers.example.org,127.0.0.1",
    "SITE_URL": "https://papers.example.org",
    "INSTANCE_ID": "site",
    "SPREAD_MINUTES": "0",
    "EDITION_WAIT_MINUTES": "0",
    "HUGGINGFACE_URL": "http://127.0.0.1:9/",
    "ARXIV_RSS_URL": "http://127.0.0.1:9/",
    "ARXIV_OAI_URL": "http://127.0.0.1:9/",
    "ARXIV_API_URL": "http://127.0.0.1:9/",
    "GITHUB_API_URL": "http://127.0.0.1:9/",
}


class Release(Stack):
    """A stack whose code stands in another folder than the tests."""

    log_mode = "ab"

    def __init__(self, code: Path, **environment: str) -> None:
        super().__init__(**PRODUCTION, **environment)
        self.code = code

    def _place(self) -> dict[str, Any]:
        return {"cwd": self.code, "env": process_environment(**self.environment)}

    def errors(self) -> list[str]:
        """Lines of all logs that tell of an error."""
        lines = [line for log in self.folder.glob("*.log") for line in log.read_text(errors="replace").splitlines()]
        return [
            line for line in lines if '"level": "ERROR"' in line or '"level": "CRITICAL"' in line or "Traceback" in line
        ]


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """A folder with the code of a commit, for as long as it is needed."""
    with TemporaryDirectory(prefix="pr-older-") as folder:
        code = Path(folder) / "code"
        subprocess.run(["git", "worktree", "add", "--detach", "--quiet", str(code), commit], cwd=ROOT, check=True)
        try:
            yield code
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(code)], cwd=ROOT, check=True)
