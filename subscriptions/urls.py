from django.conf import settings
from django.urls import path

from subscriptions import account_views, development, views

urlpatterns = [
    path("subscribe/", views.subscribe, name="subscribe"),
    path("subscribe/done/", views.subscribed, name="subscribed"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("preferences/<str:token>/", views.preferences, name="preferences"),
    path("preferences/<str:token>/pause/", views.pause, name="pause"),
    path("preferences/<str:token>/resume/", views.resume, name="resume"),
    path("preferences/<str:token>/forget/", views.forget, name="forget"),
    path("preferences/<str:token>/mute/", views.mute, name="mute"),
    path("preferences/<str:token>/library/", views.library, name="library"),
    path("preferences/<str:token>/address/", account_views.change_address, name="change_address"),
    path("preferences/<str:token>/export/", account_views.export, name="export"),
    path("preferences/<str:token>/erase/", account_views.erase, name="erase"),
    path("erased/", account_views.erased, name="erased"),
    path("address/<str:token>/", account_views.new_address, name="new_address"),
    path("digests/<str:token>/", views.digest, name="digest"),
    # Short and without a trailing slash: it stands in a header of 76 characters and must never be redirected.
    path("u/<str:token>", views.unsubscribe, name="unsubscribe"),
]
if settings.DEBUG:
    urlpatterns += [
        path("preferences/<str:token>/send-now/", development.send_now, name="send_now"),
        path("mailbox/", development.mailbox_list, name="mailbox"),
        path("mailbox/<str:name>/", development.mailbox_mail, name="mailbox_mail"),
        path("mailbox/<str:name>/html/", development.mailbox_html, name="mailbox_html"),
    ]
