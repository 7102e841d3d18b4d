"""Front-end code of others, served from the packages that carry it; their Django parts are not used."""

from importlib.util import find_spec
from pathlib import Path


def _static(package: str) -> Path:
    return Path(str(find_spec(package).origin)).parent / "static"  # type: ignore[union-attr]


# By the name below which each is served: the widget of the sign-up form, and what sets formulas, with its fonts.
FOLDERS = [
    ("altcha", _static("altcha_django") / "altcha_django"),
    ("katex", _static("djangocms_katex") / "djangocms_katex" / "vendor" / "katex"),
]
