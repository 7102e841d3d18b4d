import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from recommender import encoder

WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
OFFLINE = """
import socket, sys
def refuse(*args):
    raise AssertionError(f"reached for the network: {args}")
socket.getaddrinfo = socket.create_connection = refuse
from recommender import encoder
print(encoder.load(sys.argv[1]).encode(["robot grasping"]).shape)
"""


def test_the_packaged_weights_are_the_ones_we_measured() -> None:
    folder = encoder.folder_of(encoder.PACKAGED)
    assert folder is not None
    assert hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest() == WEIGHTS


def test_texts_become_unit_rows_in_their_own_order(tiny_model: str) -> None:
    texts = ["robot grasping with two hands and a long text behind it", "quantum", "protein folding"]
    vectors = encoder.load(tiny_model).encode(texts)
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, encoder.load(tiny_model).dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    one_by_one = np.vstack([encoder.load(tiny_model).encode([text]) for text in texts])
    assert np.allclose(vectors, one_by_one, atol=1e-4)


def test_no_texts_become_no_rows(tiny_model: str) -> None:
    assert encoder.load(tiny_model).encode([]).shape == (0, 32)


def test_an_encoder_is_loaded_once(tiny_model: str) -> None:
    assert encoder.load(tiny_model) is encoder.load(tiny_model, download=False)


def test_the_packaged_encoder_needs_no_network() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, encoder.PACKAGED], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip() == "(1, 384)", done.stderr


@pytest.mark.parametrize("name", ["no-such-model", "/no/such/folder"])
def test_a_missing_model_names_the_remedy(name: str) -> None:
    with pytest.raises(encoder.ModelMissing, match="EMBEDDING_MODEL"):
        encoder.load(name)


def test_a_folder_without_a_model_is_a_missing_model(tmp_path: Path) -> None:
    with pytest.raises(encoder.ModelMissing):
        encoder.load(str(tmp_path))


def test_half_precision_is_used_only_where_the_processor_has_amx(tiny_model: str) -> None:
    flags = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")).split()
    expected = "torch.bfloat16" if "amx_bf16" in flags else "torch.float32"
    assert str(encoder.load(tiny_model).model.dtype) == expected
