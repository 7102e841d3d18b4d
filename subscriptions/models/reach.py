from __future__ import annotations

from django.db import models

from papers.models import Edition


class Reach(models.Model):
    """How many readers would be sent each paper of an edition, as counted at a time for some or all of them."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="reach")
    counted_at = models.DateTimeField()
    of = models.BinaryField(max_length=16, help_text="What the candidates were then, to notice that they changed.")
    readers = models.PositiveIntegerField(help_text="Active ones.")
    asked = models.PositiveIntegerField(help_text="Of how many of them the digest was chosen.")
    papers = models.JSONField(default=dict, help_text="By a paper's key, how many of those asked would have it.")

    def __str__(self) -> str:
        return f"{self.edition} among {self.asked} of {self.readers}"

    @property
    def is_sample(self) -> bool:
        return self.asked < self.readers

    def count(self, paper: int) -> int:
        """Return how many readers would have the paper: of all, by the share of those asked where not all were."""
        counted = int(self.papers.get(str(paper), 0))
        return round(counted * self.readers / self.asked) if self.asked else 0
