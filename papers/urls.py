from django.urls import path

from papers.pages import views

urlpatterns = [
    path("", views.home, name="home"),
    path("papers/<path:identifier>/", views.paper, name="paper"),
    path("topics/", views.topics, name="topics"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("about/", views.about, name="about"),
    path("about/trending/", views.about_trending, name="about_trending"),
    path("robots.txt", views.robots, name="robots"),
]
