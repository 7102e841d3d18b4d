"""The texts of many papers through a model's export by OpenVINO, at two to three times the pace of torch.

OpenVINO reads the graph that queries are encoded by (onnx_export), works on several small batches at a time, and
computes in bfloat16 where the processor has instructions for it. For single queries ONNX Runtime stays: it is a tenth
of OpenVINO's size, and there is nothing to be gained.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from recommender.encoding import onnx_files
from recommender.vectors import Matrix

if TYPE_CHECKING:
    from openvino import CompiledModel
    from tokenizers import Encoding, Tokenizer

logger = logging.getLogger(__name__)
BATCH = 4  # texts; several such batches are under way at a time, which beats one large one
STEP = 16  # tokens: texts are padded to a multiple, because each new shape of a batch is planned anew
PRECISIONS = {"float32": "f32", "bfloat16": "bf16"}
COLUMNS = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}


@dataclass(frozen=True, slots=True)
class Graph:
    """A model that is ready to take papers' texts."""

    about: onnx_files.About
    tokenizer: Tokenizer
    compiled: CompiledModel

    def rows(self, texts: Sequence[str], progress: bool = False) -> Matrix:
        """Return (n, dimension) float32 of n texts, as the model gives them; RuntimeError where it cannot."""
        from openvino import AsyncInferQueue

        tokens = self.tokenizer.encode_batch(list(texts))
        order = sorted(range(len(tokens)), key=lambda at: -len(tokens[at].ids))
        found = np.empty((len(tokens), self.about.dimension), dtype=np.float32)

        def keep(request: Any, at: list[int]) -> None:
            # Of a model that may be cut (Matryoshka) the graph gives the whole vector.
            found[at] = request.get_output_tensor(0).data[:, : self.about.dimension]

        queue = AsyncInferQueue(self.compiled)
        queue.set_callback(keep)
        for start in tqdm(range(0, len(order), BATCH), desc="Batches", disable=not progress):
            at = order[start : start + BATCH]
            queue.start_async(self._columns([tokens[one] for one in at]), at)
        queue.wait_all()
        return found

    def _columns(self, tokens: Sequence[Encoding]) -> dict[str, np.ndarray[Any, np.dtype[np.int64]]]:
        """Return what the graph takes, each (texts, tokens); what is filled up is masked."""
        longest, most = max(len(one.ids) for one in tokens), (self.tokenizer.truncation or {}).get("max_length", 0)
        width = max(longest, min(-(-longest // STEP) * STEP, most))  # no model is asked for more than it takes
        columns = {name: np.zeros((len(tokens), width), dtype=np.int64) for name in self.about.inputs}
        for name, column in columns.items():
            for row, one in zip(column, tokens, strict=True):
                row[: len(one.ids)] = getattr(one, COLUMNS[name])
        return columns


def opened(folder: Path, precision: str) -> Graph | None:
    """Return the graph of an export, None where OpenVINO is missing or cannot use it: then torch encodes."""
    try:
        return _open(folder, precision)
    except ImportError:
        return None
    except Exception as error:  # whatever a damaged file or an unknown processor may provoke
        logger.warning("OpenVINO cannot use the export in %s, so torch encodes papers: %s", folder, error)
        return None


def _open(folder: Path, precision: str) -> Graph:
    from openvino import Core
    from tokenizers import Tokenizer

    about = onnx_files.about(folder)
    tokenizer = Tokenizer.from_file(str(folder / onnx_files.TOKENIZER))
    core = Core()
    hints = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": PRECISIONS[precision]}
    return Graph(about, tokenizer, core.compile_model(core.read_model(folder / onnx_files.GRAPH), "CPU", hints))
