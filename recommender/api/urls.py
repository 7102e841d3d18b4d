from recommender.api.operations import api

urlpatterns, _, _ = api.urls
