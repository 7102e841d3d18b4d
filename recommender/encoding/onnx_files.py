"""Where a model's export for ONNX Runtime is kept below VAR_DIR, so that a process without torch can find it."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import blake2b
from importlib import metadata
from pathlib import Path

from django.conf import settings

from recommender.encoding import encoder

FORMAT = 3  # another number, and every model is exported afresh
AGAIN = 6 * 3600  # seconds
GRAPH, TOKENIZER, ABOUT, REFUSED = "model.onnx", "tokenizer.json", "about.json", "refused.json"


@dataclass(frozen=True, slots=True)
class About:
    name: str
    dimension: int
    inputs: tuple[str, ...]  # what the graph takes, in its own order
    prompt: str = ""  # what the model wants before a text that papers are looked for by
    paper_prompt: str = ""  # and before a paper's


def root() -> Path:
    return Path(settings.VAR_DIR) / "encoders"


def folder_for(name: str) -> Path | None:
    """Return the folder for the export of the model as it is now, existing or not; None if the model is not here.

    The folder's name holds the model's name and version, so that a model which was changed has no export yet.
    """
    model = encoder.whereabouts(name)
    if model is None:
        return None
    key = blake2b(f"{FORMAT} {name} {version(model)}".encode(), digest_size=8).hexdigest()
    return root() / f"{slug(name)}-{key}"


def find(name: str) -> Path | None:
    """Return the folder of a model's export, None while there is none to be used."""
    if brought := made_beforehand(name):
        return brought
    folder = folder_for(name)
    return folder if folder and (folder / ABOUT).exists() else None


def made_beforehand(name: str) -> Path | None:
    """Return the folder of the model's export among those that were brought along, where the model may be missing."""
    brought = settings.QUERY_ENCODER_EXPORTS
    folders = sorted(brought.glob("[!.]*")) if brought else []
    return next((folder for folder in folders if (folder / ABOUT).exists() and _name_of(folder) == name), None)


def about(folder: Path) -> About:
    """Read what is written beside the graph; raise OSError, ValueError, KeyError or TypeError for a damaged file."""
    written = json.loads((folder / ABOUT).read_text())
    prompts = str(written["prompt"]), str(written["paper_prompt"])
    return About(written["name"], int(written["dimension"]), tuple(written["inputs"]), *prompts)


def describe(folder: Path, about: About) -> None:
    (folder / ABOUT).write_text(json.dumps(asdict(about)))


def refuse(folder: Path, why: str, lasting: bool) -> None:
    """Note beside where the graph would be why there is none, and by which libraries."""
    (folder / REFUSED).write_text(json.dumps({"why": why, "lasting": lasting, "libraries": _libraries()}))


def is_to_be_tried(folder: Path, now: float) -> bool:
    """Tell whether an export is to be made: there is none, and no refusal that still holds at that time.

    A lasting refusal holds until a library or the model changes, any other (no memory, say) for some hours.
    """
    if (folder / ABOUT).exists():
        return False
    try:
        refused = json.loads((folder / REFUSED).read_text())
        since = now - (folder / REFUSED).stat().st_mtime
        return refused["libraries"] != _libraries() or not (refused["lasting"] or since < AGAIN)
    except (OSError, ValueError, KeyError, TypeError):  # nothing there, damaged, or of an earlier form
        return True


def forget_refusal(folder: Path) -> None:
    """Let the export be tried again, whatever was in its way."""
    (folder / REFUSED).unlink(missing_ok=True)


@cache
def _libraries() -> dict[str, str]:
    return {name: metadata.version(name) for name in ("torch", "transformers", "sentence-transformers", "onnxruntime")}


def version(model: Path) -> str:
    """Hash the paths, sizes and times of a model's files: hashing their 90 MB would slow down each start."""
    files = sorted(path for path in model.rglob("*") if path.is_file())
    facts = [(str(path.relative_to(model)), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return blake2b(repr(facts).encode(), digest_size=16).hexdigest()


def slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", Path(name).name).strip("-.")[:60] or "model"


def forget_older(name: str, newest: Path) -> None:
    """Remove the exports of the model's other versions, and what cannot be told to be anybody's."""
    for folder in root().glob("[!.]*"):
        if folder != newest and (folder / ABOUT).exists() and _name_of(folder) in (name, None):
            shutil.rmtree(folder, ignore_errors=True)


def _name_of(folder: Path) -> str | None:
    try:
        return about(folder).name
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_all_but(names: set[str]) -> None:
    """Remove the exports of other models and of other versions of these; each takes as much room as its model."""
    kept = {folder_for(name) for name in names}
    for folder in root().glob("[!.]*"):
        if folder not in kept:
            shutil.rmtree(folder, ignore_errors=True)
