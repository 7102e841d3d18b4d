"""The site with three more addresses, for tests of the web server: one that takes long, how many do, and what came.

A sign-up or a preview takes as long as its query says.
"""

import json
import time
from typing import Any

from config.wsgi import application as site

TOLD = ("REMOTE_ADDR", "wsgi.url_scheme", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "CONTENT_LENGTH")
hanging: list[dict[str, Any]] = []


def application(environ: dict[str, Any], start_response: Any) -> Any:
    path = environ["PATH_INFO"]
    if path == "/hanging/":
        start_response("200 OK", [])
        return [str(len(hanging)).encode()]
    if path == "/hang/" or (path in ("/subscribe/", "/subscribe/preview/") and environ["QUERY_STRING"]):
        hanging.append(environ)
        time.sleep(float(environ["QUERY_STRING"]))
        hanging.remove(environ)
    elif path != "/environ/":
        return site(environ, start_response)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({name: environ.get(name) for name in TOLD}).encode()]
