"""What follows a name and is none: the "Jr." of "Bo Ek, Jr."."""

_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


def is_suffix(word: str) -> bool:
    return word.lower().removesuffix(".") in _SUFFIXES
