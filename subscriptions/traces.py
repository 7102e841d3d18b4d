"""What is known of a person by an address and not by their row: the addresses they proved, and what those point to."""

from django.db.models import Q, QuerySet

from subscriptions.addresses import address_hash
from subscriptions.models import BounceScore, DeliveryEvent, SignUp, Subscriber, Suppression


def addresses_of(subscriber: Subscriber) -> set[str]:
    """The present address and the earlier ones, each proved by a link that was sent there."""
    proved = subscriber.consents.filter(confirmed_at__isnull=False).exclude(email="")
    return {subscriber.email, *proved.values_list("email", flat=True)}


def hashes_of(subscriber: Subscriber) -> set[bytes]:
    """The hashes of these addresses, without those that are another subscriber's by now."""
    own = {address_hash(address) for address in addresses_of(subscriber)}
    others = Subscriber.objects.filter(address_hash__in=own).exclude(pk=subscriber.pk)
    return own - {bytes(taken) for taken in others.values_list("address_hash", flat=True)}


def events_of(subscriber: Subscriber) -> QuerySet[DeliveryEvent]:
    """What the provider reported of their mails, also where a report names nothing but an address."""
    by_address = Q(address_hash__in=hashes_of(subscriber), subscriber__isnull=True)
    return DeliveryEvent.objects.filter(Q(subscriber=subscriber) | Q(digest__subscriber=subscriber) | by_address)


def bounce_scores_of(subscriber: Subscriber) -> QuerySet[BounceScore]:
    return BounceScore.objects.filter(address_hash__in=hashes_of(subscriber))


def suppressions_of(subscriber: Subscriber) -> QuerySet[Suppression]:
    return Suppression.objects.filter(address_hash__in=hashes_of(subscriber))


def sign_ups_of(subscriber: Subscriber) -> QuerySet[SignUp]:
    """Forms with their address that nobody has looked into yet."""
    return SignUp.objects.filter(email__in=addresses_of(subscriber))
