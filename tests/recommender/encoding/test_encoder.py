import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from recommender.encoding import encoder
from tests import tiny_model as tiny

WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TEXTS = ["robot grasping with two hands", "quantum error correction", "protein folding"]
# How far a cosine may lie from one: numbers of bfloat16 have 8 bits, and so many roundings are behind each.
NEAR = {"float32": 1e-4, "bfloat16": 5 * 2**-8}
OFFLINE = """
import socket, sys
def refuse(*args):
    raise AssertionError(f"reached for the network: {args}")
socket.getaddrinfo = socket.create_connection = refuse
from recommender.encoding import encoder
print(encoder.load(sys.argv[1]).encode(["robot grasping"]).shape)
"""


def test_the_packaged_weights_are_the_ones_we_measured() -> None:
    folder = encoder.folder_of(encoder.PACKAGED)
    assert folder is not None
    assert hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest() == WEIGHTS


@pytest.mark.parametrize("precision", NEAR)
def test_texts_become_unit_rows_in_their_own_order(tiny_model: str, precision: str, settings: Settings) -> None:
    settings.EMBEDDING_PRECISION = precision
    texts = ["robot grasping with two hands and a long text behind it", "quantum", "protein folding"]
    vectors = encoder.load(tiny_model).encode(texts)
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, encoder.load(tiny_model).dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    one_by_one = np.vstack([encoder.load(tiny_model).encode([text]) for text in texts])
    assert np.einsum("ij,ij->i", vectors, one_by_one) == pytest.approx(1, abs=NEAR[precision])


@pytest.mark.parametrize("precision", NEAR)
def test_each_precision_says_the_same_within_what_its_numbers_hold(precision: str, settings: Settings) -> None:
    settings.EMBEDDING_PRECISION = "float32"
    exact = encoder.load(encoder.PACKAGED).encode(TEXTS)
    settings.EMBEDDING_PRECISION = precision
    loaded = encoder.load(encoder.PACKAGED)
    assert str(loaded.model.dtype) == f"torch.{precision}"
    assert np.einsum("ij,ij->i", loaded.encode(TEXTS), exact) == pytest.approx(1, abs=NEAR[precision])


def test_no_texts_become_no_rows(tiny_model: str) -> None:
    assert encoder.load(tiny_model).encode([]).shape == (0, 32)


def test_an_encoder_is_loaded_once(tiny_model: str) -> None:
    assert encoder.load(tiny_model) is encoder.load(tiny_model, download=False)


def test_the_packaged_encoder_needs_no_network() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, encoder.PACKAGED], capture_output=True, text=True, check=False, timeout=720
    )
    assert done.stdout.strip() == "(1, 384)", done.stderr


@pytest.mark.parametrize("name", ["no-such-model", "/no/such/folder"])
def test_a_missing_model_names_the_remedy(name: str) -> None:
    with pytest.raises(encoder.ModelMissing, match="EMBEDDING_MODEL"):
        encoder.load(name)


def test_a_folder_without_a_model_is_a_missing_model(tmp_path: Path) -> None:
    with pytest.raises(encoder.ModelMissing):
        encoder.load(str(tmp_path))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [(tiny.without_tokenizer, "tokenizer's files .* are missing"), (tiny.cut_off, "cannot be loaded here")],
    ids=["without a tokenizer", "cut off"],
)
def test_a_folder_of_no_use_is_refused_in_one_line_with_the_remedy(
    damage: Callable[[Path], Path], reason: str, tmp_path: Path
) -> None:
    name = str(damage(tiny.build(tmp_path / "tiny")))
    with pytest.raises(encoder.ModelMissing, match=f"{reason}.*Set EMBEDDING_MODEL") as refusal:
        encoder.load(name)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_not_the_folder_that_one_stands_in(name: str) -> None:
    with pytest.raises(encoder.ModelMissing, match="empty"):
        encoder.load(name)
    assert encoder.folder_of(name) is None


def test_queries_and_papers_get_the_prompts_that_a_model_has_for_them(tmp_path: Path, exact: None) -> None:
    plain = tiny.build(tmp_path / "plain")
    prompts = {"query": "quantum error: ", "passage": "protein: ", "all": "speech: "}
    asking = encoder.load(str(tiny.variant(plain, "asking", prompts=prompts, default_prompt_name="all")))
    told = encoder.load(str(tiny.variant(plain, "told", prompts={"all": "speech: "}, default_prompt_name="all")))
    without = encoder.load(str(plain))
    assert np.allclose(asking.encode_queries(TEXTS), without.encode([f"quantum error: {text}" for text in TEXTS]))
    assert np.allclose(asking.encode(TEXTS), without.encode([f"protein: {text}" for text in TEXTS]))
    assert np.allclose(told.encode_queries(TEXTS), without.encode([f"speech: {text}" for text in TEXTS]))
    assert np.array_equal(without.encode_queries(TEXTS), without.encode(TEXTS))


@pytest.mark.parametrize(
    ("flags", "expected"), [("fpu avx512_bf16", "float32"), ("fpu amx_bf16 amx_tile", "bfloat16"), ("", "float32")]
)
def test_half_precision_is_used_only_where_the_processor_has_amx(
    flags: str, expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Settings
) -> None:
    settings.EMBEDDING_PRECISION = "auto"
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n" if flags else "")
    monkeypatch.setattr(encoder, "CPU_INFO", tmp_path / "cpuinfo")
    assert encoder.precision() == expected


def test_this_processor_is_asked_and_a_setting_goes_before_it(settings: Settings) -> None:
    settings.EMBEDDING_PRECISION = "auto"
    has_amx = " amx_bf16" in Path("/proc/cpuinfo").read_text()
    assert encoder.precision() == ("bfloat16" if has_amx else "float32")
    settings.EMBEDDING_PRECISION = "bfloat16"
    assert encoder.precision() == "bfloat16"
