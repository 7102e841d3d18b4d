from django.urls import path

from recommender.search import views

urlpatterns = [
    path("search/", views.search, name="search"),
]
