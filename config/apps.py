from django.contrib.admin.apps import AdminConfig

from config import sessions


class StaffAdmin(AdminConfig):
    """Django's admin, with our way in."""

    default_site = "subscriptions.staff.site.StaffSite"

    def ready(self) -> None:
        sessions.begin()
        super().ready()
