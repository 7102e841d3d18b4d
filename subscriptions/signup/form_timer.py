"""The time when a form was shown, signed, in a hidden field: it tells people from programs that fill it in at once."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.signing import BadSignature, Signer

from papers.shared_clock import now

LONGEST = timedelta(days=1)
HURRIED = (
    "Please press the button once more. The form was sent faster than people type, or had been open for very long. "
    "Your answers are still here."
)


class StampField(forms.CharField):
    """Cleans to whether a person may have sent the form: neither at once nor long after it was shown."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput(), initial=_stamp)

    def clean(self, value: Any) -> bool:
        age = _age(value)
        return not settings.SIGN_UP_SECONDS or (age is not None and age >= settings.SIGN_UP_SECONDS)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Keep the stamp of a form that is shown again, so that it passes the next time; a bad one gets a new stamp."""
        return initial if _age(data) is None else data


def _signer() -> Signer:
    return Signer(salt="subscriptions.signup.form_timer")


def _stamp() -> str:
    return _signer().sign(f"{now().timestamp():.1f}")


def _age(stamp: Any) -> float | None:
    """Return seconds; None if the stamp is too old or not ours."""
    try:
        age = now().timestamp() - float(_signer().unsign(str(stamp)))
    except BadSignature:
        return None
    return age if age <= LONGEST.total_seconds() else None
