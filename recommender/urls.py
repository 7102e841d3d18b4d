from django.urls import path

from recommender.api.operations import api
from recommender.api.views import reference
from recommender.search import views

urlpatterns = [
    path("search/", views.search, name="search"),
    path("api/", reference, name="reference"),
    path("api/v1/", api.urls),
]
