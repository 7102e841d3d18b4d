"""Sign in to the admin: the password, then a code of the phone, or at the first time its enrolment.

Between the two steps the session is nobody's: it only remembers, for ten minutes, whose password was right.
"""

import logging
import time
from datetime import timedelta
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_post_parameters

from papers.shared_clock import now
from subscriptions.staff import second_factor, throttle

logger = logging.getLogger(__name__)
WITHIN = 600  # seconds
WAITING = "signing_in"  # the session's key
BACKEND = "django.contrib.auth.backends.ModelBackend"
FEW_CODES = 4


class Waiting(NamedTuple):
    """The user whose password was right, the page that they wanted, and the secret for a first phone."""

    user: User
    to: str
    secret: str


class CodeInput(forms.TextInput):
    """A field that is empty after a wrong code: the next one is another."""

    def format_value(self, value: Any) -> None:
        return None


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=40,
        widget=CodeInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none"}),
    )


class PasswordView(LoginView):
    """The first step, and the only one where no second factor is asked for."""

    template_name = "admin/login.html"
    authentication_form = AdminAuthenticationForm

    def form_valid(self, form: Any) -> HttpResponse:
        user, to = form.get_user(), self.get_success_url()
        if not settings.ADMIN_SECOND_FACTOR:
            return _admitted(self.request, user, None, redirect(to))
        _wait(self.request, user, to)
        return redirect("admin:sign-in-code" if second_factor.is_enrolled(user) else "admin:sign-in-enrol")

    def form_invalid(self, form: Any) -> HttpResponse:
        known = User.objects.filter(username=form.data.get("username", "")[:150].replace("\0", "")).first()
        logger.warning("A sign-in to the admin has failed: %s.", f"user {known.pk}" if known else "no such user")
        form.fields["username"].widget.attrs.pop("autofocus", None)  # what is wrong has the focus then
        return super().form_invalid(form)


@sensitive_post_parameters("code")
def code_page(request: HttpRequest) -> HttpResponse:
    """Show the second step to a user who has enrolled a phone."""
    waiting = _waiting_for(request)
    if waiting is None:
        return redirect("admin:login")
    if not second_factor.is_enrolled(waiting.user):
        return redirect("admin:sign-in-enrol")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if throttle.is_shut_out(request, waiting.user.username):
        return throttle.locked(request)
    if form.is_valid():
        device = _checked(request, waiting.user, form)
        if device:
            return _admitted(request, waiting.user, device, redirect(waiting.to))
    return _page(request, "admin/sign_in_code.html", {"form": form, "title": "One more step"})


def _checked(request: HttpRequest, user: User, form: CodeForm) -> second_factor.Device | None:
    """Return the device whose code was typed; else the form says what is wrong, and the failure counts."""
    code = form.cleaned_data["code"]
    rests = second_factor.rests_until(user, code)
    if rests and rests > now():
        seconds = int((rests - now()).total_seconds()) + 1
        form.add_error(
            "code", f"After wrong codes the next one is looked at in {seconds} seconds: wait, then type anew."
        )
        return None
    device = second_factor.check(user, code)
    if device is None:
        logger.warning("A second factor was wrong: user %d.", user.pk)
        throttle.count_wrong_code(request, user.username)
        form.add_error("code", "This code is wrong, or was used before. Type the one that your phone shows now.")
    return device


@sensitive_post_parameters("code")
def enrol_page(request: HttpRequest) -> HttpResponse:
    """Show the second step to a user without a phone: scan a picture, prove it by a code, keep the recovery codes."""
    waiting = _waiting_for(request)
    if waiting is None:
        return redirect("admin:login")
    if second_factor.is_enrolled(waiting.user):
        return redirect("admin:sign-in-code")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        enrolled = second_factor.enrol(waiting.user, waiting.secret, form.cleaned_data["code"])
        if enrolled:
            phone, codes = enrolled
            return _admitted(request, waiting.user, phone, _codes_page(request, codes, waiting.to))
        form.add_error("code", "This is not the code of that entry. Scan the picture anew, and type what it shows now.")
    import segno  # rarely wanted

    words = {
        "form": form,
        "title": "A second factor for your account",
        "picture": segno.make(second_factor.for_scanning(waiting.user, waiting.secret), error="m").svg_inline(
            scale=5, dark="#000", light="#fff", svgclass="qr", lineclass=None, title="QR code of the secret"
        ),
        "secret": second_factor.for_typing(waiting.secret),
    }
    return _page(request, "admin/sign_in_enrol.html", words)


def _codes_page(request: HttpRequest, codes: list[str], to: str) -> HttpResponse:
    words = {"codes": codes, "to": to, "title": "Your recovery codes"}
    return _page(request, "admin/sign_in_recovery_codes.html", words)


def _admitted(
    request: HttpRequest, user: User, device: second_factor.Device | None, response: HttpResponse
) -> HttpResponse:
    """Sign the user in, for so many hours at most; the response is the page that comes next."""
    request.session.pop(WAITING, None)
    if device:
        vars(user)["otp_device"] = device  # which django-otp then keeps in the session
    login(request, user, backend=BACKEND)
    request.session.set_expiry(now() + timedelta(hours=settings.ADMIN_SESSION_HOURS))
    throttle.remember_browser(request, response, user.username)
    logger.info("User %d has signed in to the admin.", user.pk)
    codes_left = second_factor.recovery_codes_left(user)
    if device and codes_left < FEW_CODES:
        remedy = f"manage.py second_factor {user.username} --reset lets you enrol anew, with ten new ones."
        messages.warning(request, f"You have {codes_left} recovery codes left: {remedy}")
    return response


def _waiting_for(request: HttpRequest) -> Waiting | None:
    """Return who is between the steps; None after ten minutes, or if password or account changed meanwhile."""
    remembered = request.session.get(WAITING)
    if not remembered or time.time() - remembered["at"] > WITHIN:
        return None
    user = User.objects.filter(pk=remembered["user"], is_active=True, is_staff=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), remembered["hash"]):
        return None
    return Waiting(user, remembered["to"], remembered["secret"])


def _wait(request: HttpRequest, user: User, to: str) -> None:
    """Begin the time between the steps; nothing is left of an earlier session, not even its key."""
    request.session.flush()
    remembered = {"user": user.pk, "hash": user.get_session_auth_hash(), "at": time.time(), "to": to}
    request.session[WAITING] = remembered | {"secret": second_factor.new_secret()}
    request.session.set_expiry(WITHIN)


def _page(request: HttpRequest, template: str, words: dict[str, Any]) -> HttpResponse:
    return render(request, template, admin.site.each_context(request) | words)
