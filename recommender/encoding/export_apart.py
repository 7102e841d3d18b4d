"""Have the model's export made on this machine, by a process of its own: torch and its memory leave with that."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

from recommender.encoding import onnx_files

logger = logging.getLogger(__name__)
LONGEST = 900.0  # seconds, after which the model itself serves


def ensure(name: str) -> Path | None:
    """Return the folder of the model's export, after having it made where it is missing; None where there is none.

    It waits for that, half a minute for the packaged model. Never raises: without an export the model itself serves.
    """
    found = onnx_files.find(name)
    folder = None if found else onnx_files.folder_for(name)
    if folder is None or not onnx_files.is_to_be_tried(folder, time.time()):
        return found
    logger.info("This machine has no export of %s for ONNX Runtime yet: it is made.", name)
    command = [sys.executable, "-m", "django", "export_encoder", "--model", name]
    try:
        subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env=_environment(),
            stdout=subprocess.DEVNULL,
            timeout=LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        logger.warning("The export of %s could not be made: %s", name, error)
    return onnx_files.find(name)


def _environment() -> dict[str, str]:
    module = os.environ.get("DJANGO_SETTINGS_MODULE", "config.settings")
    return {**os.environ, "DJANGO_SETTINGS_MODULE": module, "VAR_DIR": str(settings.VAR_DIR)}
