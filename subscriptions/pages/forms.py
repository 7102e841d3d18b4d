"""The forms: what people type, checked and turned into plain wishes."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q

from papers.arxiv import pasted
from papers.feeds import wanted
from papers.models import Topic
from papers.shared_clock import now
from papers.text.words import field_label, shortened
from subscriptions.bibliographies.entries import MOST_BYTES, TOO_LARGE
from subscriptions.models import Frequency, Interest, InterestKind, Subscriber
from subscriptions.pages.fields import LabsField, PeopleField, TermsField, TimezoneField, has_letter
from subscriptions.pages.lengths import LengthField, option_of, settings_of
from subscriptions.people.wishes import Wishes
from subscriptions.people.zones import FALLBACK, is_known


def words_hash(words: str) -> str:
    """Return what a consent keeps of the text that was agreed to: another text has another hash."""
    return hashlib.sha256(words.encode()).hexdigest()


TEXT_LENGTH, PAPERS_LENGTH, TEXTS = 4000, 20_000, 8
PIECES = 5  # of what could not be read, that are named back
PAPERS = wanted.MOST
NO_LETTER = "“{}” holds no letter. Say in words what you work on: a question, a method, a problem."
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class InterestsForm(forms.Form):
    """The fields that sign-up and preferences share: all that decides what stands in a digest, and when it comes."""

    # All of them: a page may have been open while a curator retired or merged one, and followers keep a retired one.
    topics = forms.ModelMultipleChoiceField(Topic.objects.all(), required=False, widget=forms.CheckboxSelectMultiple)
    text = forms.CharField(
        required=False,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="In your own words, one subject a line.",
    )
    papers = forms.CharField(
        required=False,
        max_length=PAPERS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="arXiv ids or links of papers you wrote or liked.",
    )
    authors = PeopleField(
        "People you follow",
        "One name a line. “Yann LeCun” and “LeCun, Yann” are the same; “Y. LeCun” is every LeCun with a Y.",
    )
    labs = LabsField(
        "Labs you follow",
        "One a line; whole words of the name are enough. Not every source says which lab a paper comes from.",
    )
    timezone = TimezoneField()
    send_hour = forms.TypedChoiceField(
        choices=[(hour, f"{hour:02d}:00") for hour in range(24)],
        coerce=int,
        required=False,
        initial=lambda: settings.DIGEST_HOUR,
    )
    frequency = forms.ChoiceField(
        choices=Frequency.choices, required=False, initial=Frequency.DAILY, widget=forms.RadioSelect
    )
    digest_size = LengthField()
    trend_weight = forms.TypedChoiceField(
        choices=[(0.0, "not at all"), (0.25, "a little"), (0.5, "somewhat"), (1.0, "a lot")],
        coerce=float,
        empty_value=None,
        required=False,
        initial=0.5,
        label="How much the attention of others counts",
        help_text="Upvotes, stars and comments bring a paper forward, but it must be close to your interests first.",
    )
    weekly_day = forms.TypedChoiceField(
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        empty_value=None,
        required=False,
        initial=0,
        label="Day of the weekly mail",
    )
    excluded_terms = TermsField("Never papers that mention", "Words or phrases, one a line or separated by commas.")
    required_terms = TermsField("Only papers that mention one of", "Leave it empty to allow all papers.")
    term_plurals = forms.BooleanField(required=False, initial=True, label="Plurals count too: “model” meets “models”")
    exploration = forms.BooleanField(
        required=False, initial=True, label="One paper a day from outside my interests, marked as such"
    )

    def clean_frequency(self) -> str:
        return self.cleaned_data["frequency"] or Frequency.DAILY

    def clean_text(self) -> list[str]:
        lines = [" ".join(line.split()) for line in self.cleaned_data["text"].splitlines()]
        texts = list(dict.fromkeys(line for line in lines if line))
        if mute := next((text for text in texts if not has_letter(text)), ""):
            raise ValidationError(NO_LETTER.format(mute[:80]))
        if len(texts) > TEXTS:
            raise ValidationError(f"Please keep to {TEXTS} subjects, one a line; you gave {len(texts)}.")
        return texts

    def clean_papers(self) -> list[str]:
        read = pasted.read(self.cleaned_data["papers"])
        if read.unread:
            raise ValidationError(_unread(read.unread))
        if len(read.found) > PAPERS:
            raise ValidationError(f"Please keep to {PAPERS} papers; you named {len(read.found)}.")
        return read.found

    def wishes(self) -> Wishes:
        """Return what is wished for; of a form with errors, what the other fields say."""
        data = self.cleaned_data
        hour = data.get("send_hour", "")
        return Wishes(
            topics=tuple(sorted(topic.pk for topic in data.get("topics", ()))),
            texts=tuple(data.get("text", ())),
            arxiv_ids=tuple(data.get("papers", ())),
            timezone=data.get("timezone", "UTC"),
            send_hour=settings.DIGEST_HOUR if hour == "" else hour,
            frequency=data.get("frequency", Frequency.DAILY),
            authors=tuple(data.get("authors", ())),
            labs=tuple(data.get("labs", ())),
            excluded_terms=tuple(data.get("excluded_terms", ())),
            required_terms=tuple(data.get("required_terms", ())),
            **settings_of(data),
            trend_weight=data.get("trend_weight"),
            weekly_day=data.get("weekly_day"),
            term_plurals=data.get("term_plurals"),
            exploration=data.get("exploration"),
        )

    def names_fields(self) -> list[forms.BoundField]:
        return [self["authors"], self["labs"]]

    def topics_by_field(self, a_week: Mapping[int, int] | None = None) -> list[tuple[str, list[dict[str, Any]]]]:
        """Return topics in the order of the fields, ready for checkboxes; a_week: papers a week, by the topic's key."""
        chosen = {str(value) for value in self["topics"].value() or []}
        kept = Q(pk__in=[int(key) for key in chosen if key.isdecimal()], merged_into=None)
        groups: dict[str, list[dict[str, Any]]] = {}
        for topic in Topic.objects.filter(Q(is_active=True) | kept):
            label = topic.name if topic.is_active else f"{topic.name} (no longer offered)"
            option = {"id": f"topic-{topic.slug}", "value": topic.pk, "label": label, "slug": topic.slug}
            option |= {"description": topic.description, "checked": str(topic.pk) in chosen}
            option["a_week"] = (a_week or {}).get(topic.pk)
            groups.setdefault(field_label(topic.field), []).append(option)
        return list(groups.items())


