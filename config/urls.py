from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("anymail/", include("anymail.urls")),
    path("", include("papers.urls")),
    path("", include("recommender.urls")),
    path("", include("subscriptions.urls")),
]
