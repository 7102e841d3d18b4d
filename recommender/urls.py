from django.urls import path

from recommender import views

urlpatterns = [
    path("search/", views.search, name="search"),
]
