"""A model's export: the same vectors without torch, or none at all."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from pytest_django import Settings

from papers.models import Paper
from recommender.embedding import embed
from recommender.encoding import encoder, onnx_encoder, onnx_export, onnx_files
from recommender.encoding.onnx_encoder import OnnxEncoder
from tests import tiny_model as tiny
from tests.services import ROOT

TEXTS = [
    "robot grasping",
    "Robot GRASPING, 42; and Ünicode: 量子 $x^2$",
    "",
    "protein folding and language learning " * 300,
]
WITHOUT_TORCH = """
import sys, django
django.setup()
from recommender.encoding import onnx_encoder
encoder = onnx_encoder.load(sys.argv[1])
heavy = [name for name in ("torch", "transformers") if name in sys.modules]
print(type(encoder).__name__, encoder.encode_queries(["robot"]).shape, heavy)
"""


@pytest.fixture
def var(settings: Settings, tmp_path: Path) -> Path:
    """A VAR_DIR of the test's own, without any export."""
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.mark.parametrize("name", ["tiny_model", encoder.PACKAGED], ids=["tiny", "packaged"])
def test_the_vectors_are_those_of_the_model(name: str, var: Path, exact: None, request: pytest.FixtureRequest) -> None:
    name = request.getfixturevalue(name) if name == "tiny_model" else name
    onnx_export.ensure(name)
    exported, model = onnx_encoder.load(name), encoder.by_torch(name)
    assert isinstance(exported, OnnxEncoder)
    assert exported.dimension == model.dimension
    cosines = (exported.encode_queries(TEXTS) * model.encode_queries(TEXTS)).sum(axis=1)
    assert cosines == pytest.approx(1, abs=1e-4)


def test_a_batch_is_as_one_by_one_and_nothing_is_no_rows(tiny_model: str, var: Path) -> None:
    onnx_export.ensure(tiny_model)
    exported = onnx_encoder.load(tiny_model)
    assert exported.encode_queries([]).shape == (0, tiny.DIMENSION)
    assert np.array_equal(
        exported.encode_queries(TEXTS), np.vstack([exported.encode_queries([text]) for text in TEXTS])
    )


