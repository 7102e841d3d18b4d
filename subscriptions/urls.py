from django.conf import settings
from django.urls import path

from subscriptions.development import pages
from subscriptions.pages import account_views, link_views, term_views, views
from subscriptions.pages.desk import feeds, interests, saved, schedule, teaching
from subscriptions.pages.subscribing import views as subscribing

urlpatterns = [
    path("subscribe/", subscribing.subscribe, name="subscribe"),
    path("subscribe/preview/", subscribing.preview, name="subscribe_preview"),
    path("subscribe/library/", subscribing.library, name="subscribe_library"),
    path("subscribe/done/", subscribing.subscribed, name="subscribed"),
    path("confirm/<str:token>/", subscribing.confirm, name="confirm"),
    path("preferences/<str:token>/", interests.preferences, name="preferences"),
    path("preferences/<str:token>/preview/", interests.preview, name="preferences_preview"),
    path("preferences/<str:token>/pause/", schedule.pause, name="pause"),
    path("preferences/<str:token>/rhythm/", schedule.keep_rhythm, name="keep_rhythm"),
    path("preferences/<str:token>/resume/", schedule.resume, name="resume"),
    path("preferences/<str:token>/taught/", teaching.taught, name="taught"),
    path("preferences/<str:token>/forget/", teaching.forget, name="forget"),
    path("preferences/<str:token>/mute/", teaching.mute, name="mute"),
    path("preferences/<str:token>/terms/", term_views.terms, name="terms"),
    path("preferences/<str:token>/library/", teaching.library, name="library"),
    path("preferences/<str:token>/library/state/", teaching.library_state, name="library_state"),
    path("preferences/<str:token>/saved/", saved.saved, name="saved"),
    path("preferences/<str:token>/saved/file/", saved.saved_file, name="saved_file"),
    path("preferences/<str:token>/digests/", schedule.past_digests, name="past_digests"),
    path("preferences/<str:token>/leave/", schedule.leave, name="leave"),
    path("preferences/<str:token>/device/", link_views.device, name="device"),
    path("preferences/<str:token>/feed/", link_views.private_feed, name="private_feed"),
    path("preferences/<str:token>/account/", link_views.account_link, name="account_link"),
    path("link/<str:token>/", link_views.send_link, name="send_link"),
    path("account/<str:token>/", account_views.account, name="account"),
    path("account/<str:token>/address/", account_views.change_address, name="change_address"),
    path("account/<str:token>/export/", account_views.export, name="export"),
    path("account/<str:token>/erase/", account_views.erase, name="erase"),
    path("erased/", account_views.erased, name="erased"),
    path("address/<str:token>/", account_views.new_address, name="new_address"),
    path("address/<str:token>/back/", account_views.move_back, name="move_back"),
    path("own-feed/<str:token>/digests.atom", feeds.digests_atom, name="feed_of_digests"),
    path("own-feed/<str:token>/digests.json", feeds.digests_json, name="feed_of_digests_json"),
    path("own-feed/<str:token>/saved.atom", feeds.saved_atom, name="feed_of_saved"),
    path("own-feed/<str:token>/saved.json", feeds.saved_json, name="feed_of_saved_json"),
    path("digests/<str:token>/", views.digest, name="digest"),
    # Short and without a trailing slash: it stands in a header of 76 characters and must never be redirected.
    path("u/<str:token>", views.unsubscribe, name="unsubscribe"),
]
if settings.DEBUG:
    urlpatterns += [
        path("preferences/<str:token>/send-now/", pages.send_now, name="send_now"),
        path("mailbox/", pages.mailbox_list, name="mailbox"),
        path("mailbox/<str:name>/", pages.mailbox_mail, name="mailbox_mail"),
        path("mailbox/<str:name>/html/", pages.mailbox_html, name="mailbox_html"),
    ]
