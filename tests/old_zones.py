"""A folder of time zones as another machine may have it: compiled here, with a version of its own."""

import subprocess
from pathlib import Path

from tests.processes import program

# As Vancouver was before 2026: clocks are put back on the first Sunday of November.
LAW = """
Rule Old 2007 max - Mar Sun>=8 2:00 1:00 D
Rule Old 2007 max - Nov Sun>=1 2:00 0 S
Zone America/Vancouver -8:00 Old P%sT
Zone America/New_York -5:00 Old E%sT
Zone Etc/UTC 0 - UTC
Link Etc/UTC UTC
Zone Mars/Olympus 1:00 - MRS
"""


def compiled(folder: Path, version: str) -> Path:
    """Make the folder; its Vancouver goes by the old law whatever the version says, and it has a zone on Mars."""
    folder.mkdir()
    (folder / "law").write_text(LAW)
    subprocess.run([program("zic", "libc-bin"), "-d", folder, folder / "law"], check=True)
    (folder / "law").unlink()
    (folder / "tzdata.zi").write_text(f"# version {version}\n# This is a test.\n")
    return folder
