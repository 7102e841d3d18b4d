"""Everything that is stored about one person, as JSON for themselves.

Whatever column a model has goes in, so that a new one cannot be forgotten; what is left out is named here.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import numpy as np
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import ForeignKey, Model, Q, QuerySet

from papers.among import among
from papers.models import Paper, Topic
from recommender.models import EmbeddingModel
from recommender.words import lexicon
from subscriptions.models import (
    AccountMail,
    AddressChange,
    AwaitedEntry,
    BounceScore,
    Comparison,
    Consent,
    DeliveryEvent,
    Digest,
    DigestItem,
    Experiment,
    Feedback,
    FrozenMail,
    Interest,
    InterestVector,
    LibraryPiece,
    LibraryUpload,
    PastPicks,
    PrivateFeed,
    SignUp,
    Subscriber,
    Suppression,
    TasteVector,
)
from subscriptions.people import personal_data

ROWS_AT_ONCE = 500
ABOUT = (
    "One list for each kind of record. Times are UTC. An interest is named by its handle, a digest by its date, a "
    "paper by its arXiv id. A vector is a unit vector; the terms beside it are numbers that stand for words, with "
    "their weights. An address_hash is what is left of an address that must not be mailed. Of old digests the papers "
    "of each day are left: the past picks."
)
# Keys, which worker has a row at the moment, the secret half of links, and a file or mail that the person has anyway.
LEFT_OUT = {"id", "subscriber", "run", "handle", "lease_token", "lease_until", "network_key", "content"}

Rows = Callable[[Subscriber], QuerySet[Any]]
EXPORTED: dict[type[Model], Rows] = {
    Subscriber: lambda person: Subscriber.objects.filter(pk=person.pk),
    Interest: lambda person: person.interests.all(),
    InterestVector: lambda person: InterestVector.objects.filter(interest__subscriber=person),
    AwaitedEntry: lambda person: person.awaited_entries.order_by("pk"),
    LibraryUpload: lambda person: LibraryUpload.objects.filter(subscriber=person),
    LibraryPiece: lambda person: LibraryPiece.objects.filter(upload__subscriber=person).defer("content"),
    TasteVector: lambda person: person.taste.all(),
    Feedback: lambda person: person.feedback.all(),
    PrivateFeed: lambda person: PrivateFeed.objects.filter(subscriber=person),
    Consent: lambda person: person.consents.order_by("requested_at"),
    AddressChange: lambda person: person.address_changes.order_by("requested_at"),
    Digest: lambda person: person.digests.all(),
    DigestItem: lambda person: DigestItem.objects.filter(subscriber=person).order_by("-digest", "role", "rank"),
    Comparison: lambda person: Comparison.objects.filter(digest__subscriber=person),
    PastPicks: lambda person: person.past_picks.order_by("shelf"),
    DeliveryEvent: personal_data.events_of,
    AccountMail: lambda person: person.account_mails.order_by("pk"),
    FrozenMail: lambda person: FrozenMail.objects.filter(
        Q(digest__subscriber=person) | Q(account_mail__subscriber=person)
    ).defer("content"),
    BounceScore: personal_data.bounce_scores_of,
    Suppression: personal_data.suppressions_of,
    SignUp: personal_data.sign_ups_of,
}
NAMES: dict[type[Model], Callable[[Any], object]] = {
    Paper: lambda paper: paper.identifier,
    Topic: lambda topic: topic.slug,
    EmbeddingModel: lambda model: model.name,
    Interest: lambda interest: interest.handle,
    Digest: lambda digest: digest.local_date,
    Experiment: lambda experiment: str(experiment),
    Consent: lambda consent: consent.requested_at,
    AddressChange: lambda change: change.requested_at,
    AccountMail: lambda mail: mail.kind,
    LibraryUpload: lambda upload: upload.uploaded_at,
}


def export(subscriber: Subscriber, now: datetime) -> Iterator[str]:
    """Yield pieces of one JSON object, a line for each record; as many queries however many records there are."""
    yield f'{{"about": {_json(_about(now))}'
    for model, rows in EXPORTED.items():
        yield f',\n"{model._meta.verbose_name_plural}": ['
        records = _past_picks(subscriber) if model is PastPicks else _records(model, rows(subscriber))
        yield from (f"{',' if number else ''}\n{_json(one)}" for number, one in enumerate(records))
        yield "]"
    yield "}\n"


def _records(model: type[Model], rows: QuerySet[Any]) -> Iterator[dict[str, object]]:
    return map(record, rows.select_related(*_named(model)).iterator(ROWS_AT_ONCE))


def _past_picks(subscriber: Subscriber) -> Iterator[dict[str, object]]:
    """Yield what came on each day in digests that were put away, with two queries."""
    days = PastPicks.objects.days([subscriber.pk]).get(subscriber.pk, {})
    keys = {paper for papers in days.values() for paper in papers}
    names = dict(among(Paper.objects.all(), "id", keys).values_list("pk", "identifier"))
    for day, papers in days.items():
        yield {"local_date": day, "papers": [names[paper] for paper in papers if paper in names]}


def _about(now: datetime) -> dict[str, object]:
    return {"site": settings.SITE_URL, "exported_at": now, "notes": ABOUT}


def record(row: Model) -> dict[str, object]:
    """Return a row as plain values, with its handle where other records name it by that."""
    plain = {field.name: _value(row, field) for field in row._meta.concrete_fields if field.name not in LEFT_OUT}
    return {"handle": row.handle} | plain if isinstance(row, Interest) else plain


def _value(row: Model, field: Any) -> object:
    value = getattr(row, field.name)
    if isinstance(value, Model):
        return NAMES[type(value)](value)
    if isinstance(value, np.ndarray):
        return [float(f"{number:.5g}") for number in value]
    if field.name == "terms":
        terms = lexicon.unpack(bytes(value))
        return {str(key): float(f"{weight:.5g}") for key, weight in zip(terms.keys, terms.weights, strict=True)}
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def _named(model: type[Model]) -> list[str]:
    """Return the names of references whose rows have names, to be fetched with the rows."""
    keys = [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]
    names = [field.name for field in keys if field.name not in LEFT_OUT]
    return names + [f"{name}__topic" for name in names if name == "interest"]


def _json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
