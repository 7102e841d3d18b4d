"""The form of a provider's row: what can be said of a mail provider."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, cast

from subscriptions.providers.answers import Answer, Words, nothing
from subscriptions.providers.results import SendResult
from subscriptions.providers.trials import Trial

if TYPE_CHECKING:
    from subscriptions.providers.heard import Heard


@dataclass(frozen=True, slots=True)
class Key:
    """How a provider knows a second copy: by a key that each attempt at one mail bears."""

    life: timedelta  # for so long a second copy is not delivered
    taken: frozenset[str] = frozenset()  # words of an answer that say: this key came before, and its mail was taken
    running: frozenset[str] = frozenset()  # …: the attempt before is still being worked on

    def judge(self, words: Iterable[str]) -> SendResult | None:
        """Return what became of an earlier attempt under the same key, None if the words say nothing of one."""
        if not self.taken.isdisjoint(words):
            return SendResult.TAKEN_BEFORE
        return SendResult.RUNNING if not self.running.isdisjoint(words) else None


@dataclass(frozen=True, slots=True)
class Signature:
    """What a provider signs its reports with."""

    key: str  # the name in ANYMAIL, behind the provider's own
    is_of_the_body: bool = True  # of the bytes that came; else of something else in the report
    secret_will_do: bool = False  # in its place WEBHOOK_SECRET is enough, as for all that do not sign


@dataclass(frozen=True, slots=True)
class Provider:
    """One row. The name is Anymail's, as it stands in EMAIL_BACKEND and in the webhook's address."""

    name: str
    title: str
    words: Words = nothing  # what tells one refusal from another
    meanings: Mapping[str, SendResult] = field(default_factory=dict)  # of those words
    codes: Mapping[int, SendResult] = field(default_factory=dict)  # of HTTP, where they mean more than usual
    key: Key | None = None
    view: str = ""  # of Anymail, which reads its reports; '' where Anymail hears none
    signature: Signature | None = None  # of its reports
    # By what a report names its mail; where it is none of the others, each mail bears its handle as a tag.
    ties: tuple[str, ...] = ("metadata", "provider id")
    ties_need: str = ""  # what to switch on in the account before a report names its mail
    tracking: str = ""  # how to switch it off in the account, where no message can
    needs: tuple[str, ...] = ()  # names in ANYMAIL, each behind the provider's own, without which there is no sending
    packages: tuple[str, ...] = ()  # modules that Anymail imports for it alone
    ours: tuple[str, ...] = ()  # what each mail says, by the paths at which an extra would replace it (see extras.py)
    keeps_id: Mapping[str, str] = field(default_factory=dict)  # headers with which it lets our Message-ID stand
    own_headers: tuple[str, ...] = ()  # those of ours that it puts its own in place of, all the same
    remark: str = ""  # what else to know before choosing it
    trial: Trial | None = None  # how a mail is tried without a reader
    trial_by_hand: str = ""  # how to try one without a reader, where that takes an account's own key or server
    is_test: tuple[str, ...] = ()  # names in ANYMAIL, likewise, with which nothing that is sent reaches a reader
    avoid: str = ""  # why better not to choose it

    def judge(self, answer: Answer) -> SendResult | None:
        """Return what an answer means here, None where the row says nothing of it.

        A word that only says that it was refused leaves it to the code of HTTP to say why.
        """
        words = list(self.words(answer))
        if self.key and (before := self.key.judge(words)):
            return before
        by_word = next((self.meanings[word] for word in words if word in self.meanings), None)
        if by_word not in (None, SendResult.REFUSED) or answer.status is None:
            return by_word
        return self.codes.get(answer.status, by_word)

    @property
    def heard(self) -> "Heard | None":
        """Return how its reports are heard, as the file of its name in reported/ says; None where it has none.

        It is imported when it is asked for: the settings go by this table before there are models.
        """
        if not self.view:
            return None
        return cast("Heard", import_module(f"subscriptions.providers.reported.{self.name}").HEARD)
