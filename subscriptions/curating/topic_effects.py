"""What the page of a topic shows beside its words: what an edit does, and how the topic stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from papers.models import Topic
from recommender.embedding import topic_drafts
from recommender.embedding.topic_assignment import NEAR_ENOUGH, NEAR_ENOUGH_IN_CATEGORY
from recommender.embedding.topic_drafts import Effect, NoModel
from recommender.encoding.query_encoder import EncoderAway
from subscriptions.curating import topic_desks
from subscriptions.curating.topic_form import TopicForm

AWAY = (
    "The query encoder cannot be reached, so nobody can tell what these words do; saving them works as ever. Start it"
    " with “python manage.py serve_query_encoder”, or look at its log."
)
NOTHING_EMBEDDED = "No paper has a vector yet: what an edit does shows as soon as some are embedded."
NO_WORDS = "Write a name and a description, and the papers that they bring stand here."
WRONG = "Put right what is marked in the form first: what stands there cannot be compared."
LINES = {"line": NEAR_ENOUGH, "line_in_category": NEAR_ENOUGH_IN_CATEGORY}


def context(form: TopicForm, topic: Topic | None, now: datetime) -> dict[str, Any]:
    """Return what the template needs of the effect of a form, saved or not, and of how a stored topic stands."""
    effect, problem = _effect(form, now)
    known = {"effect": effect, "effect_problem": problem, **LINES}
    return known | ({"desk": topic_desks.desk(topic, now)} if topic and topic.pk else {})


def _effect(form: TopicForm, now: datetime) -> tuple[Effect | None, str]:
    if form.is_bound and {*form.errors} - {"slug", "field", "position"}:
        return None, WRONG
    draft = form.instance
    if not (draft.name and draft.description):
        return None, NO_WORDS
    try:
        return topic_drafts.effect(draft, now), ""
    except NoModel:
        return None, NOTHING_EMBEDDED
    except EncoderAway:
        return None, AWAY
