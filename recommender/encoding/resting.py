"""An encoder that could not be used is left alone for a while: each try would read its files anew, and say the same."""

from __future__ import annotations

import logging
from time import monotonic

from recommender.encoding import encoder, onnx_files

logger = logging.getLogger(__name__)
AGAIN = 15 * 60.0  # seconds; by then there may be memory again, or room on the disk

_until: dict[tuple[str, str], float] = {}


def is_resting(name: str) -> bool:
    """Tell whether the encoder failed in this process a short while ago, and its files are still the same."""
    return _until.get(_key(name), 0.0) > monotonic()


def rest(name: str, error: encoder.ModelMissing) -> None:
    """Log why an encoder could not be used, and leave it alone for a while."""
    logger.error("%s (Tried again in a quarter of an hour, or as soon as its files change.)", error)
    _until[_key(name)] = monotonic() + AGAIN


def forget() -> None:
    """Let every encoder be tried again at once."""
    _until.clear()


def _key(name: str) -> tuple[str, str]:
    folder = encoder.whereabouts(name)
    return name, onnx_files.version(folder) if folder else ""
