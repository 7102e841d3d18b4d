from django.urls import path

from recommender.api import addresses
from recommender.api.views import reference
from recommender.search import feed_views, file_views, views

urlpatterns = [
    path("search/", views.search, name="search"),
    path("search/feed.<slug:form>", feed_views.search, name="search_feed"),
    path("search/list.<slug:suffix>", file_views.search, name="search_file"),
    path("topics/<slug:slug>/list.<slug:suffix>", file_views.topic, name="topic_file"),
    path("topics/<slug:slug>/feed.<slug:form>", feed_views.topic, name="topic_feed"),
    path("api/", reference, name="reference"),
    addresses.when_asked_for("api/v1/"),
]
