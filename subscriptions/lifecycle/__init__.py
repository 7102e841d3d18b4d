"""The only code that changes a subscriber's status: from the sign-up to the last trace."""

from subscriptions.lifecycle.address_changes import (
    CHANGE_WITHIN,
    CHANGES_A_DAY,
    apply_change,
    ask_for_address,
    change_state,
    may_change_address,
)
from subscriptions.lifecycle.erasure import erase, forget_unconfirmed
from subscriptions.lifecycle.sign_ups import (
    CONFIRM_MAILS_EVER,
    CONFIRM_WITHIN,
    confirm,
    consent_state,
    remind,
    sign_up,
    unconfirmed,
)
from subscriptions.lifecycle.standing import (
    change_preferences,
    change_schedule,
    pause,
    resume,
    suppress,
    unsubscribe,
    wake,
)
from subscriptions.wishes import Wishes, replace_interests

__all__ = [
    "CHANGES_A_DAY",
    "CHANGE_WITHIN",
    "CONFIRM_MAILS_EVER",
    "CONFIRM_WITHIN",
    "Wishes",
    "apply_change",
    "ask_for_address",
    "change_preferences",
    "change_schedule",
    "change_state",
    "confirm",
    "consent_state",
    "erase",
    "forget_unconfirmed",
    "may_change_address",
    "pause",
    "remind",
    "replace_interests",
    "resume",
    "sign_up",
    "suppress",
    "unconfirmed",
    "unsubscribe",
    "wake",
]
