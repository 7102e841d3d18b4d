"""Make a model's export in a process of its own, while this one has something else to do."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from django.conf import settings

from recommender.encoding import onnx_files


@contextmanager
def begun(name: str) -> Iterator[None]:
    """Have the export of a model begun when the block is entered, if it is missing and can be made here.

    Whoever needs it within the block asks onnx_export.ensure for it, which waits for the other process, and makes it
    itself if that failed. So torch is loaded beside all else, and not by this process. Nothing is left running.
    """
    folder = onnx_files.folder_for(name)
    is_missing = folder and not onnx_files.find(name) and onnx_files.is_to_be_tried(folder, time.time())
    if not is_missing or find_spec("torch") is None:
        yield
        return
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "export_encoder", "--model", name]
    environment = os.environ | {"VAR_DIR": str(settings.VAR_DIR)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as exporting:
        try:
            yield
        finally:
            exporting.terminate()
