from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("anymail/", include("subscriptions.reports.urls")),
    path("", include("papers.urls")),
    path("", include("recommender.urls")),
    path("", include("subscriptions.urls")),
    # The last one, so that no choice of a path takes a page away from readers.
    path(settings.ADMIN_PATH, admin.site.urls),
]
handler400 = "config.web.error_pages.bad_request"
handler403 = "config.web.error_pages.forbidden"
handler404 = "config.web.error_pages.not_found"
handler500 = "config.web.error_pages.broken"
