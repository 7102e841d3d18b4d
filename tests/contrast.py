"""Scripts for a page that measure how its texts stand out."""

from pathlib import Path

CONTRAST = (Path(__file__).parent / "contrast.js").read_text()


def measuring(script: Path) -> str:
    """The function of this file, which may use those of contrast.js."""
    function = script.read_text().strip().removesuffix(";")
    return f"(given) => {{\n{CONTRAST}\nreturn (\n{function}\n)(given);\n}}"
