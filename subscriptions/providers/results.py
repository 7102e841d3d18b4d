"""The outcomes of handing over one mail, sorted by what can be done about them."""

from enum import StrEnum


class SendResult(StrEnum):
    SENT = "sent"
    REFUSED_ADDRESS = "address refused"  # for good, because of the address
    REFUSED_MESSAGE = "message refused"  # for good, because of what is in it
    REFUSED = "refused"  # for good, and not said why: it may be the address, the message or everything that we send
    DEFERRED = "deferred"  # not taken now, because of the address
    NOT_ACCEPTED = "not accepted"  # certainly not taken
    THROTTLED = "throttled"  # not taken, because too much was sent
    MISCONFIGURED = "misconfigured"  # nothing will be taken until somebody mends a setting
    AMBIGUOUS = "ambiguous"  # perhaps taken, perhaps not
    TAKEN_BEFORE = "taken before"  # an earlier attempt at the same mail was taken, as its key tells
    RUNNING = "running"  # an earlier attempt at it is still being worked on
    LOST = "lost"  # perhaps taken at an earlier attempt, and another one may be a second copy
