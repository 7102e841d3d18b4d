"""What the fields of a bibliography's entry mean, in whatever place and form programs and people write it.

Pure functions from text to text. Fields have BibTeX's names in lower case, and all their values in the file's order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

Fields = Mapping[str, Sequence[str]]


def values(fields: Fields, places: Iterable[str]) -> Iterator[str]:
    """Yield every value of these fields that is not empty, field by field."""
    return (value for place in places for value in fields.get(place, ()) if value.strip())
