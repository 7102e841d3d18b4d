"""Vectors of two dimensions for papers, so that their nearness is plain."""

from collections.abc import Sequence

import numpy as np

from papers.models import Paper
from recommender.models import EmbeddingModel, PaperVector


def stored(papers: Sequence[Paper], vectors: Sequence[tuple[float, float]]) -> EmbeddingModel:
    """Store vectors of the first papers by a model that serves."""
    model = EmbeddingModel.objects.create(name="tests", dimension=2, serving=True)
    for paper, vector in zip(papers, vectors, strict=False):
        known = {"text_hash": b"", "paper_updated_at": paper.updated_at}
        PaperVector.objects.create(paper=paper, model=model, vector=np.array(vector), **known)
    return model
