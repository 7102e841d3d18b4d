#!/usr/bin/env bash
# Celery's crontab compares times of the wall clock. In the night in which clocks are put back the hour from 2 to 3 comes
# twice, and nothing is due in its second pass: crontab(minute="*/30") rests for an hour and a half, crontab() that is due
# each minute for an hour and a minute. Only with a time zone that has such nights, and only in that night.
# Why it matters: what watches the task raises an alarm once a year; mail that the tick would have planned, or a lease
# that it would have given back, waits an hour; and a test in UTC never sees it.
# What to do: let beat go by UTC (timezone = "UTC") and keep people's clocks out of schedules, in the rows of a database.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check celery==5.7.0 kombu==5.7.0 tzdata==2026.6
cd "$folder"
venv/bin/python -I - <<'PYTHON'
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import celery
from celery.schedules import crontab

MINUTE = timedelta(minutes=1)


def longest_rest(zone, every):
    """Ask each minute from midnight to six, as beat does, and take the longest time between two runs."""
    app = celery.Celery(broker="memory://")
    app.conf.timezone = zone
    now = datetime(2027, 10, 30, 22, tzinfo=UTC)
    runs, schedule = [now], crontab(minute=every, app=app, nowfun=lambda: now.astimezone(ZoneInfo(zone)))
    for _ in range(6 * 60):
        now += MINUTE
        if schedule.is_due(runs[-1].astimezone(ZoneInfo(zone))).is_due:
            runs.append(now)
    return max(later - sooner for sooner, later in pairwise(runs)) // MINUTE


seen = {(zone, every): longest_rest(zone, every) for zone in ("UTC", "Europe/Berlin") for every in ("*/30", "*")}
print("celery", celery.__version__)
print("expected: no rest longer than 30 minutes and 1 minute, for */30 and *")
for (zone, every), minutes in seen.items():
    print(f"seen, {zone:13} {every:4}: {minutes} minutes")
raise SystemExit([*seen.values()] != [30, 1, 90, 61])
PYTHON
