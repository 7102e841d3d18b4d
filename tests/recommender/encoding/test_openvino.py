"""Papers by a model's export: the same vectors as by torch, which is not even loaded; by torch where that fails."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from recommender.encoding import encoder, onnx_export, onnx_files, openvino_graph
from tests import tiny_model as tiny
from tests.services import ROOT

TEXTS = [
    "Robot GRASPING, 42; and Ünicode: 量子 $x^2$",
    "",
    "protein folding and language learning " * 300,
    "robot grasping",
    *(f"paper number {number} on {'many ' * number} things" for number in range(40)),
]
NO_TORCH = """
import sys, django
django.setup()
from recommender.encoding import encoder
loaded = encoder.load(sys.argv[1])
print(loaded.encode(["robot"]).shape, [name for name in ("torch", "transformers") if name in sys.modules])
"""


@pytest.fixture
def var(settings: Settings, tmp_path: Path) -> Path:
    """A VAR_DIR of the test's own, without any export."""
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.mark.parametrize("name", ["tiny_model", encoder.PACKAGED], ids=["tiny", "packaged"])
def test_papers_get_the_vectors_of_the_model_in_their_own_order(
    name: str, var: Path, exact: None, request: pytest.FixtureRequest
) -> None:
    name = request.getfixturevalue(name) if name == "tiny_model" else name
    assert onnx_export.ensure(name)
    ours, model = encoder.load(name), encoder.by_torch(name)
    assert ours.graph is not None
    assert ours.dimension == model.dimension
    for both in ((ours.encode(TEXTS), model.encode(TEXTS)), (ours.encode_queries(TEXTS), model.encode_queries(TEXTS))):
        assert (both[0] * both[1]).sum(axis=1) == pytest.approx(1, abs=1e-4)
    assert ours.encode([]).shape == (0, model.dimension)


def test_in_whatever_numbers_this_processor_is_quickest_vectors_are_nearly_the_same(
    var: Path, settings: Settings
) -> None:
    assert onnx_export.ensure(encoder.PACKAGED)
    settings.EMBEDDING_PRECISION = "auto"
    ours = encoder.load(encoder.PACKAGED)
    settings.EMBEDDING_PRECISION = "float32"
    exact = encoder.by_torch(encoder.PACKAGED)
    assert ours.graph is not None
    assert (ours.encode(TEXTS) * exact.encode(TEXTS)).sum(axis=1).min() > 0.995


def test_each_kind_of_text_has_the_words_before_it_that_the_model_wants(var: Path, tmp_path: Path, exact: None) -> None:
    prompts = {"query": "protein: ", "document": "robot "}
    name = str(tiny.variant(tiny.build(tmp_path / "plain"), "prompted", prompts=prompts))
    folder = onnx_export.ensure(name)
    assert folder is not None
    about = onnx_files.about(folder)
    assert (about.prompt, about.paper_prompt) == ("protein: ", "robot ")
    ours, model = encoder.load(name), encoder.by_torch(name)
    text = ["quantum grasping"]
    assert np.allclose(ours.encode(text), model.encode(text), atol=1e-4)
    assert np.allclose(ours.encode_queries(text), model.encode_queries(text), atol=1e-4)
    assert not np.allclose(ours.encode(text), ours.encode_queries(text), atol=1e-2)


def test_with_an_export_no_torch_is_loaded(tiny_model: str, var: Path) -> None:
    onnx_export.ensure(tiny_model)
    command = [sys.executable, "-c", NO_TORCH, tiny_model]
    environment = os.environ | {"VAR_DIR": str(var)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == f"(1, {tiny.DIMENSION}) []", done.stderr


def test_the_export_is_used_as_soon_as_it_is_there(tmp_path: Path, var: Path) -> None:
    name = str(tiny.build(tmp_path / "fresh"))
    assert encoder.load(name).graph is None
    onnx_export.ensure(name)
    assert encoder.load(name).graph is not None


def test_an_export_that_cannot_be_used_leaves_papers_to_torch(
    tiny_model: str, var: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = onnx_export.ensure(tiny_model)
    assert folder is not None
    (folder / onnx_files.GRAPH).write_bytes(b"cut short")
    assert encoder.load(tiny_model).graph is None
    assert "torch encodes papers" in caplog.text


def test_where_openvino_is_not_installed_torch_encodes(
    tiny_model: str, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = onnx_export.ensure(tiny_model)
    assert folder is not None
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert openvino_graph.opened(folder, "float32") is None
