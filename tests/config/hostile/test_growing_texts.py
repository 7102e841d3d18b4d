"""What reads a stranger's text takes time in proportion to it, and looks at no more of it than it needs."""

import tracemalloc
from collections.abc import Callable

import pytest

from papers.arxiv import arxiv_ids, pasted
from papers.citations.formats import FORMATS
from papers.ingest import identity
from papers.ingest.rewriting import first_new_sentence
from papers.models import Paper
from papers.sources import arxiv_rss
from papers.text import author_lists, people, plain, words
from papers.text.pages import pages
from papers.text.sentences import split
from recommender.embedding import sentences
from recommender.index import stems
from recommender.index.lexical import Read
from recommender.search import queries
from recommender.words import authors, free_text, lexicon, names, phrases, terms, wording
from recommender.words.terms import Texts
from subscriptions.bibliographies import entries
from subscriptions.bibliographies.entries import from_fields
from subscriptions.bibliographies.formats import bibtex, csl_json, ris
from subscriptions.mails import mime, typesetting
from subscriptions.reports import classification, safe_values
from tests.config.hostile.growth import worst

PLACES = ("eprint", "doi", "note", "title")  # the others are read by the rules of these


def _paper_of(text: str) -> Paper:
    return Paper(identifier="2606.00001", title=text, plain_title=text, authors=[text], journal_ref=text[:500])


def _held_against(asked: str, text: str) -> list[bool]:
    pieces = f'"{asked}" title:"{asked}" author:"{asked}" {asked}'
    return [one.is_met_by(Read(1, text, text, [text])) for one in queries.understood(pieces).conditions]


READERS: dict[str, Callable[[str], object]] = {
    "Unicode for TeX": plain.to_unicode,
    "a title's key": plain.title_key,
    "a title that tells a paper": identity.telling_title,
    "surnames": lambda name: identity.surnames([name]),
    "a link": words.web_url,
    "an excerpt": words.excerpt,
    "identifiers in a text": arxiv_ids.find_all,
    "one identifier": arxiv_ids.canonical_id,
    "a feed's authors": lambda name: arxiv_rss.split_authors(name[:200_000], "creator") if len(name) < 900 else None,
    "pasted identifiers": pasted.read,
    "one author each": lambda name: list(author_lists.one_each([name])),
    "a name without asides": people.without_asides,
    "fields of an entry": lambda text: from_fields({place: [text] for place in PLACES}, entries.names(text), 1),
    "commas outside brackets": lambda name: list(author_lists.parts(name)),
    "a paper in bibliographies": lambda text: [form.write([_paper_of(text)]) for form in FORMATS.values()],
    "pages": pages,
    "what an abstract says anew": lambda text: first_new_sentence("What was known before.", text),
    "sentences": split,
    "excerpts of sentences": sentences.excerpts,
    "spellings of a name": names.spellings,
    "a name that was typed": names.typed,
    "several names": names.seem_several,
    "a lab": lambda name: authors.lab_text(name, [name]),
    "words of a term": terms.words_of,
    "words as they are written": lambda text: Texts([text]),
    "a lab that was typed": phrases.words,
    "subjects of a text": free_text.split_text,
    "terms of a text": lexicon.keys,
    "where terms stand": wording.of,
    "stems": lambda text: [stems.stem(word) for word in stems.words(text)],
    "a query": queries.understood,
    "a paper held against a query": lambda asked: _held_against(asked[:400], asked),
    "a text without addresses": safe_values.without_addresses,
    "a report's codes": classification.meaning_of_answer,
    "clean text": typesetting.clean,
    "one line": typesetting.one_line,
    "folded lines": typesetting.wrapped,
    "a shortened text": lambda said: words.shortened(said, 200),
    "a sender's name": mime.sender_name,
    "an entry of BibTeX": lambda text: list(bibtex.read("@misc{a, t=" + text)),
    "a field of BibTeX": lambda text: list(bibtex.read("@misc{a, " + text + "}\n@misc{b, t={x}}")),
    "a record of RIS": lambda text: list(ris.read("TY  - JOUR\nTI  - " + text)),
    "an object of JSON": lambda text: list(csl_json.read('[{"title":' + text)),
}


@pytest.mark.parametrize("reader", sorted(READERS))
def test_it_takes_time_in_proportion_to_the_text(reader: str) -> None:
    assert not worst(READERS[reader])


@pytest.mark.parametrize(
    "reader", ["a title's key", "a title that tells a paper", "spellings of a name", "words of a term"]
)
def test_of_a_text_without_end_only_the_beginning_is_looked_at(reader: str) -> None:
    endless = "ﷺ" * 1_000_000  # each becomes eighteen letters
    tracemalloc.start()
    READERS[reader](endless)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


@pytest.mark.parametrize(
    "cached", [identity.cached_title_key, names.cached_spellings, phrases.cached_words], ids=["titles", "names", "labs"]
)
def test_a_cache_keeps_no_long_key(cached: Callable[..., object]) -> None:
    """Of texts that differ behind what is looked at, one is kept."""
    cached.cache_clear()  # type: ignore[attr-defined]
    for end in ("a", "b"):
        for reader in (identity.telling_title, names.typed, phrases.words):
            reader("long " * 1_000 + end)
    assert cached.cache_info().currsize == 1  # type: ignore[attr-defined]


def test_a_word_without_end_is_a_word_of_the_index() -> None:
    word = "x" * 1_000_000
    assert stems.words(word) == ["x" * stems.LONGEST]
