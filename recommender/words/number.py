"""Tell a plural from its singular, and nothing more: a term that hides papers must not hide those of another word.

Stems as the search has them make one of university and universe, of logistics and logistic, of general and generate;
for what is looked for that is help, for what is never shown it is loss. docs/matching.md has the figures.
"""

SHORTEST = 4  # letters of a plural that is no acronym's
_IRREGULAR = """
    analyses:analysis appendices:appendix automata:automaton axes:axis bacteria:bacterium biases:bias buses:bus
    campuses:campus children:child corpora:corpus crises:crisis criteria:criterion diagnoses:diagnosis
    ellipses:ellipsis foci:focus focuses:focus formulae:formula gases:gas genera:genus halves:half helices:helix
    hypotheses:hypothesis indices:index leaves:leaf lemmata:lemma lenses:lens loci:locus matrices:matrix
    maxima:maximum men:man metastases:metastasis mice:mouse minima:minimum momenta:momentum nebulae:nebula
    novae:nova nuclei:nucleus optima:optimum phenomena:phenomenon polyhedra:polyhedron prostheses:prosthesis
    quanta:quantum radii:radius schemata:schema simplices:simplex spectra:spectrum statuses:status
    stimuli:stimulus supernovae:supernova syntheses:synthesis theses:thesis vertices:vertex viruses:virus
    vortices:vortex women:woman
"""
_SINGULAR = """
    alias always atlas bias canvas chaos cosmos diabetes does ethos gas has kubernetes lens mars news pancreas
    perhaps sars series species texas was whereas
"""
_IN_ICS = """
    characteristics clinics comics conics critics cubics diagnostics fabrics heuristics lyrics metrics mosaics
    quadrics rubrics statistics topics
"""
IRREGULAR = dict(pair.split(":") for pair in _IRREGULAR.split())
SINGULAR = frozenset(_SINGULAR.split())  # for all that they end in s
PLURALS: dict[str, list[str]] = {}
for _plural, _its_singular in IRREGULAR.items():
    PLURALS.setdefault(_its_singular, []).append(_plural)
PLURAL_IN_ICS = frozenset(_IN_ICS.split())  # others are fields: dynamics are not what is dynamic
NO_PLURAL = ("ss", "us", "is", "ics")
IN_ES = ("sses", "shes", "ches", "xes", "zzes")


def singular(word: str) -> str:
    """Return one form for a word in small letters and its plural: models and model are model, studies and study study.

    It need not be a word: movie and movies are movy.
    """
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < SHORTEST or not word.isalpha():
        return word
    if word.endswith("s") and _is_plural(word):
        word = word[:-2] if word.endswith(IN_ES) else word[:-1]
    return _without_silent_e(word)


def with_singular(form: str) -> set[str]:
    """Return every word whose singular is this form: what singular does, undone."""
    ends = [form, f"{form}e", *([f"{form[:-1]}ie"] if form.endswith("y") else ())]
    regular = (f"{end}{suffix}" for end in ends for suffix in ("", "s", "es"))
    return {*PLURALS.get(form, ()), *(word for word in regular if singular(word) == form)}


def _is_plural(word: str) -> bool:
    return word in PLURAL_IN_ICS or (word not in SINGULAR and not word.endswith(NO_PLURAL))


def _without_silent_e(word: str) -> str:
    """Bring together what English writes in two ways before an s: study and studie, cach and cache, axe and ax."""
    if word.endswith("ie") and len(word) > SHORTEST:
        return f"{word[:-2]}y"
    return word[:-1] if word.endswith(("che", "she", "xe", "oe")) and len(word) > SHORTEST else word
