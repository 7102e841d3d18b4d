"""arXiv's sets for OAI-PMH: `group`, `group:archive` or `group:archive:CATEGORY`."""

import re
from collections.abc import Iterable

from papers.arxiv.archives import field_of
from papers.sources import reading

SET = re.compile(r"(?P<group>[a-z]+(?:-[a-z]+)?)(:[a-z]+(-[a-z]+)?(:[A-Za-z-]{2,20})?)?")
GROUPS = frozenset({"cs", "econ", "eess", "math", "physics", "q-bio", "q-fin", "stat"})
WRITTEN = "a set is written like cs, physics:hep-th or cs:cs:LG"


def check(text: str) -> str:
    """Return text, where it is a set; raise ValueError, which says how one is written."""
    if is_set(text):
        return text
    meant = set_of(text) if reading.CATEGORY.fullmatch(text) else ""
    raise ValueError(f"{text!r} is no set of arXiv's: " + (f"write {meant}" if is_set(meant) else WRITTEN))


def is_set(text: str) -> bool:
    match = SET.fullmatch(text)
    return match is not None and match["group"] in GROUPS


def set_of(category: str) -> str:
    """Return the set of a category or archive: cs → cs, quant-ph → physics:quant-ph, cs.LG → cs:cs:LG."""
    archive, _, subject = category.partition(".")
    group = field_of(archive)
    if subject:
        return f"{group}:{archive}:{subject}"
    # The group of physics has many archives, one of which is called physics too.
    return group if group == archive != "physics" else f"{group}:{archive}"


def sets_of(categories: Iterable[str]) -> tuple[str, ...]:
    """Return the sets of these categories and archives, none of which is a part of another one."""
    sets = dict.fromkeys(map(set_of, categories))
    return tuple(name for name in sets if not any(name.startswith(f"{other}:") for other in sets))
