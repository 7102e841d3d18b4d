"""What the desk of an edition says of what curators did."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from papers.models import Decision


def did(decision: Decision) -> str:
    """Say who did what and when: 'clara: featured (09:12 UTC).'"""
    who = decision.by.get_username() if decision.by else "Somebody"
    return f"{who}: {decision.get_verb_display().rstrip('.').lower()} ({decision.at:%H:%M} UTC)."


def meanwhile(decision: Decision | None, user: AbstractBaseUser | AnonymousUser) -> str:
    """Say why nothing was done: what somebody decided about the paper since its page was shown."""
    if decision is None:
        return "Nothing was done: the paper was changed meanwhile. Look at it again, and then decide."
    if decision.undone_at:
        by, moment, what = decision.undone_by, decision.undone_at, f"undid “{_what(decision)}”"
    else:
        by, moment, what = decision.by, decision.at, f"decided “{_what(decision)}”"
    who = "you" if by and by.pk == user.pk else by.get_username() if by else "somebody"
    return f"Nothing was done: {who} {what} about this paper at {moment:%H:%M} UTC. Look again, and then decide."


def _what(decision: Decision) -> str:
    return decision.get_verb_display().rstrip(".").lower()
