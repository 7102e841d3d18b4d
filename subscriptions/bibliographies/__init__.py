"""Bibliographies as programs export them: one module a format, from text to entries.

Each has begun(text), which finds where entries begin, and read(text), which yields them. All that is here is pure and
knows neither Django nor the database: it runs in a process of its own, since the files come from strangers.
"""
