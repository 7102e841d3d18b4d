from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from papers.editions import topic_files
from papers.editions.topic_files import Changed, FileUnusable, Plan


class Command(BaseCommand):
    help = "Writes the topics into a file of JSON, or reads such a file back: all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        export = commands.add_parser("export", help="Write all topics.")
        export.add_argument("file", nargs="?", type=Path, help="Standard output, if none is named.")
        read = commands.add_parser("import", help="Create and change topics as a file says.")
        read.add_argument("file", type=Path)
        read.add_argument("--dry-run", action="store_true", help="Only say what would change.")

    def handle(self, *, what: str, file: Path | None, dry_run: bool = False, **options: Any) -> None:
        try:
            if what == "import" and file:
                self._read(file, dry_run)
            elif file:
                file.write_text(topic_files.write(), encoding="utf-8")
            else:
                self.stdout.write(topic_files.write(), ending="")
        except FileUnusable as error:
            raise CommandError(f"{file}: {error}") from error
        except Changed as error:
            raise CommandError("Somebody changed the topics meanwhile: run this again.") from error
        except OSError as error:
            raise CommandError(f"{file} cannot be used: {error.strerror}.") from error

    def _read(self, file: Path, dry_run: bool) -> None:
        entries = topic_files.read(file.read_bytes())
        planned = topic_files.plan(entries) if dry_run else topic_files.apply(entries)
        self.stdout.write("\n".join(_lines(planned, dry_run)))


def _lines(planned: Plan, dry_run: bool) -> list[str]:
    changes = [f"{one.topic.slug}: {'new' if one.is_new else ', '.join(one.fields)}" for one in planned.changes]
    would = "would be " if dry_run else ""
    return [*changes, f"{len(planned.changes)} topics {would}written, {planned.unchanged} unchanged."]
