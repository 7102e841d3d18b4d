"""The stored papers by somebody, found by their name."""

from __future__ import annotations

import numpy as np

from papers.models import Paper
from recommender.index import lexical
from recommender.index.layers import Ids, Mask
from recommender.index.words import Words, of_author
from recommender.words import names

MOST_READ = 1_000  # papers, the newest, whose authors are compared with the name


def authored(name: str, limit: int) -> list[Paper]:
    """Return at most limit papers by somebody who may have this name, the newest first, none that was withdrawn."""
    followed = names.typed(name)
    keys = _newest(lexical.current(), followed)
    printed = {paper.key: paper.authors for paper in lexical.read(keys.tolist())}
    mine = [key for key in keys.tolist() if any(_is_one(one, followed) for one in printed.get(key, ()))]
    stored = Paper.objects.filter(withdrawn_on=None).in_bulk(mine[: 2 * limit])
    return [stored[key] for key in mine if key in stored][:limit]


def _is_one(printed: str, followed: tuple[names.Words, ...]) -> bool:
    spelled = names.cached_spellings(printed[: names.LONGEST])
    return any(names.same(one, other) for one in followed for other in spelled)


def _newest(papers: Words, followed: tuple[names.Words, ...]) -> Ids:
    """Return the newest papers with the surname; with the first name as well where the surname is a common one."""
    masks = [np.zeros(len(part.layer.ids), dtype=np.bool_) for part in papers.parts]
    for words in followed:
        found = _either(papers, _forms(words[-1]))
        if len(words) > 1 and sum(int(mask.sum()) for mask in found) > MOST_READ:
            found = [one & other for one, other in zip(found, _either(papers, _forms(words[0])), strict=True)]
        masks = [one | other for one, other in zip(masks, found, strict=True)]
    ids = [part.layer.ids[mask] for part, mask in zip(papers.parts, masks, strict=True)]
    days = [part.layer.days[mask] for part, mask in zip(papers.parts, masks, strict=True)]
    keys = np.concatenate([np.empty(0, dtype=np.int64), *ids])
    order = np.lexsort((-keys, -np.concatenate([np.empty(0, dtype=np.int32), *days])))
    return keys[order][:MOST_READ]


def _forms(word: str) -> set[str]:
    """Return the ways in which the index may have a word: mueller stands there as muller where an ü was printed."""
    return {word, word.replace("ae", "a").replace("oe", "o").replace("ue", "u")}


def _either(papers: Words, words: set[str]) -> list[Mask]:
    found = [papers.marked(of_author(word)) for word in words]
    return [np.logical_or.reduce(masks) for masks in zip(*found, strict=True)]
