"""What all workers of the web server need is loaded once, before they part."""

import json
import os
import subprocess
import sys

import pytest

# The modules that the first form brings in, after what the server does when it starts.
FIRST_FORM = """
import json
import sys
import config.wsgi
from subscriptions import enqueue
from config import gunicorn
gunicorn.on_starting(None)
before = set(sys.modules)
enqueue._send_now("sweep")
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.mark.parametrize("broker", ["", "redis://127.0.0.1:9/0"], ids=["folder", "redis"])
def test_the_first_form_loads_nothing_that_each_worker_would_keep_for_itself(broker: str) -> None:
    environment = {**os.environ, "REDIS_URL": broker, "DJANGO_SETTINGS_MODULE": "config.settings"}
    loaded = subprocess.run(
        [sys.executable, "-c", FIRST_FORM], env=environment, capture_output=True, text=True, check=True
    )
    large = ("redis", "kombu.transport", "config.brokers")
    assert [name for name in json.loads(loaded.stdout) if name.startswith(large)] == []


# The modules that the site's addresses bring in, after what the server does when it starts.
FIRST_REQUESTS = """
import json
import sys
import config.wsgi
from contextlib import suppress
from django.db import DatabaseError
from django.test import RequestFactory
from django.urls import get_resolver
from config import gunicorn
gunicorn.on_starting(None)
before = set(sys.modules)
def load(resolver):
    for part in getattr(resolver, "url_patterns", ()):
        load(part)
load(get_resolver())
from recommender.api.views import reference
with suppress(DatabaseError):  # nothing stands in a database here
    reference(RequestFactory().get("/api/"))
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_the_first_requests_load_nothing_that_each_worker_would_keep_for_itself() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    loaded = subprocess.run(
        [sys.executable, "-c", FIRST_REQUESTS], env=environment, capture_output=True, text=True, check=True
    )
    ours = ("ninja", "pydantic", "config", "papers", "recommender", "subscriptions")
    assert [name for name in json.loads(loaded.stdout) if name.startswith(ours)] == []
