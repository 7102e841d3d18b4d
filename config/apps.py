from django.contrib.admin.apps import AdminConfig


class StaffAdmin(AdminConfig):
    """Django's admin, with our way in."""

    default_site = "subscriptions.staff.site.StaffSite"