class PreferencesForm(InterestsForm):
    catch_up = forms.BooleanField(
        required=False, label="After a week in which nothing came close enough, one mail with what came nearest"
    )
    slow_down = forms.BooleanField(
        required=False, label="If nothing comes back from me for weeks, ask, and then come once a week"
    )
    compares = forms.BooleanField(required=False, label="Help to compare two ways of choosing papers")
    SCHEDULE = ("timezone", "send_hour", "frequency")
    OTHER = (
        "trend_weight",
        "weekly_day",
        "exploration",
        "catch_up",
        "slow_down",
        "compares",
        "term_plurals",
        "excluded_terms",
        "required_terms",
    )
    LISTS = ("excluded_terms", "required_terms")
    CHOSEN = ("digest_size", "trend_weight", "weekly_day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(TimezoneField, self.fields["timezone"]).keep(self.initial.get("timezone", "UTC"))
        for name in self.CHOSEN:
            self.fields[name].required = True
        if not settings.SLOW_DOWN_AFTER_DAYS:
            del self.fields["slow_down"]

    def not_here(self) -> wanted.Standing:
        """Return the papers named earlier that are not stored here."""
        return wanted.standing(self.initial["papers"].split())

    def other_settings(self) -> dict[str, Any]:
        shown = {name: self.cleaned_data[name] for name in self.OTHER if name in self.fields}
        return shown | settings_of(self.cleaned_data)

    @classmethod
    def initial_of(cls, subscriber: Subscriber) -> dict[str, Any]:
        interests = list(subscriber.interests.all())
        return {
            **{name: getattr(subscriber, name) for name in cls.SCHEDULE + cls.OTHER},
            "timezone": subscriber.timezone if is_known(subscriber.timezone) else FALLBACK,
            **{name: "\n".join(getattr(subscriber, name)) for name in cls.LISTS},
            "digest_size": option_of(subscriber),
            "topics": [interest.topic_id for interest in interests if interest.topic_id],
            "text": _lines(interests, InterestKind.TEXT),
            "authors": _lines(interests, InterestKind.AUTHOR),
            "labs": _lines(interests, InterestKind.LAB),
            "papers": "\n".join(_ids(interest for interest in interests if interest.kind == InterestKind.PAPERS)),
        }


class LibraryForm(forms.Form):
    file = forms.FileField(
        error_messages={"required": "Please choose a bibliography first: BibTeX, RIS, PubMed, EndNote or CSL JSON."}
    )

    def clean_file(self) -> "UploadedFile[Any]":
        """Return the file as it is: it is read elsewhere, since that may take long."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(TOO_LARGE)
        return file


class PauseForm(forms.Form):
    until = forms.DateField(required=False)

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until and until <= now().date():
            raise ValidationError("This date is not in the future.")
        return until


def _unread(pieces: Sequence[str]) -> str:
    named = ", ".join(f"“{shortened(piece, 60)}”" for piece in pieces[:PIECES])
    more = f" and {len(pieces) - PIECES} more" if len(pieces) > PIECES else ""
    return f"No arXiv id is in {named}{more}. Ids look like 2406.01234, hep-th/9901001 or arxiv.org/abs/2406.01234."


def _lines(interests: Iterable[Interest], kind: InterestKind) -> str:
    return "\n".join(interest.text for interest in interests if interest.kind == kind)


def _ids(interests: Iterable[Interest]) -> list[str]:
    return [arxiv_id for interest in interests for arxiv_id in interest.arxiv_ids]
