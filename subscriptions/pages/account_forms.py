"""The form for another address, and the words that are agreed to with it."""

from django import forms
from django.core.exceptions import ValidationError

from subscriptions.pages.forms import words_hash
from subscriptions.people.addresses import canonical

ADDRESS_WORDS = (
    "I want to receive my e-mails with research papers at this address from now on, "
    "and can stop it with one click in every mail."
)
ADDRESS_WORDS_HASH = words_hash(ADDRESS_WORDS)


class AddressForm(forms.Form):
    email = forms.CharField(max_length=254, error_messages={"required": "Please enter the new address."})

    def __init__(self, *args: object, present: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.present = present

    def clean_email(self) -> str:
        email = canonical(self.cleaned_data["email"])
        if email == self.present:
            raise ValidationError("This is the address that your digests go to already.")
        return email
