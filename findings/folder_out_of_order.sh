#!/usr/bin/env bash
# kombu's broker in a folder (filesystem://) names each message by the millisecond and a random part, and hands them out by
# name. Messages that one process puts one after the other within a millisecond come out shuffled, though a queue of Redis,
# RabbitMQ or kombu's own memory transport keeps their order.
# Why it matters: this is the broker for a start without services. "Make the row, then tell the worker" or "subscribe, then
# unsubscribe" runs the other way round there, now and then, and never in production, or the reverse.
# What to do: let no task rely on another that was put before it (the database decides), or name the files by a counter.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check kombu==5.7.0
cd "$folder"
mkdir messages control
venv/bin/python -I - <<'PYTHON'
import kombu

FOLDERS = {"data_folder_in": "messages", "data_folder_out": "messages", "control_folder": "control"}
COUNT = 500


def through(url, **options):
    with kombu.Connection(url, transport_options=options) as connection:
        queue = connection.SimpleQueue("digests")
        for number in range(COUNT):
            queue.put(number)
        messages = [queue.get(timeout=5) for _ in range(COUNT)]
        for message in messages:
            message.ack()
        return [message.payload for message in messages]


memory, folder = through("memory://"), through("filesystem://", **FOLDERS)
print("kombu", kombu.__version__)
print("expected:", memory[:20], "…")
print("seen:    ", folder[:20], "…")
print("each message once:", sorted(folder) == memory)
raise SystemExit(not (memory == sorted(memory) == sorted(folder) != folder))
PYTHON
