"""Export a model for ONNX Runtime, where torch is at hand; kept only if it gives the same vectors."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recommender import machine_lock
from recommender.encoding import encoder, onnx_encoder, onnx_files

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)
SAME = 0.9999  # cosine; float32 on both sides gives 1.000000
EXPORTABLE = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
# What a tokenizer and a traced graph get wrong first: no words, case, accents, other scripts, signs, more than fits.
SAMPLES = (
    "",
    "Robot",
    "Learning to GRASP from a few demonstrations.",
    "Über naïve Schätzer: ἀλήθεια, 量子计算 и теория.",
    r"We prove $\mathcal{O}(n^{3/2})$ for $k \geq 2$, cf. [12].",
    "A sentence with eight words that comes again. " * 400,
)
LEFT_BEHIND = 3600  # seconds after which an unfinished folder is nobody's


class NotExportable(Exception):
    """This model cannot be exported, or its export gives other vectors; the message says which."""


def ensure(name: str, *, anew: bool = False) -> Path | None:
    """Return the folder of the model's export, after making it if it is missing; None where there can be none.

    Never raises: whatever goes wrong is a line in the log, and sentence-transformers serves instead. A model that
    cannot be exported is not tried again until it or a library changes, one that failed otherwise after some hours,
    unless it is to be tried anew.
    """
    try:
        if brought := onnx_files.made_beforehand(name):
            return brought
        folder = onnx_files.folder_for(name)
        if folder and anew:
            onnx_files.forget_refusal(folder)
        if folder and onnx_files.is_to_be_tried(folder, time.time()):
            _make(name, folder)
        return onnx_files.find(name)
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("The export of %s could not be stored: %s", name, error)
        return None


def _make(name: str, folder: Path) -> None:
    """Make the export, one process of this machine at a time: those that waited find it made."""
    with machine_lock.held(folder.parent.with_suffix(".lock")):
        if onnx_files.is_to_be_tried(folder, time.time()):
            _make_alone(name, folder)


def _make_alone(name: str, folder: Path) -> None:
    """Write the folder under another name first: whoever finds it finds it whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder.parent)
    scratch = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
    try:
        _write(name, scratch)
        if onnx_files.is_to_be_tried(folder, time.time()):  # else another process was faster
            shutil.rmtree(folder, ignore_errors=True)
            scratch.rename(folder)
        onnx_files.forget_older(name, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _sweep(parent: Path) -> None:
    for scratch in parent.glob(".*"):
        if scratch.stat().st_mtime < time.time() - LEFT_BEHIND:
            shutil.rmtree(scratch, ignore_errors=True)


def _write(name: str, scratch: Path) -> None:
    """Write the export, or a note of why there is none."""
    try:
        _export(name, scratch)
    except OSError:
        raise
    except Exception as error:  # whatever a model may provoke in the exporter: it can still serve without
        logger.warning("%s is not exported for ONNX Runtime: %s", name, error)
        (scratch / onnx_files.ABOUT).unlink(missing_ok=True)
        (scratch / onnx_files.GRAPH).unlink(missing_ok=True)
        onnx_files.refuse(scratch, str(error), lasting=isinstance(error, NotExportable))


def _export(name: str, scratch: Path) -> None:
    model = encoder.load_exactly(name)
    _refuse_unknown_kinds(model)
    tokenizer = model.tokenizer.backend_tokenizer
    tokenizer.enable_truncation(model.max_seq_length)
    tokenizer.no_padding()
    tokenizer.save(str(scratch / onnx_files.TOKENIZER))
    inputs = _trace(model, scratch / onnx_files.GRAPH)
    dimension = int(model.get_embedding_dimension() or 0)
    prompts = (encoder.prompt(model, names) for names in (encoder.QUERIES, encoder.DOCUMENTS))
    onnx_files.describe(scratch, onnx_files.About(name, dimension, inputs, *prompts))
    _compare(model, onnx_encoder.open_folder(scratch))


def _refuse_unknown_kinds(model: SentenceTransformer) -> None:
    kinds = [type(module).__name__ for module in model]
    if kinds not in EXPORTABLE:
        raise NotExportable(f"it is made of {', '.join(kinds)}, and not of a transformer and its pooling alone")
    if not hasattr(model.tokenizer, "backend_tokenizer"):
        raise NotExportable("its tokenizer has no form that works without transformers")


def _trace(model: SentenceTransformer, path: Path) -> tuple[str, ...]:
    """Write the graph and return the names of its inputs, each (n, tokens) int64; its output is (n, dimension)."""
    import torch

    example = model.tokenizer(["two texts", "of a different length"], padding=True, return_tensors="pt")
    inputs = tuple(name for name in onnx_encoder.COLUMNS if name in example)

    class Traced(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *columns: Any) -> Any:
            return self.model(dict(zip(inputs, columns, strict=True)))["sentence_embedding"]

    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what a trace cannot follow; _compare tells whether that matters
        torch.onnx.export(
            Traced().eval(),
            tuple(example[name] for name in inputs),
            str(path),
            input_names=list(inputs),
            output_names=["vector"],
            dynamic_axes={name: {0: "texts", 1: "tokens"} for name in inputs},
            dynamo=False,  # the other exporter wants two packages more, and takes longer
        )
    return inputs


def _compare(model: SentenceTransformer, exported: onnx_encoder.OnnxEncoder) -> None:
    ours = exported.encode_queries(SAMPLES)
    theirs = encoder.directed(np.asarray(model.encode_query(list(SAMPLES), prompt=exported.prompt)), exported.name)
    least = float((ours * theirs).sum(axis=1).min())
    if least < SAME:
        raise NotExportable(f"the export's vectors differ from the model's (cosine {least:.4f})")
