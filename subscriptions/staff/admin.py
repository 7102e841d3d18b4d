"""Staff in the admin: who signs in, how often that failed, and what they did."""

from typing import Any

from axes.models import AccessAttempt, AccessLog
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from papers.admin_lists import CountedDeletion
from papers.admin_rights import GuardedAdmin, ReadOnly
from subscriptions.staff.people_admin import ReadOnlyAboutPeople

# Their pages show secrets: a phone is enrolled when its owner signs in, and forgotten by manage.py second_factor.
admin.site.unregister([TOTPDevice, StaticDevice])
admin.site.unregister([User, Group])


class ForSuperusers:
    """Admin for superusers alone: anybody who may change accounts could give themselves every right."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


@admin.register(User)
class StaffUserAdmin(ForSuperusers, CountedDeletion, UserAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    pass


@admin.register(Group)
class StaffGroupAdmin(ForSuperusers, CountedDeletion, GroupAdmin):
    pass


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAboutPeople):
    list_display = ["action_time", "user", "content_type", "object_repr", "action_flag", "change_message"]
    list_filter = ["action_flag", "content_type"]
    list_select_related = ["user", "content_type"]
    date_hierarchy = "action_time"


@admin.register(AccessAttempt)
class AccessAttemptAdmin(ReadOnly, GuardedAdmin):
    list_display = ["attempt_time", "username", "ip_address", "failures_since_start"]
    fields = ["attempt_time", "username", "ip_address", "user_agent", "failures_since_start"]


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnly, GuardedAdmin):
    list_display = ["attempt_time", "username", "ip_address", "logout_time"]
    fields = ["attempt_time", "username", "ip_address", "user_agent", "logout_time"]
    date_hierarchy = "attempt_time"
