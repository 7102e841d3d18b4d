"""manage.py second_factor USER [--reset]"""

from argparse import ArgumentParser
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from subscriptions.staff import second_factor

NEXT_TIME = "The next sign-in to the admin with the password enrols a phone."


class Command(BaseCommand):
    help = "Says whether somebody has enrolled a second factor for the admin; forgets it when the phone is lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the name that this person signs in with")
        parser.add_argument("--reset", action="store_true", help="forget phone and recovery codes")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']}. manage.py createsuperuser makes one.")
        if options["reset"]:
            self._reset(user)
        else:
            self._tell(user)

    def _reset(self, user: User) -> None:
        if not second_factor.reset(user):
            self.stdout.write(f"{user} has no second factor. {NEXT_TIME}")
            return
        place = ContentType.objects.get_for_model(User)
        LogEntry.objects.create(
            user=user,
            content_type=place,
            object_id=str(user.pk),
            object_repr=str(user)[:200],
            action_flag=CHANGE,
            change_message="The second factor was reset by manage.py.",
        )
        self.stdout.write(
            f"The second factor of {user} is forgotten, and so is what was signed in with it. {NEXT_TIME}"
        )

    def _tell(self, user: User) -> None:
        state = second_factor.state_of(user)
        if state.enrolled_at is None:
            self.stdout.write(f"{user} has no second factor. {NEXT_TIME}")
            return
        self.stdout.write(
            f"{user} enrolled a phone on {state.enrolled_at:%Y-%m-%d}; recovery codes left: {state.recovery_codes}."
        )
        if state.next_try_at and state.next_try_at > now():
            self.stdout.write(
                f"After {state.wrong_codes} wrong codes in a row the next one is looked at after"
                f" {state.next_try_at:%Y-%m-%d %H:%M:%S} UTC. Whoever types them knows the password: change it."
            )
