"""Pictures of every mail, for people to look at: narrow and wide, light and dark, in a webmail's page, and as text.

Usage: python -m tests.mail_gallery [FOLDER] [--only WORD]
       python -m tests.mail_gallery --readme

The folder then holds NAME-VIEW-WIDTH.png and NAME.html, and index.html with all of them.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

import django
from tqdm import tqdm

from tests.make_run import NO_SOURCES
from tests.screenshots import __main__ as screenshots
from tests.services import launch_chromium, process_environment
from tests.stack import Stack


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.mail_gallery")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("var/mails"))
    parser.add_argument("--only", default="", help="mails whose name holds this")
    parser.add_argument("--readme", action="store_true", help="nothing but the digest of the README, in docs/pictures")
    options = parser.parse_args()
    if options.readme:
        return screenshots.main(["--readme", "--only", "digest"])
    stack = Stack(**NO_SOURCES)
    try:
        count = _of_all_mails(stack, options)
    finally:
        stack.remove()
    sys.stdout.write(f"{count} mails: {options.folder / 'index.html'}\n")
    return 0


def _of_all_mails(stack: Stack, options: Namespace) -> int:
    """Write all mails in a database of their own, and take pictures of those that are wanted."""
    mode = {"DJANGO_SETTINGS_MODULE": "config.settings", "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    os.environ |= process_environment(**stack.environment) | mode
    stack.migrate()
    django.setup()
    from tests.mail_gallery import kinds, pictures

    chosen = {name: mail for name, mail in kinds.every().items() if options.only in name}
    options.folder.mkdir(parents=True, exist_ok=True)
    rows = []
    with launch_chromium() as browser:
        for name, mail in tqdm(chosen.items(), unit="mail", disable=None):
            rows.append(pictures.take(browser, options.folder, name, mail))
    (options.folder / "index.html").write_text(pictures.contact_sheet(rows))
    return len(chosen)


if __name__ == "__main__":
    sys.exit(main())
