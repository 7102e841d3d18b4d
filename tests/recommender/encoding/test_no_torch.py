import subprocess
import sys

import pytest

LIKE_THE_WEB = """
import sys, django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
import numpy as np
from recommender import admin
from recommender.candidates import background, loading
from recommender.embedding import embed
from recommender.ranking import pick_reason, picks, reader
from recommender.words import lexicon
from recommender.encoding import query_encoder
from recommender.search import finding
from recommender.ranking import interest_clusters
from recommender import tasks
from recommender.encoding import onnx_encoder, onnx_export
from recommender.embedding import sentence_vectors
from recommender.index import exact
try:
    query_encoder.encode(["robot"], model="any")
except query_encoder.EncoderAway:
    pass
eye = np.eye(8, dtype=np.float32)
texts = reader.Texts([""] * 8)
pool = reader.Candidates(np.arange(8), eye, np.full(8, np.nan), np.zeros(8, bool), np.zeros(8, int), texts)
nothing = interest_clusters.no_background(8)
words = lexicon.unit_rows([""] * 8, nothing.vocabulary)
liked = interest_clusters.Evidence([""] * 8, eye, words, np.ones(8, dtype=np.float32))
interest = reader.ReaderInterest(1, "papers", "", tuple(interest_clusters.of_papers(liked, nothing)))
who = reader.Reader(1, (interest,), frozenset(), 3, 0.5, 0.35)
[result] = picks.rank([who], pool)
pick_reason.reason(result.picks[0], who, pool)
print(sorted({"torch", "transformers", "sentence_transformers", "sklearn"} & set(sys.modules)))
"""
LIKE_A_MAIL_WORKER = """
import sys
from config.celery import app
app.loader.import_default_modules()
print(sorted({"torch", "transformers", "sentence_transformers"} & set(sys.modules)))
"""


@pytest.mark.parametrize("program", [LIKE_THE_WEB, LIKE_A_MAIL_WORKER], ids=["web", "mail worker"])
def test_torch_stays_out_of(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=360)
    assert done.stdout.strip() == "[]", done.stderr
