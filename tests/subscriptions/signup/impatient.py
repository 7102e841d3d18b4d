"""The site's Celery application, by whose broker a message that is not done is given out again after some seconds."""

import os

from config.celery import app

again = {"visibility_timeout": int(os.environ["VISIBILITY_SECONDS"]), "unacked_restore_interval": 1}
app.conf.broker_transport_options = {**app.conf.broker_transport_options, **again}

__all__ = ["app"]
