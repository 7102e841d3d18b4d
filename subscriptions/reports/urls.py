"""Where providers report: Anymail's addresses, each behind the guard, but for those that take incoming mail."""

from django.urls import path

from subscriptions.providers import table
from subscriptions.reports.guard import guarded

# Of each provider the class in Anymail's module of its name, and of one the class under its former name.
VIEWS = {row.name: row.view for row in table.ROWS.values() if row.view}
VIEWS["sendinblue"] = "SendinBlueTrackingWebhookView"

app_name = "anymail"
urlpatterns = [
    path(f"{provider}/tracking/", guarded(provider, view), name=f"{provider}_tracking_webhook")
    for provider, view in VIEWS.items()
]
urlpatterns.append(path("mandrill/", guarded("mandrill", VIEWS["mandrill"]), name="mandrill_webhook"))
