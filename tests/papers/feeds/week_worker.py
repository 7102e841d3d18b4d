"""A worker of the scripted week: reads "source moment" a line, ingests, and answers with its greatest memory in MB."""

import os
import resource
import sys
from datetime import datetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from papers.feeds import schedule  # noqa: E402

for line in sys.stdin:
    source, moment = line.split()
    schedule.try_to_ingest(source, datetime.fromisoformat(moment))
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}\n")
    sys.stdout.flush()
