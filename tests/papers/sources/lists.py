"""Hugging Face's daily lists as they are served, written for the tests."""

import json
from datetime import date


def item(number: int = 1, top: dict[str, object] | None = None, **paper: object) -> dict[str, object]:
    """An item with no more than what has always been there."""
    plain = {
        "id": f"2606.{number:05}",
        "title": "On\n  lists",
        "summary": "One line\nand more.",
        "upvotes": 3,
        "authors": [{"name": "Ann Lee", "hidden": False, "user": {"user": "annlee", "avatarUrl": "/a.svg"}}],
        "publishedAt": "2026-06-28T20:00:00.000Z",
    }
    return {"paper": plain | paper, "title": "On lists", "publishedAt": "2026-06-29T03:00:00.000Z"} | (top or {})


def day(day: date, numbers: range) -> bytes:
    """The whole answer for a day, with everything that is served today; numbers are those of its papers."""
    person = {"_id": "f00d", "avatarUrl": "/avatars/f00d.svg", "fullname": "Reader f00d", "user": "reader-f00d"}
    now_served = {
        "submittedOnDailyAt": f"{day}T00:00:00.000Z",
        "submittedOnDailyBy": person,
        "githubRepo": "https://github.com/lab/lists",
        "githubStars": 12,
        "ai_summary": "It is about lists.",
        "ai_keywords": ["lists"],
    }
    items = [
        item(number, {"numComments": 2}, title=f"List {number}", upvotes=number, **now_served) for number in numbers
    ]
    return json.dumps(items).encode()
