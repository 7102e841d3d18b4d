from django.conf import settings
from django.contrib import admin
from django.urls import include, path

admin.site.site_header = admin.site.site_title = settings.SITE_NAME
admin.site.index_title = "For curators and operators"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("anymail/", include("subscriptions.webhook_urls")),
    path("", include("papers.urls")),
    path("", include("recommender.urls")),
    path("", include("subscriptions.urls")),
]
