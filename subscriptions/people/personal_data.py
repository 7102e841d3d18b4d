"""What is known of a person by an address and not by their row: the addresses that they proved, and their records."""

from django.db.models import Q, QuerySet

from subscriptions.models import BounceScore, DeliveryEvent, SignUp, Subscriber, Suppression
from subscriptions.people.addresses import address_hash


def addresses_of(subscriber: Subscriber) -> set[str]:
    """Return the present address and the earlier ones, each proved by a link that was sent there."""
    proved = subscriber.consents.filter(confirmed_at__isnull=False).exclude(email="")
    return {subscriber.email, *proved.values_list("email", flat=True)}


def _hashes_of(subscriber: Subscriber) -> set[bytes]:
    """Return the hashes of these addresses, without those that are another subscriber's by now."""
    own = {address_hash(address) for address in addresses_of(subscriber)}
    others = Subscriber.objects.filter(address_hash__in=own).exclude(pk=subscriber.pk)
    return own - {bytes(others_hash) for others_hash in others.values_list("address_hash", flat=True)}


def events_of(subscriber: Subscriber) -> QuerySet[DeliveryEvent]:
    """Return what the provider reported of their mails, also where a report names nothing but an address."""
    by_address = Q(address_hash__in=_hashes_of(subscriber), subscriber__isnull=True)
    return DeliveryEvent.objects.filter(Q(subscriber=subscriber) | Q(digest__subscriber=subscriber) | by_address)


def bounce_scores_of(subscriber: Subscriber) -> QuerySet[BounceScore]:
    return BounceScore.objects.filter(address_hash__in=_hashes_of(subscriber))


def suppressions_of(subscriber: Subscriber) -> QuerySet[Suppression]:
    return Suppression.objects.filter(address_hash__in=_hashes_of(subscriber))


def sign_ups_of(subscriber: Subscriber) -> QuerySet[SignUp]:
    """Return forms with their address that are still to be admitted."""
    return SignUp.objects.filter(email__in=addresses_of(subscriber))
