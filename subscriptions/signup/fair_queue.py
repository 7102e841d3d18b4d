"""The queue of sign-ups, shared fairly among networks: one that sends many waits longer, and keeps nobody else out.

Forms with a proof of work and forms without one wait in two queues of their own, so that the latter never take the
room of the former. A wide network is the /48 of an IPv6 address or the /24 of an IPv4 address: what one visitor can
have many of for little money.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Sum

from subscriptions.limits import client_address, rate_buckets
from subscriptions.models import RateBucket, SignUp

HOURS_AHEAD = 24
FIRST_FEW = 3  # forms of a network that has sent none yet: nobody's flood is in their way
WIDE = 3  # a wide network has so many times the share of a narrow one: people of a provider or a campus share it


@dataclass(frozen=True, slots=True)
class NetworkKeys:
    """Keyed hashes of a client's network, and of the wide network around it."""

    narrow: str
    wide: str

    @classmethod
    def of(cls, network: str) -> "NetworkKeys":
        return cls(
            rate_buckets.secret_key("network", network),
            rate_buckets.secret_key("wide network", client_address.wider(network)),
        )

    def shares(self, proven: bool) -> list[tuple[str, int]]:
        """Return the hour's allowances that its forms use, the narrow one first."""
        own = settings.SIGN_UPS_PER_NETWORK
        return [*_shares(self.narrow, own, proven), *_shares(self.wide, own * WIDE, proven)]


def _shares(key: str, limit: int, proven: bool) -> list[tuple[str, int]]:
    return [(key, limit), *([] if proven else [(without_proof(key), part_without_proof(limit))])]


def without_proof(key: str) -> str:
    return f"{key}, without proof"


def part_without_proof(limit: int) -> int:
    """Return how much of an allowance is for those without a proof: the same part as of the site's, rounded up."""
    return -(-limit * settings.SIGN_UPS_WITHOUT_PROOF // settings.SIGN_UPS_PER_HOUR)


def length(proven: bool) -> int:
    """Return how many forms may wait: as many as can be mailed within a day."""
    return HOURS_AHEAD * max(1, settings.SIGN_UPS_PER_HOUR if proven else settings.SIGN_UPS_WITHOUT_PROOF)


def make_room(keys: NetworkKeys, proven: bool) -> bool:
    """Tell whether one more form of this network may wait; in a full queue the heaviest network loses its newest form.

    That form is the one whose turn would come last, and never one with a proof. Where all wait with a proof, a network
    that has hardly sent any is let in all the same, up to twice the length.
    """
    queue = SignUp.objects.filter(proven=proven)
    of_wide = queue.filter(wide_network_key=keys.wide).count()
    if of_wide >= _share_of_queue(WIDE, proven):
        return False
    if queue.filter(network_key=keys.narrow).count() >= _share_of_queue(1, proven):
        return False
    waiting = queue.count()
    if waiting < length(proven):
        return True
    if proven:
        return of_wide < FIRST_FEW and waiting < 2 * length(proven)
    return _drop_one_of_the_heaviest(lighter_by_far=of_wide + 1)


def _share_of_queue(networks: int, proven: bool) -> int:
    limit = networks * settings.SIGN_UPS_PER_NETWORK
    return HOURS_AHEAD * max(1, limit if proven else part_without_proof(limit))


def _drop_one_of_the_heaviest(lighter_by_far: int) -> bool:
    heaviest = SignUp.objects.without_proof().by_network().first()
    if heaviest is None or heaviest[1] <= max(lighter_by_far, FIRST_FEW):
        return False
    of_it = SignUp.objects.without_proof().filter(wide_network_key=heaviest[0])
    newest = of_it.order_by("-pk").values_list("pk", flat=True).first()
    return bool(newest and SignUp.objects.filter(pk=newest).delete()[0])


@dataclass(frozen=True, slots=True)
class Turn:
    """A form whose turn it is, and its number within its wide network and a day, from 0."""

    sign_up: SignUp
    number: int


def turns(now: datetime) -> list[Turn]:
    """Return all forms that are due: those with a proof first, then round and round the networks.

    A network that was mailed before within a day comes after those that were mailed less, and within a wide network
    its narrow ones take turns. The wishes of a form are not loaded.
    """
    due = SignUp.objects.due(now).order_by("pk")
    known = list(due.only("pk", "email", "network_key", "wide_network_key", "proven"))
    mailed = _mailed_within_a_day({sign_up.wide_network_key for sign_up in known}, now)
    proven = _in_turn([sign_up for sign_up in known if sign_up.proven], mailed)
    return proven + _in_turn([sign_up for sign_up in known if not sign_up.proven], mailed)


def _in_turn(sign_ups: Iterable[SignUp], mailed: Mapping[str, int]) -> list[Turn]:
    """Sort by how often the network has had its turn before; a tie goes to the earlier form."""
    seen: Counter[str] = Counter()
    numbered = []
    for sign_up in sign_ups:
        numbered.append((seen[sign_up.network_key], sign_up))
        seen[sign_up.network_key] += 1
    of_wide = Counter(mailed)
    turns = []
    for _, sign_up in sorted(numbered, key=lambda pair: (pair[0], pair[1].pk)):
        turns.append(Turn(sign_up, of_wide[sign_up.wide_network_key]))
        of_wide[sign_up.wide_network_key] += 1
    return sorted(turns, key=lambda turn: (turn.number, turn.sign_up.pk))


def _mailed_within_a_day(keys: Iterable[str], now: datetime) -> dict[str, int]:
    used = RateBucket.objects.filter(key__in=keys, window__gt=now - rate_buckets.DAY, window__lte=now)
    return dict(used.values_list("key").annotate(Sum("used")).values_list("key", "used__sum"))
