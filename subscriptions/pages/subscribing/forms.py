"""The form of `/subscribe/`: interests, what is said of papers in the preview, and at the end an address."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import cached_property

from papers.arxiv import arxiv_ids
from papers.models import Paper
from subscriptions.pages.fields import NAME_LENGTH, IdentifiersField, PeopleField
from subscriptions.pages.forms import InterestsForm, words_hash
from subscriptions.people.addresses import canonical
from subscriptions.people.wishes import LISTS, SETTINGS, Wishes
from subscriptions.signup.form_timer import HURRIED, StampField

FORM_WORDS = (
    "I want to receive an e-mail with research papers chosen for me. "
    "I confirm it by a link in a first mail, and can stop it with one click in every mail."
)
FORM_WORDS_HASH = words_hash(FORM_WORDS)
NO_WISH = (
    "We cannot choose papers yet. Write here what you work on, or tick a topic, or name a paper, a person or a lab."
)
OWN, LESS, LIBRARY = 100, 50, 2_000  # papers that a form can carry
SHOWS = ("show", "not", "find")  # names of buttons that show the page again and sign nobody up
UNSAID = set(SETTINGS) - set(LISTS)  # settings that a form without them leaves as they are
ENTER = "enter"  # the button that the Enter key presses
# A form of the front page brings some fields only; of the others the first option would be chosen, not the usual one.
USUAL = ("timezone", "send_hour", "frequency", "digest_size", "trend_weight", "weekly_day")


def only_shows(posted: QueryDict) -> bool:
    """Tell whether the button that was pressed only shows the page again; Enter signs up once there is an address."""
    return any(name in posted for name in SHOWS) or (ENTER in posted and not posted.get("email"))


class SubscribeForm(InterestsForm):
    own_name = forms.CharField(required=False, widget=forms.TextInput(attrs={"maxlength": NAME_LENGTH}))
    own = IdentifiersField(OWN)  # ticked among the papers of one's name
    less = IdentifiersField(LESS)
    library = IdentifiersField(LIBRARY)
    email = forms.CharField(
        max_length=254,
        error_messages={"required": "Please enter your e-mail address."},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "placeholder": "you@university.edu"}),
    )
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))
    started = StampField()
    altcha = forms.CharField(required=False)
    patience = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict | None = None, *, shows: bool = False, **options: Any) -> None:
        """Take what was posted; shows: it is only to be shown again, so neither address nor haste matters."""
        super().__init__(data, **options)
        self.shows, self.was_tuned = shows, data is not None and "digest_size" in data
        self.fields["email"].required = not shows
        if data is not None:
            self.data = self._completed(data)

    def _completed(self, data: QueryDict) -> QueryDict:
        completed = data.copy()
        completed.setlist("less", [*data.getlist("less"), *data.getlist("not")])
        for name in USUAL:
            if name not in data:
                completed[name] = str(self.get_initial_for_field(self.fields[name], name))
        if not self.was_tuned:
            completed["term_plurals"] = completed["exploration"] = "on"
        return completed

    def clean_own_name(self) -> str:
        """Look at the name only where it is looked for: what stands in its field keeps nobody from signing up."""
        names: list[str] = PeopleField("", "").clean(self.cleaned_data["own_name"]) if "find" in self.data else []
        return names[0] if names else ""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email if self.shows else canonical(email)

    def clean(self) -> None:
        """Refuse a form without a wish; and one at once, or days later: a robot's, or one to be sent again."""
        if self.shows:
            return
        if not self.errors and not self.is_from_a_robot() and not self.wishes().name_interests():
            self.add_error("text", NO_WISH)
        if not self.errors and self.cleaned_data.get("started") is False:
            raise ValidationError(HURRIED)

    def is_from_a_robot(self) -> bool:
        """Tell whether the field `website` is filled in, which people do not see; robots get a polite answer."""
        return bool(self.cleaned_data.get("website"))

    def wishes(self) -> Wishes:
        """Return what is wished for; of the settings nothing if the form had none, so that earlier ones stay."""
        data, wishes = self.cleaned_data, super().wishes()
        own = filter(None, map(arxiv_ids.canonical_id, data.get("own", ())))
        told: dict[str, Any] = {"less": tuple(data.get("less", ())), "library": tuple(data.get("library", ()))}
        if not self.was_tuned:
            told |= dict.fromkeys(UNSAID)
        return replace(wishes, arxiv_ids=tuple(dict.fromkeys([*wishes.arxiv_ids, *own])), **told)

    @property
    def library_ids(self) -> list[str]:
        """Return identifiers of the papers of a library that was read."""
        return list(self.cleaned_data.get("library", ())) if self.is_bound else []

    @cached_property
    def marked(self) -> Mapping[str, list[Paper]]:
        """Return the stored papers that are ticked as one's own, and those of which less is wanted; in one query."""
        ids = {name: self.cleaned_data.get(name, []) if self.is_bound else [] for name in ("own", "less")}
        asked = {identifier for named in ids.values() for identifier in named}
        rows = Paper.objects.filter(identifier__in=asked).only("identifier", "title", "plain_title") if asked else []
        papers = {paper.identifier: paper for paper in rows}
        return {name: [papers[one] for one in named if one in papers] for name, named in ids.items()}
