"""Bibliographies as programs export them and people mend them, from bytes to entries.

All that is here is pure and knows neither Django nor the database: it runs in a process of its own, since the files
come from strangers.
"""
