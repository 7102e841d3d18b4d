"""A mail as terminals show it: its text part, and its HTML by the browsers for terminals that are here."""

import shutil
import subprocess

PROGRAMS = {
    "w3m": ("-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8", "-cols", "80"),
    "lynx": ("-dump", "-stdin", "-nolist", "-width=80", "-assume_charset=utf-8", "-display_charset=utf-8"),
}
SECONDS = 60


def renderings(text: str, html: str) -> dict[str, str]:
    """Return by name what each shows; a program that is not here is left out."""
    found = {name: path for name in PROGRAMS if (path := shutil.which(name))}
    return {"text part": text} | {name: _shown(path, PROGRAMS[name], html) for name, path in found.items()}


def _shown(program: str, options: tuple[str, ...], html: str) -> str:
    done = subprocess.run([program, *options], input=html.encode(), capture_output=True, check=True, timeout=SECONDS)
    return done.stdout.decode(errors="replace")
