"""Fourteen days of June 2026 for five readers, from real papers: every mail as a file, for people to read.

Usage: python -m tests.fortnight [FOLDER] [--data FOLDER] [--kept FOLDER] [--again | --anew]

FOLDER then holds reader-N/YYYY-MM-DD.eml, .html and .txt, and index.txt with what became of each day. The first run
gives every paper its vectors, which takes minutes; killed and started again, it goes on where it was. With --again the
digests of each day are chosen and written once more from what was known that morning, which shows what a change of
templates does; with --anew the days are lived through again, too, which shows all other changes.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

import django

from tests.make_run import NO_SOURCES
from tests.services import ROOT, process_environment
from tests.stack import Stack

SITE = "https://papers.example.org"


class KeptStack(Stack):
    """The processes of a site whose folder is there before and after."""

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(VAR_DIR=str(folder), **environment)
        self.folder.rmdir()
        self.folder = folder


def main() -> int:
    options = _options()
    options.kept.mkdir(parents=True, exist_ok=True)
    database = f"sqlite:///{options.kept.resolve()}/live.sqlite3"
    stack = KeptStack(options.kept.resolve(), DATABASE_URL=database, **NO_SOURCES | {"SITE_URL": SITE})
    try:
        _replay(stack, options)
    finally:
        stack.stop()
    return 0


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.fortnight")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("var/fortnight-mails"))
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="real papers and lists")
    parser.add_argument("--kept", type=Path, default=Path("var/fortnight"), help="where vectors and mornings are kept")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--again", action="store_true", help="only choose and write, from each morning that was kept")
    which.add_argument("--anew", action="store_true", help="live through all days again; vectors are kept")
    options = parser.parse_args()
    if not options.data.is_dir():
        parser.error(f"{options.data} is no folder: --data names the one with real papers")
    return options


def _replay(stack: Stack, options: Namespace) -> None:
    os.environ |= process_environment(**stack.environment) | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    os.environ["DATABASE_URL"] = stack.environment["DATABASE_URL"]
    django.setup()
    from django.test.utils import setup_test_environment

    from tests.fortnight.replay import Replay
    from tests.fortnight.source import Source

    setup_test_environment()  # mails stay in memory
    replay = Replay(Source(options.data), options.kept.resolve(), options.folder)
    if options.again:
        replay.write_again()
    else:
        replay.live(stack, anew=options.anew)


if __name__ == "__main__":
    sys.exit(main())
