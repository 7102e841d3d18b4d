#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line
from django.db.utils import OperationalError, ProgrammingError

UNUSABLE = """The database cannot be used: {problem}
Check DATABASE_URL. A new or older database is brought up to date by: manage.py prepare (--traceback shows more)."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except (OperationalError, ProgrammingError) as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(UNUSABLE.format(problem=str(error).strip().partition("\n")[0]))


if __name__ == "__main__":
    main()
