"""Stored papers by somebody, for them to tick their own."""

from recommender.search.authored import authored

__all__ = ["authored"]
