"""The encoder whose vectors are compared, and what its cosines are worth."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from papers.models import Paper
from recommender.models import EmbeddingModel, PaperVector
from recommender.ranking.selection import NEAR_DUPLICATE
from subscriptions.doctor.findings import Finding, fine, warning


def check(now: datetime) -> Iterator[Finding]:
    serving = EmbeddingModel.objects.serving()
    if serving is None:
        yield fine("encoder", "None serves yet: nothing is embedded.")
        return
    yield _of_scales(serving)
    if serving.name != settings.EMBEDDING_MODEL:
        yield _of_another(serving, settings.EMBEDDING_MODEL)


def _of_scales(serving: EmbeddingModel) -> Finding:
    if serving.calibration is None:
        return warning(
            "encoder",
            f"What the cosines of {serving.name} are worth was never measured.",
            why="Every line that they are compared with was measured on the packaged model: digests may be too full.",
            remedy="Run manage.py embed, or wait for the worker of the queue embed.",
        )
    texts, alike = serving.scales.texts, serving.scales.alike
    return fine(
        "encoder",
        f"{serving.name} serves. A floor of {settings.RELEVANCE_FLOOR:g} is its cosine of "
        f"{texts.raw(settings.RELEVANCE_FLOOR):.3f}; papers are near-duplicates from {alike.raw(NEAR_DUPLICATE):.3f}.",
    )


def _of_another(serving: EmbeddingModel, wanted: str) -> Finding:
    model = EmbeddingModel.objects.filter(name=wanted).first()
    done, papers = PaperVector.objects.filter(model=model).count() if model else 0, Paper.objects.count()
    return warning(
        "EMBEDDING_MODEL",
        f"{wanted} has vectors of {done:,} of {papers:,} papers; until it has all, {serving.name} serves.",
        why="Both are fed meanwhile, which takes twice the work.",
        remedy="Wait. If the number stays, the log of the worker of the queue embed says why the model cannot be used.",
    )
