from papers.models import lookups as lookups  # look-ups of every model, ours and others
from papers.models.editions import Decision, Edition, EditionEntry, EntryReason, ListOrder, Topic, Verb
from papers.models.papers import Alias, ChangeKind, Paper, PaperChange, PaperQuerySet, WantedPaper
from papers.models.signals import FieldAttention, Signal, SignalKind
from papers.models.sources import FeedState, Harvest, Turn, Validator

__all__ = [
    "Alias",
    "ChangeKind",
    "Decision",
    "Edition",
    "EditionEntry",
    "EntryReason",
    "FeedState",
    "FieldAttention",
    "Harvest",
    "ListOrder",
    "Paper",
    "PaperChange",
    "PaperQuerySet",
    "Signal",
    "SignalKind",
    "Topic",
    "Turn",
    "Validator",
    "Verb",
    "WantedPaper",
]
