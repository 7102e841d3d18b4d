"""Texts to unit vectors by ONNX Runtime, without torch: a start of a third of a second, and a fifth of the memory."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from recommender.encoding import encoder, onnx_files
from recommender.vectors import Matrix, Vector

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

logger = logging.getLogger(__name__)
COLUMNS = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}


class Encodes(Protocol):
    @property
    def dimension(self) -> int: ...

    def encode_queries(self, texts: Sequence[str]) -> Matrix: ...


@dataclass(frozen=True, slots=True)
class OnnxEncoder:
    name: str
    dimension: int
    inputs: tuple[str, ...]
    tokenizer: Tokenizer
    session: InferenceSession
    prompt: str = ""

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Return (n, dimension) float32 unit rows of n texts that papers are looked for by, one text at a time.

        Raises encoder.ModelUnfit.
        """
        rows = [self._row(self.prompt + text[: encoder.LONGEST]) for text in texts]
        return encoder.directed(np.array(rows, dtype=np.float32).reshape(len(rows), self.dimension), self.name)

    def _row(self, text: str) -> Vector:
        tokens = self.tokenizer.encode(text)
        [vectors] = self.session.run(None, {name: _column(tokens, name) for name in self.inputs})
        # Of a model that may be cut (Matryoshka) the graph gives the whole vector.
        return np.asarray(vectors[0][: self.dimension], dtype=np.float32)


def _column(tokens: Encoding, name: str) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.array([getattr(tokens, COLUMNS[name])], dtype=np.int64)


def load(name: str, folder: Path | None = None) -> Encodes:
    """Load the model's export, from folder if that is known, else the model itself; raise ModelMissing."""
    folder = folder or onnx_files.find(name)
    opened = _opened(folder) if folder else None
    return opened or _with_torch(name)


@lru_cache(maxsize=2)  # the model that serves, and the one that will
def _opened(folder: Path) -> OnnxEncoder | None:
    """Open an export, None for one that cannot be used; it is removed, so that the next embedding makes it again."""
    try:
        return open_folder(folder)
    except Exception as error:  # whatever a damaged file may provoke: the model itself can still serve
        logger.warning("The export in %s cannot be used (%s) and is removed.", folder, error)
        shutil.rmtree(folder, ignore_errors=True)
        return None


def open_folder(folder: Path) -> OnnxEncoder:
    """Open the encoder of an export; for a damaged one it raises whatever ONNX Runtime raises."""
    from onnxruntime import InferenceSession, SessionOptions
    from tokenizers import Tokenizer

    about = onnx_files.about(folder)
    options = SessionOptions()
    # A query is a few milliseconds of one core; threads that wait by spinning would take the others from the web.
    options.intra_op_num_threads = 1
    session = InferenceSession(str(folder / onnx_files.GRAPH), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / onnx_files.TOKENIZER))
    return OnnxEncoder(about.name, about.dimension, about.inputs, tokenizer, session, about.prompt)


@lru_cache(maxsize=2)
def _with_torch(name: str) -> encoder.Encoder:
    loaded = encoder.load(name)
    logger.warning(
        "%s has no export for ONNX Runtime that can be used, so this process encodes with torch. "
        "'manage.py export_encoder' makes one where the model allows it.",
        name,
    )
    return loaded