def run(code: str, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Code in a process of its own."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False)


def test_an_encoder_with_an_export_imports_no_torch(tiny_model: str, var: Path) -> None:
    onnx_export.ensure(tiny_model)
    done = run(WITHOUT_TORCH, tiny_model, VAR_DIR=str(var))
    assert done.stdout.strip() == f"OnnxEncoder (1, {tiny.DIMENSION}) []", done.stderr


def test_without_an_export_the_model_itself_answers_and_that_is_logged(
    tmp_path: Path, var: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = str(tiny.build(tmp_path / "fresh"))
    assert isinstance(onnx_encoder.load(name), encoder.Encoder)
    assert "encodes with torch" in caplog.text


@pytest.mark.django_db
def test_embedding_leaves_an_export_behind(make_paper: Callable[..., Paper], tiny_model: str, var: Path) -> None:
    make_paper(1)
    embed.embed_missing(tiny_model)
    assert onnx_files.find(tiny_model)


def test_an_export_is_made_once(tiny_model: str, var: Path) -> None:
    folder = onnx_export.ensure(tiny_model)
    assert folder is not None
    made = (folder / onnx_files.GRAPH).stat().st_mtime_ns
    assert onnx_export.ensure(tiny_model) == folder
    assert (folder / onnx_files.GRAPH).stat().st_mtime_ns == made


def test_a_model_that_was_changed_has_no_export_until_the_next_one_is_made(
    tmp_path: Path, var: Path, exact: None
) -> None:
    name = str(tiny.build(tmp_path / "changing"))
    before = onnx_export.ensure(name)
    tiny.build(tmp_path / "changing", seed=7)
    assert onnx_files.find(name) is None
    after = onnx_export.ensure(name)
    assert after != before
    assert list(onnx_files.root().iterdir()) == [after], "nobody needs the older one"
    assert np.allclose(
        onnx_encoder.load(name).encode_queries(TEXTS), encoder.by_torch(name).encode_queries(TEXTS), atol=1e-4
    )


def test_a_damaged_export_is_removed_and_the_model_itself_answers(
    tiny_model: str, var: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = onnx_export.ensure(tiny_model)
    assert folder is not None
    (folder / onnx_files.GRAPH).write_bytes(b"cut short")
    assert isinstance(onnx_encoder.load(tiny_model), encoder.Encoder)
    assert "cannot be used" in caplog.text
    assert not folder.exists()


def test_a_killed_export_leaves_nothing_that_is_taken_for_one(tiny_model: str, var: Path) -> None:
    left_behind = onnx_files.root() / ".unfinished"
    left_behind.mkdir(parents=True)
    (left_behind / onnx_files.GRAPH).write_bytes(b"half")
    assert onnx_files.find(tiny_model) is None
    os.utime(left_behind, (0, 0))
    folder = onnx_export.ensure(tiny_model)
    assert list(onnx_files.root().iterdir()) == [folder]


def with_a_dense_layer(folder: Path) -> str:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Dense

    model = SentenceTransformer(str(tiny.build(folder)), device="cpu")
    model.append(Dense(tiny.DIMENSION, 8))
    model.save(str(folder / "dense"))
    return str(folder / "dense")


def with_a_prompt_left_out_of_the_mean(folder: Path) -> str:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(tiny.build(folder)), device="cpu", prompts={"query": "protein folding: "})
    model[1].include_prompt = False
    model.save(str(folder / "left out"))
    return str(folder / "left out")


@pytest.mark.parametrize(
    ("build", "reason"),
    [(with_a_dense_layer, "Dense"), (with_a_prompt_left_out_of_the_mean, "vectors differ")],
    ids=["kind", "vectors"],
)
def test_a_model_that_an_export_would_not_match_is_refused_once_and_serves_by_itself(
    build: Callable[[Path], str], reason: str, tmp_path: Path, var: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = build(tmp_path / "odd")
    assert onnx_export.ensure(name) is None
    assert reason in caplog.text
    caplog.clear()
    assert onnx_export.ensure(name) is None
    assert caplog.text == ""
    assert isinstance(onnx_encoder.load(name), encoder.Encoder)


@pytest.mark.parametrize(
    ("build", "dimension"),
    [
        (lambda folder: tiny.variant(tiny.build(folder), "short", truncate_dim=16), 16),
        (tiny.without_limit, tiny.DIMENSION),
        (lambda folder: tiny.variant(tiny.build(folder), "asking", prompts={"query": "protein folding: "}), 32),
        (
            lambda folder: tiny.variant(
                tiny.build(folder), "prompted", prompts={"all": "quantum: "}, default_prompt_name="all"
            ),
            32,
        ),
    ],
    ids=["cut to some dimensions", "a tokenizer without a limit", "a prompt for queries", "a prompt for everything"],
)
def test_models_of_other_kinds_have_an_export_that_gives_their_vectors(
    build: Callable[[Path], Path], dimension: int, tmp_path: Path, var: Path, exact: None
) -> None:
    name = str(build(tmp_path / "other kind"))
    onnx_export.ensure(name)
    exported, model = onnx_encoder.load(name), encoder.by_torch(name)
    assert isinstance(exported, OnnxEncoder)
    assert exported.dimension == model.dimension == dimension
    cosines = (exported.encode_queries(TEXTS) * model.encode_queries(TEXTS)).sum(axis=1)
    assert cosines == pytest.approx(1, abs=1e-4)


def refused(name: str, **note: object) -> Path:
    """A model with a note instead of an export."""
    folder = onnx_files.folder_for(name)
    assert folder is not None
    folder.mkdir(parents=True)
    onnx_files.refuse(folder, "a reason", lasting=bool(note.get("lasting")))
    if "libraries" in note:
        written = json.loads((folder / onnx_files.REFUSED).read_text())
        (folder / onnx_files.REFUSED).write_text(json.dumps(written | note))
    return folder


@pytest.mark.parametrize(
    ("note", "age", "tried"),
    [
        ({"lasting": True}, 10 * onnx_files.AGAIN, False),
        ({"lasting": False}, onnx_files.AGAIN / 2, False),
        ({"lasting": False}, 2 * onnx_files.AGAIN, True),
        ({"lasting": True, "libraries": {"torch": "1.0"}}, 0, True),
    ],
    ids=["lasting", "passing, just now", "passing, a while ago", "by another torch"],
)
def test_a_refusal_holds_as_long_as_its_reason(
    note: dict[str, object], age: float, tried: bool, tiny_model: str, var: Path
) -> None:
    folder = refused(tiny_model, **note)
    since = time.time() - age
    os.utime(folder / onnx_files.REFUSED, (since, since))
    assert (onnx_export.ensure(tiny_model) == folder) is tried


def test_who_asks_for_an_export_has_it_tried_whatever_failed_before(tiny_model: str, var: Path) -> None:
    folder = refused(tiny_model, lasting=True)
    assert onnx_export.ensure(tiny_model) is None
    call_command("export_encoder", model=tiny_model)
    assert onnx_files.find(tiny_model) == folder


@pytest.mark.parametrize("damage", ["", "{", "[]"])
def test_a_damaged_refusal_is_none(damage: str, tiny_model: str, var: Path) -> None:
    folder = refused(tiny_model, lasting=True)
    (folder / onnx_files.REFUSED).write_text(damage)
    assert onnx_export.ensure(tiny_model) == folder


def test_a_disk_that_takes_no_export_stops_nothing(
    tiny_model: str, var: Path, caplog: pytest.LogCaptureFixture
) -> None:
    onnx_files.root().write_text("a file where the folder should be")
    assert onnx_export.ensure(tiny_model) is None
    assert "could not be stored" in caplog.text


@pytest.mark.parametrize("name", ["no-such-model", "/no/such/folder", "no such/name", "a/b/c"])
def test_a_model_that_is_not_here_has_no_export(name: str, var: Path) -> None:
    assert onnx_export.ensure(name) is None


def test_exports_of_other_models_go_when_one_takes_over(tiny_model: str, other_model: str, var: Path) -> None:
    onnx_export.ensure(tiny_model)
    folder = onnx_export.ensure(other_model)
    onnx_files.forget_all_but({other_model})
    assert list(onnx_files.root().iterdir()) == [folder]


FETCHED = """
import django
django.setup()
from recommender.encoding import encoder
print(encoder.whereabouts("somebody/model"), encoder.whereabouts("somebody/other"))
"""


def test_a_model_fetched_from_a_hub_is_found_in_its_cache(tmp_path: Path) -> None:
    snapshot = tmp_path / "models--somebody--model" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "modules.json").write_text("[]")
    (snapshot.parent.parent / "refs").mkdir()
    (snapshot.parent.parent / "refs" / "main").write_text("abc")
    done = run(FETCHED, HF_HUB_CACHE=str(tmp_path))
    assert done.stdout.strip() == f"{snapshot} None", done.stderr


def test_an_export_that_was_brought_along_serves_without_the_model_and_is_not_made_again(
    tiny_model: str, var: Path, settings: Settings
) -> None:
    made = onnx_export.ensure(tiny_model)
    assert made
    settings.QUERY_ENCODER_EXPORTS, settings.VAR_DIR = made.parent, var / "another"
    assert onnx_export.ensure(tiny_model) == onnx_files.find(tiny_model) == made
    assert not (var / "another").exists()
    assert onnx_files.made_beforehand("another-model") is None
    assert isinstance(onnx_encoder.load(tiny_model), OnnxEncoder)
