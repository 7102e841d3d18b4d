"""Anymail's addresses for what providers report, each behind the guard; those for incoming mail are not served."""

from anymail import urls as anymail_urls
from django.urls import URLPattern

from subscriptions.webhook_guard import guarded

app_name = "anymail"
urlpatterns = [
    URLPattern(pattern.pattern, guarded(pattern.callback.view_class), name=pattern.name)
    for pattern in anymail_urls.urlpatterns
    if "inbound" not in str(pattern.name)
]
