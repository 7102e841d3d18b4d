"""Which text a database can store."""

import re

# NUL is text to SQLite and not to PostgreSQL, half of a surrogate pair is text to neither.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(value: object) -> bool:
    """Tell whether every database can hold value; only text may be what none can."""
    return not (isinstance(value, str) and UNSTORABLE.search(value))
