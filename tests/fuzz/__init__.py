"""Requests that nobody sends by mistake: each address of the site, with all that it reads, full of nonsense."""
