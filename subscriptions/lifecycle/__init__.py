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
from subscriptions.lifecycle.lifting import lift
from subscriptions.lifecycle.moving_back import BACK_WITHIN, back_state, move_back
from subscriptions.lifecycle.own_links import may_ask_for_link, renew_links, send_link
from subscriptions.lifecycle.rhythm import quicken, sign_of_life
from subscriptions.lifecycle.sign_ups import (
    CONFIRM_MAILS_EVER,
    CONFIRM_WITHIN,
    confirm,
    consent_state,
    remind,
    sign_up,
    unconfirmed,
)
from subscriptions.lifecycle.status_changes import (
    change_preferences,
    change_schedule,
    pause,
    resume,
    suppress,
    unsubscribe,
    wake,
)
from subscriptions.people.wishes import Wishes, replace_interests

__all__ = [
    "BACK_WITHIN",
    "CHANGES_A_DAY",
    "CHANGE_WITHIN",
    "CONFIRM_MAILS_EVER",
    "CONFIRM_WITHIN",
    "Wishes",
    "apply_change",
    "ask_for_address",
    "back_state",
    "change_preferences",
    "change_schedule",
    "change_state",
    "confirm",
    "consent_state",
    "erase",
    "forget_unconfirmed",
    "lift",
    "may_ask_for_link",
    "may_change_address",
    "move_back",
    "pause",
    "quicken",
    "remind",
    "renew_links",
    "replace_interests",
    "resume",
    "send_link",
    "sign_of_life",
    "sign_up",
    "suppress",
    "unconfirmed",
    "unsubscribe",
    "wake",
]
