"""One module per source, all of one shape: NAME, fetch → bytes as served, parse → records; parse knows no network."""

from papers.fetching.errors import SourceError

__all__ = ["SourceError"]
