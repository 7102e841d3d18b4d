from __future__ import annotations

from django.db import models

from subscriptions.handles import new_handle
from subscriptions.models.people import Subscriber


class PrivateFeed(models.Model):
    """The secret address at which a reader's digests and saved papers are a feed; with another handle it is another."""

    handle = models.BinaryField(max_length=16, unique=True, default=new_handle, editable=False)
    subscriber = models.OneToOneField(Subscriber, on_delete=models.CASCADE, related_name="private_feed")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.subscriber_id}: made on {self.made_at:%Y-%m-%d}"
