from django.urls import path

from papers.citations.formats import FORMATS
from papers.pages import list_views, paper_views, views
from papers.pages.programs import bibliography_files, feed_views, robot_views, unapi

urlpatterns = [
    path("", list_views.home, name="home"),
    path("feed.<slug:form>", feed_views.feed, name="feed"),
    path("list.<slug:suffix>", bibliography_files.of_list, name="list_file"),
    path("field/<slug:field>/list.<slug:suffix>", bibliography_files.of_list, name="field_file"),
    path("unapi", unapi.unapi, name="unapi"),
    path("field/<slug:field>/", list_views.field, name="field"),
    path("field/<slug:field>/feed.<slug:form>", feed_views.feed, name="field_feed"),
    *(
        path(f"papers/<path:identifier>.{suffix}", paper_views.citation, {"suffix": suffix}, name="citation")
        for suffix in FORMATS
    ),
    path("papers/<path:identifier>/card.png", paper_views.share_card, name="share_card"),
    path("papers/<path:identifier>/", paper_views.paper, name="paper"),
    path("topics/", list_views.topics, name="topics"),
    path("topics/<slug:slug>/", list_views.topic, name="topic"),
    path("about/", views.about, name="about"),
    path("about/trending/", views.about_trending, name="about_trending"),
    path("robots.txt", robot_views.robots, name="robots"),
    path("sitemap.xml", robot_views.sitemap, name="sitemap"),
    path("sitemap-lists.xml", robot_views.sitemap_lists, name="sitemap_lists"),
    path("sitemap-papers-<int:number>.xml", robot_views.sitemap_papers, name="sitemap_papers"),
]
