"""Stored papers by somebody, for them to tick their own."""

from papers.models import Paper


def authored(name: str, limit: int) -> list[Paper]:
    """Return stored papers that somebody of this name wrote, the newest first."""
    return []
