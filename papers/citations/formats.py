"""The formats in which papers go into bibliographies, by the suffix of their files."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from papers.citations import bibtex, csl_json, ris
from papers.citations.reference import keys
from papers.models import Paper


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name for people, its media type, and what makes a file of papers in it."""

    name: str
    media_type: str
    write: Callable[[Iterable[Paper]], str]


def _bibtex(papers: Iterable[Paper]) -> str:
    return "\n".join(bibtex.entry(paper, key) for paper, key in keys(papers))


def _ris(papers: Iterable[Paper]) -> str:
    return "\r\n".join(ris.entry(paper, key) for paper, key in keys(papers))


def _csl_json(papers: Iterable[Paper]) -> str:
    return json.dumps([csl_json.item(paper, key) for paper, key in keys(papers)], ensure_ascii=False, indent=1) + "\n"


FORMATS = {
    "bib": Format("BibTeX", "application/x-bibtex; charset=utf-8", _bibtex),
    "ris": Format("RIS", "application/x-research-info-systems; charset=utf-8", _ris),
    "json": Format("CSL-JSON", "application/vnd.citationstyles.csl+json", _csl_json),
}
