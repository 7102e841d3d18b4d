"""A site on which each page has something to show, so that nonsense gets past the first look-up."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils.timezone import now

from papers.models import Alias, Edition, EditionEntry, Paper, PaperChange, Signal, Topic
from recommender.models import EmbeddingModel, PaperTopic, PaperVector, TopicVector
from subscriptions.limits import kill_switch
from subscriptions.models import Subscriber, Suppression
from subscriptions.people import links
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import DIMENSION, axis
from tests.subscriptions.pages import full_life

OURS = ("papers", "recommender", "subscriptions", "auth")


@dataclass(frozen=True)
class World:
    """What stands in addresses that lead somewhere, by the name of the gap; and the cookie of a superuser."""

    words: dict[str, list[str]]
    keys: dict[str, list[str]]  # of rows, by the label of their model
    session: str

    def known(self, gap: str, model: Any) -> list[str]:
        """What fills a gap of a path so that the page is found; of tokens one of them."""
        if model is not None:
            return self.keys.get(model._meta.label) or ["1"]
        return self.words.get(gap, ["1"])


def build() -> World:
    kill_switch.ensure()
    _publish()
    person = full_life.live(now())
    Suppression.objects.create(address_hash=b"x" * 16, reason="test")
    user = User.objects.create_superuser("fuzz", "fuzz@example.org", "fuzz")
    return World(_words(person), _keys(), _signed_in(user))


def _publish() -> None:
    model = EmbeddingModel.objects.create(name="fuzz", dimension=DIMENSION, serving=True)
    edition = Edition.objects.create(date=now().date())
    for number in range(6):
        topic = Topic.objects.create(slug=f"topic-{number}", name=f"Topic {number}", field="cs", categories=["cs.LG"])
        TopicVector.objects.create(topic=topic, model=model, vector=axis(number), text_hash=b"x" * 16)
        words = {"title": f"Whale song {number}", "abstract": "What whales sing.", "authors": ["Ada Lovelace"]}
        name = f"2606.0000{number}" if number else "doi:10.1101/2026.06.30"
        paper = Paper.objects.create(identifier=name, announced_on=edition.date, **words)
        EditionEntry.objects.create(edition=edition, paper=paper)
        PaperVector.objects.create(
            paper=paper, model=model, vector=axis(number, 0.4), text_hash=b"x" * 16, paper_updated_at=paper.updated_at
        )
        PaperTopic.objects.create(paper=paper, topic=topic, similarity=0.5)
        Signal.objects.create(paper=paper, kind="upvotes", value=number, observed_at=now())
        Alias.objects.create(paper=paper, identifier=f"lab:{number}")
        PaperChange.objects.create(paper=paper, kind="revised", detail="v2", noticed_at=now())


def _words(person: Subscriber) -> dict[str, list[str]]:
    rows = {purpose: links.ROWS[purpose]().latest("pk") if purpose in links.ROWS else person for purpose in Purpose}
    times = (None, now() + timedelta(hours=1))
    return {
        "token": [links.token(purpose, row, until) for purpose, row in rows.items() for until in times],
        "identifier": ["2606.00001", "doi:10.1101/2026.06.30", "lab:3", "arXiv:2606.00001v2"],
        "slug": ["topic-1"],
        "file": ["paper_round.css", "altcha/altcha.css"],
        "mail": ["1" * 19 + "-" + "a" * 32],
        "app_label": ["papers", "subscriptions"],
        "pk": [str(person.pk)],
        "id": [str(User.objects.latest("pk").pk)],
    }


def _keys() -> dict[str, list[str]]:
    models = (model for app in OURS for model in apps.get_app_config(app).get_models())
    return {
        model._meta.label: [str(pk) for pk in model._default_manager.values_list("pk", flat=True)[:3]]
        for model in models
    }


def _signed_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    session = SessionStore(client.cookies["sessionid"].value)
    session.set_expiry(timedelta(days=1))
    session.save()
    return str(session.session_key)
